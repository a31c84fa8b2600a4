/** The keyspace's last state by its index, where there is or can be one; older states, small files and everything else by a scan. */
import { KeyIndex, writeKeyIndex } from './key-index.ts';
import { readKey, readKeys } from './keyspace.ts';
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
  if (index === undefined) {
    yield* readKeys(options);
    return;
  }
  let last: string | undefined;
  for (const prefix of [...options.prefixes].sort()) {
    // What begins with a longer one was given with the shorter.
    if (last !== undefined && prefix.startsWith(last)) continue;
    last = prefix;
    yield* index.range(prefix);
  }
}

/** As `readKey`. Uses an index that is there and makes none: it ends where the key is found. */
export async function indexedKey(
  options: Parameters<typeof readKey>[0] & IndexOptions,
): Promise<KeyRecord | undefined> {
  await using index = await openIndex(options);
  if (index === undefined) return await readKey(options);
  const found: KeyRecord[] = [];
  for (const key of options.keys) {
    const record = await index.get(key);
    if (record !== undefined) found.push(record);
  }
  return found.sort((a, b) => b.modRevision - a.modRevision || b.sub - a.sub)[0];
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
  const records = () => readKeys({ database, prefixes: [''], signal, onProgress, runBytes });
  if (!(await writeKeyIndex(place.directory, place.identity, records))) return undefined;
  return await KeyIndex.open(place.directory, place.identity);
}
