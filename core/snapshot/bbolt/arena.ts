/** Pieces are aligned to this, as pages are read by words. */
const alignBytes = 16;

/**
 * Memory for what is read together and thrown away together: used again instead of left to the collector, which would let some hundred MiB of
 * read pages stand around before it looks.
 */
export class Arena {
  readonly #chunkBytes: number;
  readonly #chunks: Buffer[] = [];
  #chunk = 0;
  #at = 0;

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
  }

  /** Bytes that are the caller's until `reset`. Pieces larger than a chunk are allocated for themselves, and not kept. */
  take(lengthBytes: number): Buffer {
    if (lengthBytes > this.#chunkBytes) return Buffer.allocUnsafeSlow(lengthBytes);
    if (this.#at + lengthBytes > this.#chunkBytes) {
      this.#chunk += 1;
      this.#at = 0;
    }
    const chunk = (this.#chunks[this.#chunk] ??= Buffer.allocUnsafeSlow(this.#chunkBytes));
    const piece = chunk.subarray(this.#at, this.#at + lengthBytes);
    this.#at += Math.ceil(lengthBytes / alignBytes) * alignBytes;
    return piece;
  }

  /** Everything taken may be overwritten from now on. */
  reset(): void {
    this.#chunk = 0;
    this.#at = 0;
  }
}
