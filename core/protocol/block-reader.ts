import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { Failure } from '../failure.ts';
import { BlockBuffers, letGo } from './block-buffers.ts';
import { blockBytes, blockKind, headBytes } from './block-format.ts';
import { decodeJson } from './decode.ts';
import { failureFrom } from './failure-record.ts';
import { failureRecord, streamEnd } from './messages.ts';
import type { StreamEnd } from './messages.ts';

const decompress = promisify(zstdDecompress);

interface Block {
  readonly kind: number;
  readonly stored: Buffer;
  readonly plainBytes: number;
}

/**
 * The plain bytes of a stream of blocks, in order. Their memory goes round: what is yielded holds until the next but one is asked for, so
 * that one can be received while the one before is still being written. Returns what the end block says, after checking that the length
 * agrees; the sha256 is the caller's to compare, who hashes the bytes anyway.
 * @throws {Failure} the sender's own failure; `stream-cut` when there is no end; `stream-damaged` when it makes no sense.
 */
export async function* readBlocks(
  chunks: AsyncIterable<Buffer>,
  from: { readonly what: string; readonly node?: string | undefined },
): AsyncGenerator<Buffer, StreamEnd, undefined> {
  let lengthBytes = 0;
  let unpacked: Buffer | undefined;
  for await (const { kind, stored, plainBytes } of splitBlocks(chunks, from)) {
    if (kind === blockKind.end) return checkedEnd(stored, lengthBytes, from);
    if (kind === blockKind.failure) throw failureFrom(decodeJson(failureRecord, stored.toString(), from), from.node);
    const plain = kind === blockKind.zstd ? await unpack(stored, plainBytes, from) : stored;
    if (plain.length !== plainBytes) throw damaged(from, 'a block has another length than it says');
    lengthBytes += plain.length;
    yield plain;
    if (unpacked !== undefined) letGo(unpacked);
    unpacked = kind === blockKind.zstd ? plain : undefined;
  }
  throw new Failure({
    reason: 'stream-cut',
    what: `${from.what} was cut off after ${lengthBytes} bytes`,
    node: from.node,
    next: 'run the command again; what had arrived was not kept',
  });
}

async function* splitBlocks(
  chunks: AsyncIterable<Buffer>,
  from: { readonly what: string; readonly node?: string | undefined },
): AsyncGenerator<Block, void, undefined> {
  const bodies = new BlockBuffers(2, blockBytes);
  const head = Buffer.alloc(headBytes);
  let stored: Buffer | undefined;
  let filledBytes = 0;
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length;) {
      const target = stored ?? head;
      const copiedBytes = chunk.copy(target, filledBytes, at);
      at += copiedBytes;
      filledBytes += copiedBytes;
      if (filledBytes < target.length) continue;
      filledBytes = 0;
      if (stored === undefined) {
        stored = bodies.next(storedBytesOf(head, from));
      } else {
        yield { kind: head.readUInt8(0), stored, plainBytes: head.readUInt32BE(5) };
        stored = undefined;
      }
    }
}

function storedBytesOf(head: Buffer, from: { readonly what: string; readonly node?: string | undefined }): number {
  const storedBytes = head.readUInt32BE(1);
  const sizes = [storedBytes, head.readUInt32BE(5)];
  if (head.readUInt8(0) > blockKind.failure || sizes.some((bytes) => bytes === 0 || bytes > blockBytes))
    throw damaged(from, 'a block has a head that no agent writes');
  return storedBytes;
}

async function unpack(
  stored: Buffer,
  plainBytes: number,
  from: { readonly what: string; readonly node?: string | undefined },
) {
  try {
    // Room for all of it at once, and a little more, or zlib asks for another chunk to see that nothing follows.
    return await decompress(stored, { maxOutputLength: Math.max(1, plainBytes), chunkSize: plainBytes + 64 });
  } catch (cause) {
    throw damaged(from, 'a block does not decompress', cause);
  }
}

function checkedEnd(
  text: Buffer,
  lengthBytes: number,
  from: { readonly what: string; readonly node?: string | undefined },
): StreamEnd {
  const end = decodeJson(streamEnd, text.toString(), from);
  if (end.lengthBytes !== lengthBytes) throw damaged(from, `${lengthBytes} bytes arrived of ${end.lengthBytes}`);
  return end;
}

function damaged(
  from: { readonly what: string; readonly node?: string | undefined },
  why: string,
  cause?: unknown,
): Failure {
  return new Failure({
    reason: 'stream-damaged',
    what: `${from.what} arrived damaged`,
    node: from.node,
    why,
    next: 'run the command again; what had arrived was not kept',
    cause,
  });
}
