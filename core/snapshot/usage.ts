/** What fills a database: by resource and namespace; what lives, what is history, what is free. */
import { checkDatabase } from './bbolt/check.ts';
import type { Page } from './bbolt/page.ts';
import { scanLeaves } from './bbolt/scan.ts';
import { KeySet } from './key-set.ts';
import { KeyValueParser } from './key-value.ts';
import { parseKeyName } from './kubernetes/key-name.ts';
import { openDatabase } from './open-database.ts';
import type { RandomAccess } from './source.ts';

export interface UsageEntry {
  /** The plural (`pods`); for keys that are no object's, the key up to its second slash. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly liveKeys: number;
  readonly liveBytes: number;
  /** Revisions that were overwritten or deleted since, deletions themselves included: what compaction takes away. */
  readonly oldRevisions: number;
  readonly oldBytes: number;
}

export interface Usage {
  /** The largest first. Bytes are those of keys and values as stored, revision included. */
  readonly entries: readonly UsageEntry[];
  readonly databaseBytes: number;
  readonly pageBytes: number;
  /** Free pages: what defragmentation gives back. */
  readonly freeBytes: number;
  /** Pages in use, less what the entries account for: partly filled pages, branches, the other buckets. */
  readonly overheadBytes: number;
}

interface MutableEntry {
  resource: string;
  namespace: string | undefined;
  liveKeys: number;
  liveBytes: number;
  oldRevisions: number;
  oldBytes: number;
}

/** More pairs of resource and namespace than any cluster has are counted together. */
const mostEntries = 100_000;

/** Scans the database twice: once newest revision first, and once for its pages. @throws {Failure} as `readStatus`. */
export async function readUsage(
  source: RandomAccess,
  options: {
    readonly etcdPrefix?: string | undefined;
    readonly signal?: AbortSignal | undefined;
    /** Over both scans. */
    readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  } = {},
): Promise<Usage> {
  const database = await openDatabase(source);
  const { usedPages, freePages } = await checkDatabase(database, {
    signal: options.signal,
    onProgress: (pages) => progress(pages * database.meta.pageBytes),
  });
  let doneBytes = usedPages * database.meta.pageBytes;

  const entries = new Map<string, MutableEntry>();
  const seen = new KeySet();
  const parser = new KeyValueParser();
  const keys = await database.bucket('key');
  if (keys !== undefined)
    for await (const leaves of scanLeaves(database.pages, keys, { reverse: true })) {
      options.signal?.throwIfAborted();
      for (const page of leaves) {
        for (let index = page.count - 1; index >= 0; index--) count(page, index);
        doneBytes += page.bytes.length;
      }
      progress(doneBytes);
    }
  await source.assertUnchanged();
  const listed = [...entries.values()].sort((a, b) => b.liveBytes + b.oldBytes - a.liveBytes - a.oldBytes);
  const accounted = listed.reduce((sum, { liveBytes, oldBytes }) => sum + liveBytes + oldBytes, 0);
  const { pageBytes } = database.meta;
  return {
    entries: listed,
    databaseBytes: database.sizeBytes,
    pageBytes,
    freeBytes: freePages * pageBytes,
    overheadBytes: Math.max(0, usedPages * pageBytes - accounted),
  };

  function progress(bytes: number): void {
    options.onProgress?.(bytes, 2 * database.sizeBytes);
  }

  function count(page: Page, index: number): void {
    const end = page.valueEnd(index);
    if (!parser.parse(page.bytes, page.keyEnd(index), end)) throw page.damageAt(index, 'its value is no KeyValue');
    const key = page.bytes.toString('latin1', parser.keyStart, parser.keyEnd);
    const entry = entryOf(entries, key, options.etcdPrefix);
    const sizeBytes = end - page.keyStart(index);
    const newest = seen.add(page.bytes, parser.keyStart, parser.keyEnd);
    // The newest revision of a key is met first; where it is a deletion, nothing of the key lives.
    if (newest && page.keyEnd(index) - page.keyStart(index) === 17) {
      entry.liveKeys += 1;
      entry.liveBytes += sizeBytes;
    } else {
      entry.oldRevisions += 1;
      entry.oldBytes += sizeBytes;
    }
  }
}

function entryOf(entries: Map<string, MutableEntry>, key: string, etcdPrefix: string | undefined): MutableEntry {
  const name = parseKeyName(key, etcdPrefix);
  const resource = name?.resource ?? key.split('/', 3).join('/').slice(0, 60);
  const id = `${resource}\0${name?.namespace ?? ''}`;
  const known = entries.get(id);
  if (known !== undefined) return known;
  const rest = entries.size >= mostEntries;
  const made = {
    resource: rest ? 'others' : resource,
    namespace: rest ? undefined : name?.namespace,
    liveKeys: 0,
    liveBytes: 0,
    oldRevisions: 0,
    oldBytes: 0,
  };
  const kept = rest ? (entries.get('others') ?? made) : made;
  entries.set(rest ? 'others' : id, kept);
  return kept;
}
