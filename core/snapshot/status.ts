/** What `etcdutl snapshot status` says of a database, to the digit, and what it does not: one scan over all pages in use. */
import { checkDatabase } from './bbolt/check.ts';
import type { Page } from './bbolt/page.ts';
import { Crc32c } from './crc32c.ts';
import { encryptionOf, isEncrypted } from './encryption.ts';
import { KeySet } from './key-set.ts';
import { KeyValueParser } from './key-value.ts';
import { openDatabase } from './open-database.ts';
import type { RandomAccess } from './source.ts';
import { summarize } from './summary.ts';
import type { SnapshotSummary } from './summary.ts';

export interface SnapshotStatus {
  readonly summary: SnapshotSummary;
  /** CRC-32C over the names of all buckets and their keys and values, in order: the hash that etcdutl prints. */
  readonly hash: number;
  /** All entries of all buckets: what etcdutl 3.4 and 3.5 call the total key count. */
  readonly totalEntries: number;
  /** All revisions in the `key` bucket, deletions included. */
  readonly revisions: number;
  /** Distinct keys that exist at the last revision: what etcdutl 3.6 calls the total key count. */
  readonly liveKeys: number;
  readonly leases: number;
  readonly usedPages: number;
  readonly freePages: number;
  /** Values, also of old revisions, by the provider and the key that encrypted them; those that are not encrypted are left out. */
  readonly encryption: readonly {
    readonly provider: string;
    readonly keyName: string | undefined;
    readonly revisions: number;
  }[];
}

export interface StatusOptions {
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Scans the database. @throws {Failure} `not-a-database`, `snapshot-damaged` at the first page that makes no sense, `snapshot-changed`.
 */
export async function readStatus(source: RandomAccess, options: StatusOptions = {}): Promise<SnapshotStatus> {
  const database = await openDatabase(source);
  const summary = await summarize(database);
  const tally = new Tally();
  const checked = await checkDatabase(database, {
    onBucket: (bucket) => tally.bucket(bucket.name),
    onLeaf: (bucket, page) => tally.leaf(bucket.name, page),
    onProgress: (pages) => options.onProgress?.(pages * database.meta.pageBytes, database.sizeBytes),
    signal: options.signal,
  });
  await source.assertUnchanged();
  return {
    summary,
    hash: tally.hash.value,
    totalEntries: checked.buckets.reduce((sum, bucket) => sum + bucket.keys, 0),
    revisions: checked.buckets.find(({ name }) => name === 'key')?.keys ?? 0,
    liveKeys: tally.live.size,
    leases: checked.buckets.find(({ name }) => name === 'lease')?.keys ?? 0,
    usedPages: checked.usedPages,
    freePages: checked.freePages,
    encryption: [...tally.providers.values()],
  };
}

class Tally {
  readonly hash = new Crc32c();
  readonly live = new KeySet();
  readonly providers = new Map<string, { provider: string; keyName: string | undefined; revisions: number }>();
  readonly #parser = new KeyValueParser();

  bucket(name: string): void {
    this.hash.update(Buffer.from(name));
  }

  leaf(bucket: string, page: Page): void {
    if (page.count === 0) return;
    // Keys and values lie one after the other without gaps: the page's check made sure of it.
    this.hash.update(page.bytes, page.keyStart(0), page.usedBytes);
    if (bucket !== 'key') return;
    for (let index = 0; index < page.count; index++) this.#revision(page, index);
  }

  #revision(page: Page, index: number): void {
    const keyEnd = page.keyEnd(index);
    const tombstone = keyEnd - page.keyStart(index) === 18;
    const parser = this.#parser;
    if (!parser.parse(page.bytes, keyEnd, page.valueEnd(index))) throw page.damageAt(index, 'its value is no KeyValue');
    if (tombstone) {
      this.live.delete(page.bytes, parser.keyStart, parser.keyEnd);
      return;
    }
    // `snapshot restore --bump-revision` leaves a key of no bytes, which no client can read.
    if (parser.keyEnd > parser.keyStart) this.live.add(page.bytes, parser.keyStart, parser.keyEnd);
    if (isEncrypted(page.bytes, parser.valueStart, parser.valueEnd))
      this.#provider(page.bytes.subarray(parser.valueStart, parser.valueEnd));
  }

  #provider(value: Buffer): void {
    const encryption = encryptionOf(value);
    if (encryption === undefined) return;
    const { provider, keyName } = encryption;
    const name = `${provider} ${keyName ?? ''}`;
    const known = this.providers.get(name);
    if (known !== undefined) known.revisions += 1;
    else if (this.providers.size < mostProviders) this.providers.set(name, { provider, keyName, revisions: 1 });
  }
}

/** A file may claim any names; no cluster has this many. */
const mostProviders = 1000;
