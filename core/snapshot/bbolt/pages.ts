import type { RandomAccess } from '../source.ts';
import { Damage } from './damage.ts';
import type { Meta } from './meta.ts';
import { Page } from './page.ts';
import type { PagePlace } from './page.ts';

/** What the cache of pages may hold. */
const cacheBytes = 8 * 1024 * 1024;
/**
 * A page with its overflow is held whole. bbolt puts at most four elements over the size of a page into one, and etcd takes requests of
 * 1.5 MiB, of some 10 MiB where someone raised that; what claims more is not read into memory.
 */
const largestPageBytes = 64 * 1024 * 1024;

/** Reads pages by their number; trusts nothing that they say. Holds at most some 8 MiB. */
export class Pages {
  readonly source: RandomAccess;
  readonly meta: Meta;
  readonly #cache = new Map<number, Page>();
  #cachedBytes = 0;

  constructor(source: RandomAccess, meta: Meta) {
    this.source = source;
    this.meta = meta;
  }

  offsetOf(page: number): number {
    return page * this.meta.pageBytes;
  }

  /**
   * The branch or leaf page of this number.
   * @param from where the number was found: the place to name when it makes no sense.
   * @throws {Damage}
   */
  async load(page: number, from: (why: string) => Damage): Promise<Page> {
    const cached = this.#cache.get(page);
    if (cached !== undefined) {
      this.#cache.delete(page);
      this.#cache.set(page, cached);
      return cached;
    }
    this.assertInRange(page, from);
    const first = await this.source.read(this.offsetOf(page), this.meta.pageBytes);
    const loaded = await this.parse(page, first);
    this.#keep(loaded);
    return loaded;
  }

  /** Makes a page of its first `pageBytes` bytes, reading its overflow where it has one. The number is in range. */
  async parse(page: number, first: Buffer): Promise<Page> {
    const place = this.placeOf(page);
    const overflow = this.checkedOverflow(page, first, 0);
    if (overflow === 0) return new Page(place, first);
    return new Page(place, await this.source.read(place.offset, (overflow + 1) * this.meta.pageBytes));
  }

  placeOf(page: number): PagePlace {
    return { file: this.source.name, page, offset: this.offsetOf(page) };
  }

  /** Over how many further pages the one whose head lies at `start` goes on: it says its own number, and they lie inside the database. */
  checkedOverflow(page: number, bytes: Buffer, start: number): number {
    const id = bytes.readUInt32LE(start) + bytes.readUInt32LE(start + 4) * 0x1_0000_0000;
    const overflow = bytes.readUInt32LE(start + 12);
    const damage = (at: number, why: string) =>
      new Damage(this.source.name, { page, offset: this.offsetOf(page) + at }, why);
    if (id !== page) throw damage(0, `the page says that it is page ${id}`);
    if (page + overflow >= this.meta.pageCount)
      throw damage(12, `goes on over ${overflow} pages, past the last page ${this.meta.pageCount - 1}`);
    if ((overflow + 1) * this.meta.pageBytes > largestPageBytes)
      throw damage(12, `goes on over ${overflow} pages, more than etcd ever writes in one`);
    return overflow;
  }

  assertInRange(page: number, from: (why: string) => Damage): void {
    if (page < 2 || page >= this.meta.pageCount)
      throw from(`refers to page ${page}; pages are 2 to ${this.meta.pageCount - 1}`);
    if (this.offsetOf(page + 1) > this.source.sizeBytes)
      throw from(`refers to page ${page}, which lies past the end of the file (${this.source.sizeBytes} bytes)`);
  }

  #keep(page: Page): void {
    if (page.bytes.length > cacheBytes / 8) return;
    this.#cache.set(page.id, page);
    this.#cachedBytes += page.bytes.length;
    for (const [id, oldest] of this.#cache) {
      if (this.#cachedBytes <= cacheBytes) return;
      this.#cache.delete(id);
      this.#cachedBytes -= oldest.bytes.length;
    }
  }
}
