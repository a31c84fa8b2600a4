import { Bucket } from './bucket.ts';
import { Damage } from './damage.ts';
import type { Database } from './database.ts';
import { largestPageBytes, pageFlag } from './format.ts';
import { checkFreelist } from './freelist.ts';
import { smallestMetaPage } from './meta.ts';
import type { Page } from './page.ts';
import { PageSet } from './page-set.ts';
import { scanLeaves } from './scan.ts';

export interface CheckOptions {
  /** Called with each thing that is wrong; the check goes on. Without it the first is thrown. */
  readonly onDamage?: ((damage: Damage) => void) | undefined;
  /** Called when a bucket begins, in the order of names. */
  readonly onBucket?: ((bucket: Bucket) => void) | undefined;
  /** Called with every leaf of a top-level bucket in the order of keys; the page is the caller's until it returns. */
  readonly onLeaf?: ((bucket: Bucket, page: Page) => void) | undefined;
  /** Called with every branch of a top-level bucket. */
  readonly onBranch?: ((bucket: Bucket, page: Page) => void) | undefined;
  /** Called with the pages met so far, every few hundred. */
  readonly onProgress?: ((pages: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CheckedDatabase {
  /** Branches, leaves with their overflow, freelist and metas. */
  readonly usedPages: number;
  /** All others: their content is history. */
  readonly freePages: number;
  readonly buckets: readonly { readonly name: string; readonly keys: number }[];
}

const zeros = Buffer.alloc(largestPageBytes);
/** In a page's head. */
const freelistCountOffset = 10;
const progressPages = 256;
/** etcd has some fifteen buckets. */
const mostBucketsListed = 1000;

/**
 * Reads every page in use once and checks all that bbolt's format says of them: metas, heads, element tables, the order of keys within and across pages,
 * every reference met once, the freelist against what is in use. Holds one bit a page and some MiB.
 */
export async function checkDatabase(database: Database, options: CheckOptions = {}): Promise<CheckedDatabase> {
  const { pages, meta } = database;
  const onDamage = (damage: Damage) => {
    if (options.onDamage === undefined) throw damage;
    options.onDamage(damage);
  };
  // A truncated or lying file may promise any number of pages: no more than the file can hold are kept account of.
  const countable = Math.min(meta.pageCount, Math.floor(pages.source.sizeBytes / meta.pageBytes));
  const sets = { used: new PageSet(countable), free: new PageSet(countable) };
  await checkMetas(database, sets.used, onDamage);
  const onPage = (bucket: Bucket, page: Page, from: (why: string) => Damage): boolean => {
    options.signal?.throwIfAborted();
    if (sets.used.count % progressPages === 0) options.onProgress?.(sets.used.count);
    if (!markUsed(page, from, { used: sets.used, pageBytes: meta.pageBytes, onDamage })) return false;
    if (page.kind === 'branch') options.onBranch?.(bucket, page);
    return true;
  };
  const scan = (bucket: Bucket) =>
    scanLeaves(pages, bucket, { onDamage, onPage: (page, from) => onPage(bucket, page, from) });
  const listed: { name: string; keys: number }[] = [];
  for await (const roots of scan(database.root))
    for (const names of roots)
      for (let index = 0; index < names.count; index++) {
        const bucket = bucketAt(names, index);
        if (bucket === undefined) continue;
        options.onBucket?.(bucket);
        const keys = await checkBucket(bucket);
        if (listed.length < mostBucketsListed) listed.push({ name: bucket.name, keys });
      }
  await checkFreelist(database, sets, onDamage);
  checkUnreachable(database, sets, onDamage);
  options.onProgress?.(sets.used.count);
  return { usedPages: sets.used.count, freePages: meta.pageCount - sets.used.count, buckets: listed };

  async function checkBucket(bucket: Bucket): Promise<number> {
    let keys = 0;
    for await (const leaves of scan(bucket))
      for (const page of leaves) {
        keys += page.count;
        for (let at = 0; at < page.count; at++)
          if (page.isBucket(at)) onDamage(page.damageAt(at, 'a bucket inside a bucket; etcd has none'));
        options.onLeaf?.(bucket, page);
      }
    return keys;
  }

  function bucketAt(names: Page, index: number): Bucket | undefined {
    try {
      if (!names.isBucket(index)) throw names.damageAt(index, 'a value among the buckets');
      const bucket = Bucket.ofElement(pages, names, index);
      if (bucket.sequence !== 0n)
        throw names.damageAt(
          index,
          `bucket ${JSON.stringify(bucket.name)} has the sequence ${bucket.sequence}; etcd uses none`,
        );
      return bucket;
    } catch (thrown) {
      if (!(thrown instanceof Damage)) throw thrown;
      onDamage(thrown);
      return undefined;
    }
  }
}

function markUsed(
  page: Page,
  from: (why: string) => Damage,
  account: { readonly used: PageSet; readonly pageBytes: number; readonly onDamage: (damage: Damage) => void },
): boolean {
  const { used, pageBytes, onDamage } = account;
  // bbolt allocates what the elements need; older ones a page more when that is a whole number of pages.
  const needed = Math.ceil(page.usedBytes / pageBytes) - 1;
  if (page.overflow !== needed && page.overflow !== Math.floor(page.usedBytes / pageBytes))
    onDamage(page.damage(12, `goes on over ${page.overflow} pages; its elements need ${needed}`));
  // So is what follows them: bbolt writes from zeroed buffers. Anything else means that the last element was longer.
  const rest = page.bytes.length - page.usedBytes;
  if (rest > 0 && rest <= zeros.length && page.bytes.compare(zeros, 0, rest, page.usedBytes) !== 0)
    onDamage(page.damage(page.usedBytes, 'something is written behind the last element'));
  for (let id = page.id; id <= page.id + page.overflow; id++)
    if (!used.add(id)) {
      onDamage(from(`refers to page ${page.id}, of which page ${id} is in use elsewhere`));
      return false;
    }
  return true;
}

/** The metas' heads and what follows them: bbolt writes zeros there. Their content was checked when the database was opened. */
async function checkMetas(database: Database, used: PageSet, onDamage: (damage: Damage) => void): Promise<void> {
  const { pages, meta } = database;
  for (const page of [0, 1]) {
    used.add(page);
    const offset = pages.offsetOf(page);
    const damage = (at: number, why: string) => new Damage(pages.source.name, { page, offset: offset + at }, why);
    const bad = database.badMetas.find((each) => each.page === page);
    if (bad !== undefined) {
      onDamage(damage(bad.offset - offset, bad.why));
      continue;
    }
    const bytes = await pages.source.read(offset, meta.pageBytes);
    if (bytes.readUInt16LE(8) !== pageFlag.meta)
      onDamage(damage(8, `flags 0x${bytes.readUInt16LE(8).toString(16)} are not a meta's`));
    if (bytes.readUInt16LE(10) !== 0) onDamage(damage(10, `a meta with a count of ${bytes.readUInt16LE(10)}`));
    if (bytes.readUInt32LE(12) !== 0) onDamage(damage(12, `a meta that goes on over ${bytes.readUInt32LE(12)} pages`));
    const written = bytes.findIndex((byte, at) => at >= smallestMetaPage && byte !== 0);
    if (written >= 0) onDamage(damage(written, 'something is written behind the meta'));
  }
}

/** With a freelist on disk, every page is in use or free. Without one, what is not in use is free. */
function checkUnreachable(
  database: Database,
  sets: { readonly used: PageSet; readonly free: PageSet },
  onDamage: (damage: Damage) => void,
) {
  const { pages, meta } = database;
  const missing = meta.pageCount - sets.used.count - sets.free.count;
  if (meta.freelist === undefined || missing <= 0) return;
  // Either their count is wrong or what refers to them is gone: both are named.
  const place = { page: meta.freelist, offset: pages.offsetOf(meta.freelist) + freelistCountOffset };
  onDamage(new Damage(pages.source.name, place, `the freelist leaves out ${missing} pages that are not in use`));
  for (let page = 2; page < meta.pageCount; page++) {
    if (sets.used.has(page) || sets.free.has(page)) continue;
    onDamage(
      new Damage(pages.source.name, { page, offset: pages.offsetOf(page) }, 'neither in use nor in the freelist'),
    );
    if (pages.offsetOf(page + 1) > pages.source.sizeBytes) return;
  }
}
