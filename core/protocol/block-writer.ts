import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { blockBytes, blockKind, headBytes } from './block-format.ts';
import type { Compression } from './block-format.ts';
import type { FailureRecord, StreamEnd } from './messages.ts';

const compress = promisify(zstdCompress);
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
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
  const pending: Promise<Buffer[]>[] = [];
  for await (const block of gather(bytes)) {
    const packed = packer.pack(block);
    // Awaited below, in order; until then a rejection is nobody's fault yet.
    packed.catch(() => undefined);
    pending.push(packed);
    if (pending.length > inFlight) yield* (await pending.shift()) ?? [];
  }
  for (const packed of pending) yield* await packed;
}

/** Joins what arrives in small pieces into blocks of about 1 MiB. */
async function* gather(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer[], void, undefined> {
  let pieces: Buffer[] = [];
  let gathered = 0;
  for await (const piece of bytes) {
    pieces.push(piece);
    gathered += piece.length;
    if (gathered < blockBytes) continue;
    yield pieces;
    pieces = [];
    gathered = 0;
  }
  if (gathered > 0) yield pieces;
}

class Packer {
  #untried = 0;
  #pause = 1;

  async pack(pieces: readonly Buffer[]): Promise<Buffer[]> {
    const plainBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (this.#untried > 0) {
      this.#untried -= 1;
      return [head(blockKind.plain, plainBytes, plainBytes), ...pieces];
    }
    const small = await compress(Buffer.concat(pieces, plainBytes), zstdOptions);
    if (small.length > plainBytes * worthwhileShare) {
      this.#untried = this.#pause;
      this.#pause = Math.min(longestPause, this.#pause * 2);
      return [head(blockKind.plain, plainBytes, plainBytes), ...pieces];
    }
    this.#pause = 1;
    return [head(blockKind.zstd, small.length, plainBytes), small];
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
