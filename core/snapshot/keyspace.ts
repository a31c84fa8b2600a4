/**
 * etcd's keyspace as it was at a revision. The file keeps revisions in the order in which they were written, so that every reading scans them,
 * the newest first: what is met first of a key is its state. What is kept in memory is the keys that were asked for, without values, and
 * beyond some MiB of them they go to a temporary file in runs.
 */
import { exitCode, Failure } from '../failure.ts';
import type { Database } from './bbolt/database.ts';
import type { Page } from './bbolt/page.ts';
import { scanLeaves } from './bbolt/scan.ts';
import { KeyRun } from './key-run.ts';
import { KeySet } from './key-set.ts';
import { KeyValueParser } from './key-value.ts';
import { RevisionMatch } from './revision-match.ts';
import type { KeyRecord } from './revision-match.ts';
import { revisionKey } from './revision.ts';
import { mergeRuns } from './run-file.ts';
import { SpilledRuns } from './spilled-runs.ts';
import { summarize } from './summary.ts';

export type { KeyRecord } from './revision-match.ts';

export interface KeyspaceOptions {
  readonly database: Database;
  /** Keys that begin with one of these. */
  readonly prefixes: readonly string[];
  /** The state right after this revision; the last one without it. */
  readonly revision?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  /** Keys in memory before they go to disk; tests lower it. */
  readonly runBytes?: number | undefined;
}

/** More would take more memory and no less time: sorting runs over the processor's cache. */
const defaultRunBytes = 4 * 1024 * 1024;

/**
 * The keys that exist at a revision, ascending. Values stay where they are: see `readValue`.
 * @throws {Failure} `revision-compacted`, `revision-future` where the file does not hold that state; `snapshot-damaged`.
 */
export async function* readKeys(options: KeyspaceOptions): AsyncGenerator<KeyRecord, void, undefined> {
  await using spilled = new SpilledRuns();
  const inMemory: KeyRun[] = [];
  for await (const run of readRuns(options))
    if (run.isFull) await spilled.write(run);
    else inMemory.push(run);
  yield* mergeRuns([...spilled.read(), ...inMemory.map((run) => run.sorted())]);
}

/**
 * The states of keys at a revision, deletions among them, as many at a time as there is memory for. The newest come first: what an earlier run says
 * of a key holds. A run is the caller's until it asks for the next; only the last is not full.
 * @throws as `readKeys`.
 */
export async function* readRuns(options: KeyspaceOptions): AsyncGenerator<KeyRun, void, undefined> {
  const { database, prefixes, runBytes = defaultRunBytes } = options;
  const limit = await assertReadable(database, options.revision);
  // Of what was met in earlier runs the older states are met again, and merged away: so memory has a bound, whatever the number of keys.
  const seen = new KeySet();
  const run = new KeyRun(runBytes);
  for await (const record of matches(options, new RevisionMatch({ prefixes, limit, seen }))) {
    run.add(record);
    if (!run.isFull) continue;
    yield run;
    run.clear();
    seen.clear();
  }
  yield run;
}

/**
 * The one of these keys that exists at a revision; undefined where none does. Stops at the first that exists then; of keys of which several
 * exist, that is the one changed last.
 * @throws as `readKeys`.
 */
export async function readKey(options: {
  readonly database: Database;
  readonly keys: readonly string[];
  readonly revision?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: KeyspaceOptions['onProgress'];
}): Promise<KeyRecord | undefined> {
  const { database } = options;
  // Deleted then, though it may have existed before: its older revisions do not count.
  const open = new Set(options.keys);
  const limit = await assertReadable(database, options.revision);
  const match = new RevisionMatch({ prefixes: options.keys, limit });
  for await (const record of matches(options, match)) {
    if (!open.has(record.key)) continue;
    if (record.version > 0) return record;
    open.delete(record.key);
    if (open.size === 0) return undefined;
  }
  return undefined;
}

/** The value of a key that was read. */
export async function readValue(database: Database, record: KeyRecord): Promise<Buffer> {
  const keys = await database.bucket('key');
  const found = await keys?.find(revisionKey(record.modRevision, record.sub));
  const parser = new KeyValueParser();
  if (
    found === undefined ||
    !parser.parse(found.page.bytes, found.page.keyEnd(found.first), found.page.valueEnd(found.first))
  )
    throw new Error(`revision ${record.modRevision} was there a moment ago`);
  if (found.page.bytes.toString('latin1', parser.keyStart, parser.keyEnd) !== record.key)
    throw found.page.damageAt(found.first, `holds another key than ${JSON.stringify(record.key)}`);
  return found.page.bytes.subarray(parser.valueStart, parser.valueEnd);
}

/** What of the `key` bucket matters, the newest revision first. */
async function* matches(
  { database, signal, onProgress }: Pick<KeyspaceOptions, 'database' | 'signal' | 'onProgress'>,
  match: RevisionMatch,
): AsyncGenerator<KeyRecord, void, undefined> {
  const { pages } = database;
  const keys = await database.bucket('key');
  if (keys === undefined) return;
  const head = Buffer.alloc(longestHeadBytes);
  let pagesDone = 0;
  for await (const leaves of scanLeaves(pages, keys, { reverse: true, heads: match.headBytes > 2 })) {
    signal?.throwIfAborted();
    onProgress?.(pagesDone * pages.meta.pageBytes, database.sizeBytes);
    for (const leaf of leaves) {
      pagesDone += 1 + leaf.overflow;
      let page = leaf;
      for (let index = page.count - 1; index >= 0; index--) {
        if (!page.isWhole) {
          if (await isAnother(page, index)) continue;
          page = await pages.load(page.id, (why) => leaf.damage(0, why));
        }
        const record = match.at(page, index);
        if (record !== undefined) yield record;
      }
    }
  }

  /** Of a page of which only the beginning was read. */
  async function isAnother(page: Page, index: number): Promise<boolean> {
    if (page.holds(index, match.headBytes)) return match.surelyAnother(page.bytes, page.keyEnd(index));
    const [start, keyEnd] = [page.keyStart(index), page.keyEnd(index)];
    const lengthBytes = Math.min(keyEnd + match.headBytes, page.valueEnd(index)) - start;
    if (lengthBytes > longestHeadBytes) return false;
    const bytes = await pages.source.read(page.place.offset + start, lengthBytes, head);
    return lengthBytes > keyEnd - start + 2 && match.surelyAnother(bytes, keyEnd - start);
  }
}

const longestHeadBytes = 4096;

/**
 * What the file still holds: every state from the last compaction on. A compaction that was under way may have taken more away already.
 * @returns the revision to stop at; Infinity for the end.
 */
async function assertReadable(database: Database, revision: number | undefined): Promise<number> {
  if (revision === undefined) return Infinity;
  const { compactedRevision = 0, scheduledCompactRevision = 0, revision: last } = await summarize(database);
  const oldest = Math.max(compactedRevision, scheduledCompactRevision, 1);
  const newest = Math.max(last, compactedRevision);
  const file = database.pages.source.name;
  if (revision < oldest)
    throw new Failure({
      reason: 'revision-compacted',
      what: `${file} no longer holds revision ${revision}`,
      why: `it was compacted at revision ${oldest}${oldest === newest ? ', its last' : `: the states from ${oldest} to ${newest} are there`}`,
      next: `--revision ${oldest}`,
      exit: exitCode.failed,
    });
  if (revision > newest)
    throw new Failure({
      reason: 'revision-future',
      what: `${file} does not hold revision ${revision}`,
      why: `it ends at revision ${newest}`,
      next: `leave out --revision for the newest state`,
      exit: exitCode.failed,
    });
  return revision;
}
