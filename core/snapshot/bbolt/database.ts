import { Failure } from '../../failure.ts';
import type { RandomAccess } from '../source.ts';
import { Bucket } from './bucket.ts';
import { placeText } from './damage.ts';
import { readMetas } from './meta.ts';
import type { BadMeta, Meta } from './meta.ts';
import { Pages } from './pages.ts';

/**
 * A bbolt database, opened for reading from any random-access source. Pure: knows pages and buckets, nothing of etcd. Holds a few MiB
 * whatever the size of the file; everything that makes no sense is a Damage that names page and offset.
 */
export class Database {
  readonly pages: Pages;
  /** A meta page that cannot be used; the database is read through the other. */
  readonly badMetas: readonly BadMeta[];
  readonly #root: Bucket;
  /** Those that were asked for by name. */
  readonly #buckets = new Map<string, Bucket>();

  /**
   * @throws {Failure} `not-a-database` where neither meta page is one.
   */
  static async open(source: RandomAccess): Promise<Database> {
    const metas = await readMetas(source);
    if (metas.current === undefined) {
      const why = metas.bad.map((bad) => `${placeText(bad)}: ${bad.why}`).join('; ');
      throw new Failure({
        reason: 'not-a-database',
        what: `${source.name} is not a bbolt database`,
        why,
        next: `kubectl etcd snapshot verify ${source.name}`,
      });
    }
    return new Database(new Pages(source, metas.current), metas.bad);
  }

  private constructor(pages: Pages, badMetas: readonly BadMeta[]) {
    this.pages = pages;
    this.badMetas = badMetas;
    this.#root = Bucket.ofRoot(pages);
  }

  get meta(): Meta {
    return this.pages.meta;
  }

  /** The size that the database says it has: bbolt's tx.Size(). The file may be longer (a member's) and must not be shorter. */
  get sizeBytes(): number {
    return this.meta.pageCount * this.meta.pageBytes;
  }

  get root(): Bucket {
    return this.#root;
  }

  async bucket(name: string): Promise<Bucket | undefined> {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const found = await this.#root.find(Buffer.from(name));
    if (found === undefined || !found.page.isBucket(found.first)) return undefined;
    const bucket = Bucket.ofElement(this.pages, found.page, found.first);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  /** All top-level buckets in the order of their names. */
  async *buckets(): AsyncGenerator<Bucket, void, undefined> {
    for await (const { page, first } of this.#root.leaves())
      for (let index = first; index < page.count; index++) {
        if (!page.isBucket(index)) throw page.damageAt(index, 'a value among the buckets');
        yield Bucket.ofElement(this.pages, page, index);
      }
  }
}
