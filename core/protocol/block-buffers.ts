import { open } from 'node:fs/promises';
import { types } from 'node:util';

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
  if (buffer.byteLength > Buffer.poolSize) detach(buffer);
}

function detach(buffer: ArrayBufferLike): void {
  try {
    if (types.isArrayBuffer(buffer)) buffer.transfer(0);
  } catch {
    // What Node shares among many cannot be detached. A stream's iterator copies small chunks that waited into it.
  }
}

/**
 * The chunks of a stream of HTTP/2, whose memory is given back: each holds until the next is asked for. Node cuts chunks out of what it has read from
 * the socket at once, 64 KiB, so when one of another read arrives, the read before is done with. Only for a stream that is alone on its connection:
 * others would lose theirs.
 */
export async function* givingBack(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let before: Buffer | undefined;
  for await (const chunk of chunks) {
    if (before !== undefined && before.buffer !== chunk.buffer) detach(before.buffer);
    before = chunk;
    yield chunk;
  }
}

const pieceBytes = 1024 * 1024;

/** A file from its beginning to its end, in one buffer that is filled again and again: each piece holds until the next is asked for. */
export async function* piecesOf(path: string): AsyncGenerator<Buffer, void, undefined> {
  await using file = await open(path, 'r');
  const buffer = Buffer.allocUnsafeSlow(pieceBytes);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, pieceBytes);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
