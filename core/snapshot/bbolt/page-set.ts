/** Which pages were met: one bit a page, 32 KiB for each GiB of 4 KiB pages. */
export class PageSet {
  readonly #bits: Uint8Array;
  #count = 0;

  constructor(pageCount: number) {
    this.#bits = new Uint8Array(Math.ceil(pageCount / 8));
  }

  get count(): number {
    return this.#count;
  }

  has(page: number): boolean {
    return ((this.#bits[page >>> 3] ?? 0) & (1 << (page & 7))) !== 0;
  }

  /** Adds a page; false when it was there already. */
  add(page: number): boolean {
    if (this.has(page)) return false;
    this.#bits[page >>> 3] = (this.#bits[page >>> 3] ?? 0) | (1 << (page & 7));
    this.#count += 1;
    return true;
  }
}
