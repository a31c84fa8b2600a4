/** What fills a database: by resource and namespace; what lives, what is history, what is free. */
import { checkDatabase } from './bbolt/check.ts';
import { parseKeyName } from './kubernetes/key-name.ts';
import { eachNewestFirst } from './newest-first.ts';
import type { MetRevision, ObjectScanOptions } from './newest-first.ts';
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

/** Scans the database twice: once for its pages, and once newest revision first. @throws {Failure} as `readStatus`. */
export async function readUsage(source: RandomAccess, options: ObjectScanOptions = {}): Promise<Usage> {
  const { signal } = options;
  const database = await openDatabase(source);
  const { pageBytes } = database.meta;
  const progress = (bytes: number) => options.onProgress?.(bytes, 2 * database.sizeBytes);
  const { usedPages, freePages } = await checkDatabase(database, {
    signal,
    onProgress: (pages) => progress(pages * pageBytes),
  });
  const entries = new Map<string, MutableEntry>();
  await eachNewestFirst(database, {
    onRevision: count,
    onProgress: (doneBytes) => progress(usedPages * pageBytes + doneBytes),
    signal,
  });
  await source.assertUnchanged();
  const listed = [...entries.values()].sort((a, b) => b.liveBytes + b.oldBytes - a.liveBytes - a.oldBytes);
  const accounted = listed.reduce((sum, { liveBytes, oldBytes }) => sum + liveBytes + oldBytes, 0);
  return {
    entries: listed,
    databaseBytes: database.sizeBytes,
    pageBytes,
    freeBytes: freePages * pageBytes,
    overheadBytes: Math.max(0, usedPages * pageBytes - accounted),
  };

  function count({ page, index, record, isLive }: MetRevision): void {
    const key = page.bytes.toString('latin1', record.keyStart, record.keyEnd);
    // etcd takes no empty key: it is the mark that a revision bump has left, and nobody's.
    if (key === '') return;
    const entry = entryOf(entries, key, options.etcdPrefix);
    const sizeBytes = page.valueEnd(index) - page.keyStart(index);
    if (isLive) {
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
