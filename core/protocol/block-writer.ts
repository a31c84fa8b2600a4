import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { BufferCollection } from './buffer-collection.ts';
import { blockBytes, blockKind, headBytes } from './block-format.ts';
import type { Compression } from './block-format.ts';
import type { FailureRecord, StreamEnd } from './messages.ts';

const compress = promisify(zstdCompress);
/** Room for the whole result at once where a block shrinks to a quarter: every chunk more is a way to the thread pool and back. */
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 1 }, chunkSize: blockBytes / 4 };
/** A block that keeps more than this share of itself is sent plain: the reader's time is worth more. */
const worthwhileShare = 0.9;
/** After a block that did not shrink, so many are sent untried, twice as many each time, at most this. */
const longestPause = 32;
/** Compressions in flight; the thread pool does them beside the event loop that reads etcd. */
const inFlight = 2;

/**
 * Yields `bytes` as blocks, and at last the end block with what `end` then says. When the source fails, the failure is sent as the last
 * block and the stream ends well: the reader raises it. Holds at most a few blocks.
 */
export async function* writeBlocks(
  bytes: AsyncIterable<Buffer>,
  options: {
    /** `none` also sends every piece as it comes, for what someone watches. */
    readonly compression: Compression;
    readonly end: () => StreamEnd;
    readonly failure: (thrown: unknown) => FailureRecord;
  },
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* options.compression === 'zstd' ? compressed(bytes) : plain(bytes);
    yield* textBlock(blockKind.end, options.end());
  } catch (thrown) {
    yield* textBlock(blockKind.failure, options.failure(thrown));
  }
}

async function* plain(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  for await (const piece of bytes)
    for (let at = 0; at < piece.length; at += blockBytes) {
      const block = piece.subarray(at, at + blockBytes);
      yield head(blockKind.plain, block.length, block.length);
      yield block;
    }
}

async function* compressed(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const packer = new Packer();
  const buffers = new BufferCollection();
  const pending: Promise<Buffer[]>[] = [];
  for await (const block of gather(bytes, packer.emptyBlock)) {
    const packed = packer.pack(block);
    // Awaited below, in order; until then a rejection is nobody's fault yet.
    packed.catch(() => undefined);
    pending.push(packed);
    if (pending.length > inFlight) yield* (await pending.shift()) ?? [];
    buffers.done(block.length);
  }
  for (const packed of pending) yield* await packed;
}

/** Joins what arrives in small pieces into blocks of 1 MiB. */
async function* gather(
  bytes: AsyncIterable<Buffer>,
  emptyBlock: () => Buffer,
): AsyncGenerator<Buffer, void, undefined> {
  let block = emptyBlock();
  let filledBytes = 0;
  for await (const piece of bytes)
    for (let at = 0; at < piece.length;) {
      const copiedBytes = piece.copy(block, filledBytes, at);
      at += copiedBytes;
      filledBytes += copiedBytes;
      if (filledBytes < blockBytes) continue;
      yield block;
      block = emptyBlock();
      filledBytes = 0;
    }
  if (filledBytes > 0) yield block.subarray(0, filledBytes);
}

class Packer {
  #untried = 0;
  #pause = 1;
  /** Blocks that were compressed and can be filled again: left to the garbage collector they would pile up between its rounds. */
  readonly #spare: Buffer[] = [];

  readonly emptyBlock = (): Buffer => this.#spare.pop() ?? Buffer.allocUnsafeSlow(blockBytes);

  async pack(block: Buffer): Promise<Buffer[]> {
    const plain = [head(blockKind.plain, block.length, block.length), block];
    if (this.#untried > 0) {
      this.#untried -= 1;
      return plain;
    }
    const small = await compress(block, zstdOptions);
    if (small.length > block.length * worthwhileShare) {
      this.#untried = this.#pause;
      this.#pause = Math.min(longestPause, this.#pause * 2);
      return plain;
    }
    this.#pause = 1;
    if (block.length === blockBytes) this.#spare.push(block);
    return [head(blockKind.zstd, small.length, block.length), small];
  }
}

function* textBlock(kind: number, value: StreamEnd | FailureRecord): Generator<Buffer, void, undefined> {
  const text = Buffer.from(JSON.stringify(value));
  yield head(kind, text.length, text.length);
  yield text;
}

function head(kind: number, storedBytes: number, plainBytes: number): Buffer {
  const bytes = Buffer.alloc(headBytes);
  bytes.writeUInt8(kind, 0);
  bytes.writeUInt32BE(storedBytes, 1);
  bytes.writeUInt32BE(plainBytes, 5);
  return bytes;
}
