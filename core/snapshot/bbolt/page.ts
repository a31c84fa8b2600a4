import { Damage } from './damage.ts';
import {
  bucketElementFlag,
  compareRanges,
  elementBytes,
  largestKeyBytes,
  pageFlag,
  pageHeadBytes,
  readPageId,
} from './format.ts';

export interface PageHead {
  readonly id: number;
  readonly flags: number;
  readonly count: number;
  readonly overflow: number;
}

export function readPageHead(view: DataView): PageHead {
  return {
    id: readPageId(view, 0),
    flags: view.getUint16(8, true),
    count: view.getUint16(10, true),
    overflow: view.getUint32(12, true),
  };
}

/** Where a page lies, for messages: an inline bucket's page lies inside the value of another. */
export interface PagePlace {
  readonly file: string;
  readonly page: number;
  /** Of its first byte, from the beginning of the file. */
  readonly offset: number;
}

/**
 * A branch or leaf page in memory, checked when made: every element's key and value lie inside it, one after the other without gaps as bbolt
 * writes them, and the keys ascend. What is read from it afterwards needs no further check.
 */
export class Page {
  readonly place: PagePlace;
  readonly kind: 'branch' | 'leaf';
  readonly count: number;
  readonly overflow: number;
  /** The page as far as it was read: all of it, unless `isWhole` is false. */
  readonly bytes: Buffer;
  readonly isWhole: boolean;
  /** Up to the end of the last element; what follows is unused. */
  readonly usedBytes: number;
  readonly #view: DataView;

  /**
   * @param wholeBytes what the page has, where `bytes` are only its beginning: the table of elements at least. Keys and values may then lie
   * beyond: see `holds`.
   * @throws {Damage} naming the first thing that is wrong.
   */
  constructor(place: PagePlace, bytes: Buffer, wholeBytes = bytes.length) {
    this.place = place;
    this.bytes = bytes;
    this.isWhole = bytes.length === wholeBytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const flags = this.#view.getUint16(8, true);
    const count = this.#view.getUint16(10, true);
    const overflow = this.#view.getUint32(12, true);
    if (flags !== pageFlag.branch && flags !== pageFlag.leaf) throw this.#damage(8, flagsText(flags));
    this.kind = flags === pageFlag.branch ? 'branch' : 'leaf';
    this.count = count;
    this.overflow = overflow;
    if (this.kind === 'branch' && count === 0) throw this.#damage(10, 'a branch without children');
    this.usedBytes = this.#checkElements(wholeBytes);
  }

  get id(): number {
    return this.place.page;
  }

  key(index: number): Buffer {
    return this.bytes.subarray(this.keyStart(index), this.keyEnd(index));
  }

  /** Offset of the key inside `bytes`. */
  keyStart(index: number): number {
    const element = pageHeadBytes + index * elementBytes;
    return element + this.#view.getUint32(this.kind === 'leaf' ? element + 4 : element, true);
  }

  keyEnd(index: number): number {
    return this.keyStart(index) + this.#keyBytes(index);
  }

  /** Of a leaf. */
  value(index: number): Buffer {
    const start = this.keyEnd(index);
    return this.bytes.subarray(start, start + this.#valueBytes(index));
  }

  /** Offset of the end of a leaf's value inside `bytes`; it starts where the key ends. */
  valueEnd(index: number): number {
    return this.keyEnd(index) + this.#valueBytes(index);
  }

  isBucket(index: number): boolean {
    return (this.#view.getUint32(pageHeadBytes + index * elementBytes, true) & bucketElementFlag) !== 0;
  }

  /** Of a branch. */
  child(index: number): number {
    return readPageId(this.#view, pageHeadBytes + index * elementBytes + 8);
  }

  /** The first element whose key is not less than `key`; `count` where there is none. */
  lowerBound(key: Uint8Array): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareRanges(this.bytes, this.keyStart(middle), this.keyEnd(middle), key, 0, key.length) < 0)
        low = middle + 1;
      else high = middle;
    }
    return low;
  }

