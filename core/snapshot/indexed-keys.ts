/** The keyspace's last state by its index, where there is or can be one; older states, small files and everything else by a scan. */
import { Failure } from '../failure.ts';
import { KeyIndex, writeKeyIndex } from './key-index.ts';
import { readKey, readKeys, readRuns } from './keyspace.ts';
import type { KeyRecord, KeyspaceOptions } from './keyspace.ts';

export interface IndexOptions {
  /** Where indexes are kept; none without it. */
  readonly indexDirectory: string | undefined;
  /** What is smaller is scanned. Tests lower it. */
  readonly leastBytes?: number | undefined;
}

/** Scanned in some tenths of a second. */
const defaultLeastBytes = 256 * 1024 * 1024;

/** As `readKeys`; leaves an index behind for those who come after. */
export async function* indexedKeys(
  options: KeyspaceOptions & IndexOptions,
): AsyncGenerator<KeyRecord, void, undefined> {
  await using index = (await openIndex(options)) ?? (await makeIndex(options));
  let last: string | undefined;
  if (index !== undefined)
    try {
      for (const prefix of shortest(options.prefixes))
        for await (const record of index.range(prefix)) {
          last = record.key;
          yield record;
        }
      return;
    } catch (thrown) {
      await giveUp(index, thrown);
    }
  // Both go in the order of keys: what was given is not given again.
  for await (const record of readKeys(options)) if (last === undefined || record.key > last) yield record;
}

/** As `readKey`. Uses an index that is there and makes none: it ends where the key is found. */
export async function indexedKey(
  options: Parameters<typeof readKey>[0] & IndexOptions,
): Promise<KeyRecord | undefined> {
  await using index = await openIndex(options);
  if (index === undefined) return await readKey(options);
  try {
    const found: KeyRecord[] = [];
    for (const key of options.keys) {
      const record = await index.get(key);
      if (record !== undefined) found.push(record);
    }
    return found.sort((a, b) => b.modRevision - a.modRevision || b.sub - a.sub)[0];
  } catch (thrown) {
    await giveUp(index, thrown);
    return await readKey(options);
  }
}

/** An index that cannot be read is no reason to fail: the snapshot itself is there. @throws what has nothing to do with the index. */
async function giveUp(index: KeyIndex, thrown: unknown): Promise<void> {
  if (!(thrown instanceof Failure)) throw thrown;
  await index.remove();
}

/** Ascending; what begins with a longer one begins with the shorter. */
function shortest(prefixes: readonly string[]): string[] {
  const kept: string[] = [];
  for (const prefix of [...prefixes].sort()) {
    const last = kept.at(-1);
    if (last === undefined || !prefix.startsWith(last)) kept.push(prefix);
  }
  return kept;
}

type Wanted = Pick<KeyspaceOptions, 'database' | 'revision' | 'signal' | 'onProgress' | 'runBytes'> & IndexOptions;

function placeOf({ database, revision, indexDirectory, leastBytes = defaultLeastBytes }: Wanted) {
  const { identity } = database.pages.source;
  if (indexDirectory === undefined || identity === undefined || revision !== undefined) return undefined;
  return database.sizeBytes < leastBytes ? undefined : { directory: indexDirectory, identity };
}

async function openIndex(wanted: Wanted): Promise<KeyIndex | undefined> {
  const place = placeOf(wanted);
  return place === undefined ? undefined : await KeyIndex.open(place.directory, place.identity);
}

async function makeIndex(wanted: Wanted): Promise<KeyIndex | undefined> {
  const place = placeOf(wanted);
  if (place === undefined) return undefined;
  const { database, signal, onProgress, runBytes } = wanted;
  const runs = () => readRuns({ database, prefixes: [''], signal, onProgress, runBytes });
  const assertValid = async () => await database.pages.source.assertUnchanged();
  if (!(await writeKeyIndex(place.directory, place.identity, { runs, assertValid }))) return undefined;
  return await KeyIndex.open(place.directory, place.identity);
}
