/**
 * etcd's keyspace as it was at a revision. The file keeps revisions in the order in which they were written, so that every reading scans them;
 * what is kept in memory is the keys that were asked for, without values, and beyond some MiB of them they go to a temporary file in sorted
 * runs.
 */
import { exitCode, Failure } from '../failure.ts';
import type { Database } from './bbolt/database.ts';
import type { Page } from './bbolt/page.ts';
import { scanLeaves } from './bbolt/scan.ts';
import { KeyValueParser } from './key-value.ts';
import { parseRevision, revisionKey } from './revision.ts';
import type { Revision } from './revision.ts';
import { SortedRuns } from './sorted-runs.ts';
import { summarize } from './summary.ts';

export interface KeyRecord {
  /** The key's bytes, one character each (latin1): etcd's keys are bytes, Kubernetes' are ASCII. */
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  /** Counts the key's changes since it was created; 0 where it was deleted. */
  readonly version: number;
  /** Hexadecimal, as etcdctl prints it. */
  readonly lease?: string | undefined;
  readonly valueBytes: number;
  /** Names the revision within its transaction, for `readValue`. */
  readonly sub: number;
}

export interface KeyspaceOptions {
  readonly database: Database;
  /** Keys that begin with this. */
  readonly prefix: string;
  /** Of those, the ones wanted; all without it. */
  readonly wanted?: ((key: string) => boolean) | undefined;
  /** The state right after this revision; the last one without it. */
  readonly revision?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Keys in memory before they go to disk; tests lower it. */
  readonly runBytes?: number | undefined;
}

const defaultRunBytes = 24 * 1024 * 1024;

/**
 * The keys that exist at a revision, ascending. Values stay where they are: see `readValue`.
 * @throws {Failure} `revision-compacted`, `revision-future` where the file does not hold that state; `snapshot-damaged`.
 */
export async function* readKeys(options: KeyspaceOptions): AsyncGenerator<KeyRecord, void, undefined> {
  const { database, signal, wanted } = options;
  const limit = await assertReadable(database, options.revision);
  const keys = await database.bucket('key');
  if (keys === undefined) return;
  const match = new RevisionMatch(Buffer.from(options.prefix, 'latin1'), limit);
  await using runs = new SortedRuns<KeyRecord>(options.runBytes ?? defaultRunBytes);
  scan: for await (const leaves of scanLeaves(database.pages, keys, { heads: true })) {
    signal?.throwIfAborted();
    for (const leaf of leaves)
      for (let index = 0, page = leaf; index < page.count; index++) {
        if (!match.canTell(page, index)) page = await wholeLeaf(database, page);
        const record = match.at(page, index);
        if (record === 'later') break scan;
        if (record !== undefined && wanted?.(record.key) !== false) await runs.put(record.key, record);
      }
  }
  for await (const record of runs.sorted()) if (record.version > 0) yield record;
}

/**
 * The one of these keys that exists at a revision; undefined where none does. Looks from the newest revision backwards and stops at the first
 * that exists then; of keys of which several exist, the one changed last.
 * @throws as `readKeys`.
 */
