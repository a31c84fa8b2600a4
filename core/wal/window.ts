import type { RandomAccess } from '../snapshot/source.ts';

const windowBytes = 256 * 1024;

/** A file of which one piece is at hand, read from its beginning to its end. */
export class Window {
  readonly sizeBytes: number;
  readonly #source: RandomAccess;
  readonly #buffer = Buffer.allocUnsafe(windowBytes);
  #from = 0;
  #held: Buffer = this.#buffer.subarray(0, 0);

  constructor(source: RandomAccess) {
    this.#source = source;
    this.sizeBytes = source.sizeBytes;
  }

  /** At most as much as is held at once; good until the next call. A range beyond the end is the caller's defect (RangeError). */
  async bytes(offset: number, lengthBytes: number): Promise<Buffer> {
    if (offset < this.#from || offset + lengthBytes > this.#from + this.#held.length) {
      const wanted = Math.max(lengthBytes, Math.min(windowBytes, this.sizeBytes - offset));
      this.#held = await this.#source.read(offset, wanted, this.#buffer);
      this.#from = offset;
    }
    return this.#held.subarray(offset - this.#from, offset - this.#from + lengthBytes);
  }

  /** What there is of so many bytes. */
  async upTo(offset: number, lengthBytes: number): Promise<Buffer> {
    return this.bytes(offset, Math.min(lengthBytes, this.sizeBytes - offset));
  }

  /** A range of any length, piece by piece. */
  async *pieces(offset: number, lengthBytes: number): AsyncGenerator<Buffer, void, undefined> {
    for (let at = 0; at < lengthBytes;) {
      const piece = await this.bytes(offset + at, Math.min(windowBytes, lengthBytes - at));
      yield piece;
      at += piece.length;
    }
  }
}
