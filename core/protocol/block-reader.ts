import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { Failure } from '../failure.ts';
import { BufferCollection } from './buffer-collection.ts';
import { blockKind, headBytes, largestBlockBytes } from './block-format.ts';
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
 * The plain bytes of a stream of blocks, in order. Returns what the end block says, after checking that the length agrees; the sha256 is the
 * caller's to compare, who hashes the bytes anyway.
 * @throws {Failure} the sender's own failure; `stream-cut` when there is no end; `stream-damaged` when it makes no sense.
 */
export async function* readBlocks(
  chunks: AsyncIterable<Buffer>,
  from: { readonly what: string; readonly node?: string | undefined },
): AsyncGenerator<Buffer, StreamEnd, undefined> {
  const buffers = new BufferCollection();
  let lengthBytes = 0;
  for await (const { kind, stored, plainBytes } of splitBlocks(chunks, from)) {
    if (kind === blockKind.end) return checkedEnd(stored, lengthBytes, from);
    if (kind === blockKind.failure) throw failureFrom(decodeJson(failureRecord, stored.toString(), from), from.node);
    const plain = kind === blockKind.zstd ? await unpack(stored, plainBytes, from) : stored;
    if (plain.length !== plainBytes) throw damaged(from, 'a block has another length than it says');
    lengthBytes += plain.length;
    yield plain;
    buffers.done(plain.length);
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
  let pieces: Buffer[] = [];
  let gathered = 0;
  let wanted = headBytes;
  let head: { kind: number; plainBytes: number } | undefined;
  for await (const chunk of chunks) {
    pieces.push(chunk);
    gathered += chunk.length;
    while (gathered >= wanted) {
      const joined = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces, gathered);
      const taken = joined.subarray(0, wanted);
      const rest = joined.subarray(wanted);
      pieces = rest.length > 0 ? [rest] : [];
      gathered = rest.length;
      if (head === undefined) {
        const storedBytes = taken.readUInt32BE(1);
        head = { kind: taken.readUInt8(0), plainBytes: taken.readUInt32BE(5) };
        if (head.kind > blockKind.failure || storedBytes > largestBlockBytes || head.plainBytes > largestBlockBytes)
          throw damaged(from, 'a block has a head that no agent writes');
        wanted = storedBytes;
      } else {
        yield { ...head, stored: taken };
        head = undefined;
        wanted = headBytes;
      }
    }
  }
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
