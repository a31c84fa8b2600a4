/** All revisions in the file, the newest first: what is met first of a key is the state that a restore brings back. */
import type { Database } from './bbolt/database.ts';
import type { Page } from './bbolt/page.ts';
import { scanLeaves } from './bbolt/scan.ts';
import { KeySet } from './key-set.ts';
import { KeyValueParser } from './key-value.ts';
import { plainBytes } from './revision.ts';

/** How the objects of a snapshot are to be gone through. */
export interface ObjectScanOptions {
  /** The API server's prefix in etcd; default: `/registry`. */
  readonly etcdPrefix?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

/** A revision where it lies. */
export interface MetRevision {
  readonly page: Page;
  readonly index: number;
  /** Of the page's bytes, both. */
  readonly record: KeyValueParser;
  /** It is its key's last, and no deletion. */
  readonly isLive: boolean;
}

/**
 * Calls `onRevision` with every revision. What it is given is its own until it returns. 16 bytes of memory a key.
 * @throws {Failure} `snapshot-damaged`, the signal's reason.
 */
export async function eachNewestFirst(
  database: Database,
  options: {
    readonly onRevision: (met: MetRevision) => void;
    /** Called with the bytes of the leaves gone through. */
    readonly onProgress: (doneBytes: number) => void;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { onRevision, onProgress, signal } = options;
  const keys = await database.bucket('key');
  if (keys === undefined) return;
  const seen = new KeySet();
  const record = new KeyValueParser();
  let doneBytes = 0;
  for await (const leaves of scanLeaves(database.pages, keys, { reverse: true })) {
    signal?.throwIfAborted();
    for (const page of leaves) {
      for (let index = page.count - 1; index >= 0; index--) meet(page, index);
      doneBytes += page.bytes.length;
    }
    onProgress(doneBytes);
  }

  function meet(page: Page, index: number): void {
    const keyEnd = page.keyEnd(index);
    if (!record.parse(page.bytes, keyEnd, page.valueEnd(index))) throw page.damageAt(index, 'its value is no KeyValue');
    const isNewest = seen.add(page.bytes, record.keyStart, record.keyEnd);
    // Behind a deletion nothing of the key lives, whatever is met of it later.
    const isLive = isNewest && keyEnd - page.keyStart(index) === plainBytes;
    onRevision({ page, index, record, isLive });
  }
}
