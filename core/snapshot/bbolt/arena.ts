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
  #takenBytes = 0;

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes;
  }

  /** Since the last reset. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** Bytes that are the caller's until `reset`. */
  take(lengthBytes: number): Buffer {
    const room = (this.#chunks[this.#chunk]?.length ?? this.#chunkBytes) - this.#at;
    if (lengthBytes > room) {
      if (this.#at > 0) this.#chunk += 1;
      this.#at = 0;
    }
    let chunk = this.#chunks[this.#chunk];
    // A chunk that was made larger for one large piece stays so: where there is one, there are more.
    if (chunk === undefined || chunk.length < lengthBytes)
      chunk = this.#chunks[this.#chunk] = Buffer.allocUnsafeSlow(Math.max(lengthBytes, this.#chunkBytes));
    const piece = chunk.subarray(this.#at, this.#at + lengthBytes);
    this.#at += Math.ceil(lengthBytes / alignBytes) * alignBytes;
    this.#takenBytes += lengthBytes;
    return piece;
  }

  /** Everything taken may be overwritten from now on. */
  reset(): void {
    this.#chunk = 0;
    this.#at = 0;
    this.#takenBytes = 0;
  }
}
