import { describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Failure } from '../../../core/failure.ts';
import { readBlocks } from '../../../core/protocol/block-reader.ts';
import { writeBlocks } from '../../../core/protocol/block-writer.ts';
import { failureToRecord } from '../../../core/protocol/failure-record.ts';
import { blockKind } from '../../../core/protocol/block-format.ts';
import type { Compression } from '../../../core/protocol/block-format.ts';

const from = { what: 'the test stream', node: 'cp1' };

async function written(
  bytes: AsyncIterable<Buffer>,
  compression: Compression,
  sent: readonly Buffer[] = [],
): Promise<Buffer[]> {
  const sha256 = createHash('sha256');
  sent.forEach((piece) => sha256.update(piece));
  const lengthBytes = sent.reduce((sum, piece) => sum + piece.length, 0);
  const blocks: Buffer[] = [];
  const end = () => ({ lengthBytes, sha256: sha256.digest('hex') });
  for await (const block of writeBlocks(bytes, {
    compression,
    end,
    failure: (thrown) => failureToRecord(thrown, 'cp1'),
  }))
    blocks.push(Buffer.from(block));
  return blocks;
}

/** Looks at each piece as late as the reader allows: when the next has come. */
async function read(chunks: readonly Buffer[]): Promise<Buffer> {
  const plain: Buffer[] = [];
  let before: Buffer = Buffer.alloc(0);
  for await (const piece of readBlocks(feed(chunks), from)) {
    plain.push(Buffer.from(before));
    before = piece;
  }
  return Buffer.concat([...plain, before]);
}

async function* feed(chunks: readonly Buffer[]): AsyncGenerator<Buffer, void, undefined> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

/** The same bytes in chunks of other sizes, as a network delivers them. */
function recut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

describe('blocks', () => {
  test('what is written is read again, however it was cut on either side', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 20 }),
        fc.constantFrom<Compression>('zstd', 'none'),
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 }),
        async (arrays, compression, sizes) => {
          const pieces = arrays.map((array) => Buffer.from(array));
          const blocks = await written(feed(pieces), compression, pieces);
          expect((await read(recut(Buffer.concat(blocks), sizes))).equals(Buffer.concat(pieces))).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('what shrinks is compressed; what does not is sent as it is, and soon no longer tried', async () => {
    const repetitive = Buffer.alloc(8 << 20, 'kubernetes.io/registry/pods/');
    const random = randomBytes(8 << 20);
    expect(Buffer.concat(await written(feed([repetitive]), 'zstd', [repetitive])).length).toBeLessThan(
      repetitive.length / 100,
    );
    const sent = Buffer.concat(await written(feed(recut(random, [65536])), 'zstd', [random]));
    expect(sent.length - random.length).toBeLessThan(500);
    expect((await read([sent])).equals(random)).toBe(true);
  });

  test('where it is the way that is slow, what shrinks is compressed from then on; where it is the source, nothing is', async () => {
    const piece = Buffer.alloc(1 << 20, 'kubernetes.io/registry/pods/');
    const kindsWhere = async (slow: 'reader' | 'source') => {
      async function* source(): AsyncGenerator<Buffer, void, undefined> {
        for (let at = 0; at < 80; at++) yield await sleep(slow === 'source' ? 15 : 0, piece);
      }
      const kinds: number[] = [];
      const end = () => ({ lengthBytes: 80 * piece.length, sha256: '0'.repeat(64) });
      const failure = (thrown: unknown) => failureToRecord(thrown, 'cp1');
      for await (const block of writeBlocks(source(), { compression: 'when-slow', end, failure })) {
        kinds.push(block[0] ?? -1);
        if (slow === 'reader') await sleep(40);
      }
      return kinds.slice(0, -1);
    };
    const toSlowReader = await kindsWhere('reader');
    expect(toSlowReader.slice(0, 8)).toEqual(Array<number>(8).fill(blockKind.plain));
    expect(toSlowReader.slice(-8)).toEqual(Array<number>(8).fill(blockKind.zstd));
    expect(new Set(await kindsWhere('source'))).toEqual(new Set([blockKind.plain]));
  });

  test('a source that fails half-way makes the reader fail with the same words', async () => {
    async function* failing(): AsyncGenerator<Buffer, void, undefined> {
      yield await Promise.resolve(Buffer.alloc(100));
      throw new Failure({
        reason: 'snapshot-interrupted',
        what: 'etcd broke off the snapshot',
        why: 'it was killed',
        next: 'try again',
        exit: 1,
      });
    }
    const sent = await written(failing(), 'zstd');
    await expect(read(sent)).rejects.toMatchObject({
      reason: 'snapshot-interrupted',
      node: 'cp1',
      why: 'it was killed',
      next: 'try again',
    });
  });

  test('a stream cut anywhere before its last byte is never taken for a whole one', async () => {
    const pieces = [Buffer.alloc(300, 'a'), randomBytes(200)];
    for (const compression of ['zstd', 'none'] as const) {
      const sent = Buffer.concat(await written(feed(pieces), compression, pieces));
      for (let length = 0; length < sent.length; length += 1)
        await expect(read([sent.subarray(0, length)])).rejects.toMatchObject({ reason: 'stream-cut' });
    }
  });

  test('an end that does not agree is refused', async () => {
    const piece = Buffer.alloc(50);
    await expect(read(await written(feed([piece]), 'none', [piece, piece]))).rejects.toMatchObject({
      reason: 'stream-damaged',
      why: '50 bytes arrived of 100',
    });
  });

  test('any bytes at all: a Failure, never a hang, never memory for what a head claims', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        await expect(read([Buffer.from(bytes)])).rejects.toBeInstanceOf(Failure);
      }),
      { numRuns: 2000 },
    );
    await expect(read([Buffer.from('01ffffffffffffffff', 'hex')])).rejects.toMatchObject({ reason: 'stream-damaged' });
  });
});
