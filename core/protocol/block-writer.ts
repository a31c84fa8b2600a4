import { constants, createZstdCompress } from 'node:zlib';
import { BlockBuffers, letGo } from './block-buffers.ts';
import { blockBytes, blockKind, headBytes } from './block-format.ts';
import type { Compression } from './block-format.ts';
import type { FailureRecord, StreamEnd } from './messages.ts';

/** A block that keeps more than this share of itself is sent plain: the reader's time is worth more. */
const worthwhileShare = 0.9;
/** After a block that did not shrink, so many are sent untried, twice as many each time, at most this. */
const longestPause = 32;
/** A way that takes less than this is worth the time of compressing: less than two thirds of a gigabit network. */
const slowBytesPerMs = 70_000;
/**
 * The way is judged by all that has gone so far, and not before so much has, for so long: a disk that stalls for a second on the reader's side is no
 * slow way, and compressing takes longer than waiting for it.
 */
const judgedAfterBytes = 8 * blockBytes;
const judgedAfterMs = 2_000;
/** Compressions in flight; the thread pool does them beside the event loop that reads etcd. */
const inFlight = 2;
/** More than compressing can make of a block: what does not shrink grows by 1/256 (ZSTD_compressBound). */
const roomBytes = blockBytes + blockBytes / 128;

/**
 * Yields `bytes` as blocks, and at last the end block with what `end` then says. When the source fails, the failure is sent as the last
 * block and the stream ends well: the reader raises it. Holds a few blocks, whose memory goes round: what is yielded holds until the next is
 * asked for.
 */
export async function* writeBlocks(
  bytes: AsyncIterable<Buffer>,
  options: {
    /** `when-slow` compresses where the reader is what is waited for; `none` also sends every piece as it comes, for what someone watches. */
    readonly compression: Compression;
    readonly end: () => StreamEnd;
    readonly failure: (thrown: unknown) => FailureRecord;
  },
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* options.compression === 'none' ? plain(bytes) : compressed(bytes, new Way(options.compression));
    yield textBlock(blockKind.end, options.end());
  } catch (thrown) {
    yield textBlock(blockKind.failure, options.failure(thrown));
  }
}

async function* plain(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  for await (const piece of bytes)
    for (let at = 0; at < piece.length; at += blockBytes)
      yield block(blockKind.plain, piece.subarray(at, at + blockBytes));
}

async function* compressed(bytes: AsyncIterable<Buffer>, way: Way): AsyncGenerator<Buffer, void, undefined> {
  const packer = new Packer(way);
  const pending: Promise<Buffer>[] = [];
  for await (const gathered of gather(bytes)) {
    const packed = packer.pack(gathered);
    // Awaited below, in order; until then a rejection is nobody's fault yet.
    packed.catch(() => undefined);
    pending.push(packed);
    if (pending.length > inFlight) yield* sent(pending.shift(), way);
  }
  for (const packed of pending) yield* sent(packed, way);
}

async function* sent(packed: Promise<Buffer> | undefined, way: Way): AsyncGenerator<Buffer, void, undefined> {
  const bytes = await packed;
  if (bytes === undefined) return;
  const begunMs = performance.now();
  yield bytes;
  way.took(bytes.length, performance.now() - begunMs);
  if (bytes[0] === blockKind.zstd) letGo(bytes);
}

/** Joins what arrives in small pieces into blocks of 1 MiB, with room for the head before them. */
async function* gather(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  // In use at once: those in flight, the one that is being filled, and the one that went out last.
  const buffers = new BlockBuffers(inFlight + 2, headBytes + blockBytes);
  let buffer = buffers.next();
  let filledBytes = headBytes;
  for await (const piece of bytes)
    for (let at = 0; at < piece.length;) {
      const copiedBytes = piece.copy(buffer, filledBytes, at);
      at += copiedBytes;
      filledBytes += copiedBytes;
      if (filledBytes < buffer.length) continue;
      yield buffer;
      buffer = buffers.next();
      filledBytes = headBytes;
    }
  if (filledBytes > headBytes) yield buffer.subarray(0, filledBytes);
}

/** Whether compressing is worth the processor's time: where the bytes wait for the way and not for their source. Once slow counts as slow for ever. */
class Way {
  #slow: boolean;
  #bytes = 0;
  #waitedMs = 0;
  readonly #sinceMs = performance.now();

  constructor(compression: Exclude<Compression, 'none'>) {
    this.#slow = compression === 'zstd';
  }

  get isSlow(): boolean {
    return this.#slow;
  }

  took(bytes: number, waitedMs: number): void {
    if (this.#slow) return;
    this.#bytes += bytes;
    this.#waitedMs += waitedMs;
    const tookMs = performance.now() - this.#sinceMs;
    if (this.#bytes < judgedAfterBytes || tookMs < judgedAfterMs) return;
    this.#slow = this.#waitedMs > tookMs / 2 && this.#bytes / tookMs < slowBytesPerMs;
  }
}

class Packer {
  readonly #way: Way;
  #untried = 0;
  #pause = 1;

  constructor(way: Way) {
    this.#way = way;
  }

  /** Makes a block of what was gathered: in its place, or compressed. */
  async pack(gathered: Buffer): Promise<Buffer> {
    const bytes = gathered.subarray(headBytes);
    if (!this.#way.isSlow) {
      // A network that is as quick as etcd: compressing would take longer than sending.
    } else if (this.#untried > 0) {
      this.#untried -= 1;
    } else {
      const small = await compress(bytes);
      const shrank = small.length <= bytes.length * worthwhileShare;
      const packed = shrank ? block(blockKind.zstd, small, bytes.length) : undefined;
      letGo(small);
      if (packed !== undefined) {
        this.#pause = 1;
        return packed;
      }
      this.#untried = this.#pause;
      this.#pause = Math.min(longestPause, this.#pause * 2);
    }
    writeHead(gathered, blockKind.plain, bytes.length, bytes.length);
    return gathered;
  }
}

/**
 * Compresses a block at once: given the end with the bytes, and room for all that may come of them, zstd reads them where they lie and makes one
 * piece. zlib's own zstdCompress says the end only later; so it copies, searches in pieces, and leaves a buffer behind each time, and V8's
 * collecting of those took a third of the agent's processor time.
 */
function compress(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const zstd = createZstdCompress({
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
      flush: constants.ZSTD_e_end,
      chunkSize: roomBytes,
    });
    zstd.once('error', reject);
    zstd.once('data', (small: Buffer) => {
      zstd.destroy();
      resolve(small);
    });
    zstd.write(bytes);
  });
}

function textBlock(kind: number, value: StreamEnd | FailureRecord): Buffer {
  return block(kind, Buffer.from(JSON.stringify(value)));
}

function block(kind: number, stored: Buffer, plainBytes = stored.length): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes + stored.length);
  writeHead(bytes, kind, stored.length, plainBytes);
  stored.copy(bytes, headBytes);
  return bytes;
}

function writeHead(bytes: Buffer, kind: number, storedBytes: number, plainBytes: number): void {
  bytes.writeUInt8(kind, 0);
  bytes.writeUInt32BE(storedBytes, 1);
  bytes.writeUInt32BE(plainBytes, 5);
}