export async function readKey(options: {
  readonly database: Database;
  readonly keys: readonly string[];
  readonly revision?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<KeyRecord | undefined> {
  const { database, signal } = options;
  // Deleted then, though it may have existed before: its older revisions do not count.
  const open = new Set(options.keys);
  const limit = await assertReadable(database, options.revision);
  const keys = await database.bucket('key');
  if (keys === undefined) return undefined;
  const match = new RevisionMatch(Buffer.from(sharedPrefix(options.keys), 'latin1'), limit);
  for await (const leaves of scanLeaves(database.pages, keys, { reverse: true, heads: true })) {
    signal?.throwIfAborted();
    for (const leaf of leaves)
      for (let index = leaf.count - 1, page = leaf; index >= 0; index--) {
        if (!match.canTell(page, index)) page = await wholeLeaf(database, page);
        const record = match.at(page, index);
        if (record === undefined || record === 'later' || !open.has(record.key)) continue;
        if (record.version > 0) return record;
        open.delete(record.key);
        if (open.size === 0) return undefined;
      }
  }
  return undefined;
}

async function wholeLeaf({ pages }: Database, page: Page): Promise<Page> {
  return await pages.load(page.id, (why) => page.damage(0, why));
}

function sharedPrefix([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}

/** The value of a key that `readKeys` gave. */
export async function readValue(database: Database, record: KeyRecord): Promise<Buffer> {
  const keys = await database.bucket('key');
  const found = await keys?.find(revisionKey(record.modRevision, record.sub));
  const parser = new KeyValueParser();
  if (
    found === undefined ||
    !parser.parse(found.page.bytes, found.page.keyEnd(found.first), found.page.valueEnd(found.first))
  )
    throw new Error(`revision ${record.modRevision} was there a moment ago`);
  return found.page.bytes.subarray(parser.valueStart, parser.valueEnd);
}

/**
 * What the file still holds: every state from the last compaction on. A compaction that was under way may have taken more away already.
 * @returns the revision to stop at; undefined for the end.
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
      why: `it was compacted at revision ${oldest}: the states from ${oldest} to ${newest} are there`,
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

/** Tells of each element of the `key` bucket whether it matters, without allocating for those that do not. */
class RevisionMatch {
  readonly #prefix: Buffer;
  readonly #limit: number;
  readonly #parser = new KeyValueParser();

  constructor(prefix: Buffer, limit: number) {
    this.#prefix = prefix;
    this.#limit = limit;
  }

  /** Whether enough of the page is in memory for `at`: what is surely another key needs only its beginning. */
  canTell(page: Page, index: number): boolean {
    if (page.isWhole) return true;
    if (!page.holds(index, this.#prefix.length + 2)) return false;
    return this.#surelyAnother(page.bytes, page.keyEnd(index));
  }

  at(page: Page, index: number): KeyRecord | 'later' | undefined {
    const { bytes } = page;
    const start = page.keyEnd(index);
    const end = page.valueEnd(index);
    if (this.#limit !== Infinity && this.#revision(page, index).main > this.#limit) return 'later';
    if (this.#surelyAnother(bytes, start)) return undefined;
    const parser = this.#parser;
    if (!parser.parse(bytes, start, end)) throw page.damageAt(index, 'its value is no KeyValue');
    if (!this.#begins(bytes, parser.keyStart, parser.keyEnd)) return undefined;
    const { main, sub, tombstone } = this.#revision(page, index);
    const lease = parser.lease(bytes);
    return {
      key: bytes.toString('latin1', parser.keyStart, parser.keyEnd),
      createRevision: parser.createRevision,
      modRevision: main,
      version: tombstone ? 0 : Math.max(1, parser.version),
      valueBytes: parser.valueEnd - parser.valueStart,
      sub,
      ...(lease === undefined ? {} : { lease }),
    };
  }

  #revision(page: Page, index: number): Revision {
    const revision = parseRevision(page.key(index));
    if (revision === undefined) throw page.damageAt(index, `the key ${page.key(index).toString('hex')} is no revision`);
    return revision;
  }

  /** etcd writes the key first: two bytes of head where it is shorter than 128 bytes. Then its last byte already tells most keys apart. */
  #surelyAnother(bytes: Buffer, start: number): boolean {
    const length = bytes[start + 1] ?? 0;
    if (bytes[start] !== 0x0a || length >= 0x80) return false;
    return !this.#begins(bytes, start + 2, start + 2 + length);
  }

  #begins(bytes: Buffer, start: number, end: number): boolean {
    const prefix = this.#prefix;
    if (end - start < prefix.length) return false;
    for (let at = prefix.length - 1; at >= 0; at--) if (bytes[start + at] !== prefix[at]) return false;
    return true;
  }
}
