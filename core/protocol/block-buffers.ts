/**
 * Buffers that go round, so that a stream of gigabytes makes no garbage: left to the garbage collector, blocks pile up between its rounds
 * and each costs fresh memory from the system. What `next` gave holds until `next` has been called `count` times more.
 */
export class BlockBuffers {
  readonly #count: number;
  readonly #largestBytes: number;
  readonly #buffers: Buffer[] = [];
  #turn = 0;

  constructor(count: number, largestBytes: number) {
    this.#count = count;
    this.#largestBytes = largestBytes;
  }

  /** A buffer of that length, with whatever was in it before. What is little is not made to go round: it would cost a whole block. */
  next(lengthBytes = this.#largestBytes): Buffer {
    if (lengthBytes < this.#largestBytes / 16) return Buffer.allocUnsafe(lengthBytes);
    this.#turn = (this.#turn + 1) % this.#count;
    const buffer = (this.#buffers[this.#turn] ??= Buffer.allocUnsafeSlow(this.#largestBytes));
    return buffer.subarray(0, lengthBytes);
  }
}

/**
 * Gives the memory back at once. V8 collects by the growth of its own heap, and a block of a megabyte is a few hundred bytes there: left to
 * itself it would keep some 60 of them before it looks.
 */
export function letGo({ buffer }: Buffer): void {
  // A small one may be a slice of what Node shares among many.
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}