  hasKey(index: number, key: Uint8Array): boolean {
    return (
      index < this.count &&
      compareRanges(this.bytes, this.keyStart(index), this.keyEnd(index), key, 0, key.length) === 0
    );
  }

  /** How this key and one of another page are ordered; negative when this is the lesser. Both are in memory. */
  compareKey(index: number, other: Page, otherIndex: number): number {
    const [start, otherStart] = [this.keyStart(index), other.keyStart(otherIndex)];
    const [end, otherEnd] = [start + this.#keyBytes(index), otherStart + other.#keyBytes(otherIndex)];
    return compareRanges(this.bytes, start, end, other.bytes, otherStart, otherEnd);
  }

  /** Whether the key and the first `valueBytes` of the value are in memory: always, where the whole page is. */
  holds(index: number, valueBytes: number): boolean {
    return this.isWhole || this.keyEnd(index) + valueBytes <= this.bytes.length;
  }

  /** A Damage at `at` bytes into this page. */
  damage(at: number, why: string): Damage {
    return this.#damage(at, why);
  }

  /** A Damage at an element's entry in the table. */
  damageAt(index: number, why: string): Damage {
    return this.#damage(pageHeadBytes + index * elementBytes, `element ${index}: ${why}`);
  }

  #keyBytes(index: number): number {
    const element = pageHeadBytes + index * elementBytes;
    return this.#view.getUint32(this.kind === 'leaf' ? element + 8 : element + 4, true);
  }

  #valueBytes(index: number): number {
    return this.#view.getUint32(pageHeadBytes + index * elementBytes + 12, true);
  }

  /** One pass in the order of the elements; returns where the last one ends. */
  #checkElements(wholeBytes: number): number {
    const { bytes, count } = this;
    const view = this.#view;
    const leaf = this.kind === 'leaf';
    let end = pageHeadBytes + count * elementBytes;
    if (end > bytes.length) throw this.#damage(10, `${count} elements do not fit in ${bytes.length} bytes`);
    let previousStart = 0;
    let previousEnd = 0;
    for (let index = 0; index < count; index++) {
      const element = pageHeadBytes + index * elementBytes;
      const start = element + view.getUint32(leaf ? element + 4 : element, true);
      const keyBytes = view.getUint32(leaf ? element + 8 : element + 4, true);
      const valueBytes = leaf ? view.getUint32(element + 12, true) : 0;
      if (leaf && view.getUint32(element, true) > bucketElementFlag)
        throw this.damageAt(index, `flags 0x${view.getUint32(element, true).toString(16)}`);
      if (start !== end) throw this.damageAt(index, `begins at ${start}, not at ${end} where the one before ends`);
      if (keyBytes > largestKeyBytes)
        throw this.damageAt(index, `a key of ${keyBytes} bytes; bbolt takes ${largestKeyBytes} at most`);
      end += keyBytes + valueBytes;
      if (end > wholeBytes) throw this.damageAt(index, `ends at ${end}, past the page's ${wholeBytes} bytes`);
      // The order of keys that are not in memory is left to who reads the whole page.
      if (start + keyBytes > bytes.length) continue;
      if (index > 0 && compareRanges(bytes, previousStart, previousEnd, bytes, start, start + keyBytes) >= 0)
        throw this.damageAt(index, 'its key does not follow the one before');
      previousStart = start;
      previousEnd = start + keyBytes;
    }
    return end;
  }

  #damage(at: number, why: string): Damage {
    return new Damage(this.place.file, { page: this.place.page, offset: this.place.offset + at }, why);
  }
}

function flagsText(flags: number): string {
  if (flags === pageFlag.meta) return 'a meta page where a branch or leaf is expected';
  if (flags === pageFlag.freelist) return 'a freelist page where a branch or leaf is expected';
  return `flags 0x${flags.toString(16)} where a branch's or leaf's are expected`;
}
