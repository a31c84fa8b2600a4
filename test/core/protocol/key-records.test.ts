import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Failure } from '../../../core/failure.ts';
import { writeBlocks } from '../../../core/protocol/block-writer.ts';
import { KeyRecordReader, KeyRecordWriter, readKeyStream } from '../../../core/protocol/key-records.ts';
import type { LiveKey } from '../../../core/protocol/key-records.ts';

const from = { what: 'the list of keys', node: 'cp1' };

/** Some in each piece, as a page of etcd's makes one; the pieces are copies, since the writer's memory goes round. */
function written(keys: readonly LiveKey[], inPiece = 3): Buffer[] {
  const writer = new KeyRecordWriter();
  const pieces: Buffer[] = [];
  for (let at = 0; at < keys.length; at += inPiece) {
    for (const { key, ...revisions } of keys.slice(at, at + inPiece)) {
      const bytes = Buffer.from(`..${key}.`, 'latin1');
      writer.add({ bytes, start: 2, end: bytes.length - 1 }, revisions);
    }
    pieces.push(Buffer.from(writer.take()));
  }
  return pieces;
}

function read(pieces: readonly Buffer[]): LiveKey[] {
  const reader = new KeyRecordReader(from);
  const keys = pieces.flatMap((piece) => [...reader.push(piece)]);
  reader.end();
  return keys;
}

function recut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

/** Any bytes, in order; revisions up to the largest that the program knows. */
const liveKeys = fc
  .uniqueArray(
    fc.record({
      key: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      revisions: fc.tuple(fc.maxSafeNat(), fc.maxSafeNat()),
    }),
    { selector: ({ key }) => key, maxLength: 40 },
  )
  .map((keys) =>
    keys
      .sort((one, other) => Buffer.from(one.key, 'latin1').compare(Buffer.from(other.key, 'latin1')))
      .map(({ key, revisions: [one, other] }): LiveKey => ({
        key,
        createRevision: Math.max(1, Math.min(one, other)),
        modRevision: Math.max(1, one, other),
      })),
  );

describe('records of keys', () => {
  test('what is written is read again, however it was cut', () => {
    fc.assert(
      fc.property(
        liveKeys,
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 }),
        (keys, inPiece, sizes) => {
          expect(read(recut(Buffer.concat(written(keys, inPiece)), sizes))).toEqual(keys);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a long key makes room for itself', () => {
    const keys = [{ key: 'k'.repeat(300_000), createRevision: 1, modRevision: 2 }];
    expect(read(written(keys))).toEqual(keys);
  });

  test.each([
    ['an end inside a key', '05 61 62', 'it ends inside a key'],
    ['an end before the last number', '01 61 01', 'it ends inside a key'],
    ['a key of no bytes', '00 01 01', 'a key of 0 bytes'],
    ['a key that is longer than any', '81 80 80 08 61', 'a key of 16777217 bytes'],
    ['a number past 2^53', '01 61 ff ff ff ff ff ff ff ff 7f 01', 'a number in it is too large'],
    ['a number that has no end', '80 80 80 80 80 80 80 80 80 80', 'a number in it is too large'],
    ['a key that was never created', '01 61 00 01', 'a key created at revision 0 and changed at 1'],
    ['a key changed before it was created', '01 61 05 04', 'a key created at revision 5 and changed at 4'],
    ['the same key twice', '01 61 01 01 01 61 01 01', 'its keys are not in order'],
    ['a lesser key behind a greater', '01 62 01 01 01 61 01 01', 'its keys are not in order'],
  ])('%s is refused', (_what, hex, why) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    for (const sizes of [[1], [1000]])
      expect(() => read(recut(bytes, sizes))).toThrow(
        expect.objectContaining({ reason: 'stream-damaged', node: 'cp1', why }),
      );
  });

  test('any bytes: refused, or keys in order; never more than was given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const keys = read([Buffer.from(bytes)]).map(({ key }) => key);
          expect(keys.join('').length).toBeLessThanOrEqual(bytes.length);
          expect(keys).toEqual([...keys].sort());
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('a stream of keys', () => {
  const keys = Array.from({ length: 5000 }, (_, at): LiveKey => ({
    key: `/registry/pods/shop/${String(at).padStart(5, '0')}`,
    createRevision: at + 1,
    modRevision: 2 * at + 1,
  }));

  /** As an agent sends it; `tampered` on the way to the blocks, whose end speaks of what there was before. */
  async function sent(tampered = (bytes: Buffer) => bytes): Promise<Buffer[]> {
    const bytes = Buffer.concat(written(keys, 100));
    const end = () => ({ lengthBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    const failure = () => ({ reason: 'agent-defect', what: 'the agent failed' });
    const blocks: Buffer[] = [];
    for await (const block of writeBlocks(fed([tampered(bytes)]), { compression: 'zstd', end, failure }))
      blocks.push(Buffer.from(block));
    return blocks;
  }

  async function received(blocks: readonly Buffer[]): Promise<LiveKey[]> {
    const found: LiveKey[] = [];
    for await (const key of readKeyStream(fed(blocks), from)) found.push(key);
    return found;
  }

  async function* fed(pieces: readonly Buffer[]): AsyncGenerator<Buffer, void, undefined> {
    for (const piece of pieces) yield await Promise.resolve(piece);
  }

  test('arrives whole', async () => {
    expect(await received(await sent())).toEqual(keys);
  });

  test('cut anywhere it is never taken for a whole one', async () => {
    const bytes = Buffer.concat(await sent());
    for (let length = 0; length < bytes.length; length += 97)
      await expect(received([bytes.subarray(0, length)])).rejects.toMatchObject({ reason: 'stream-cut' });
  });

  test('a revision that is another than was sent is noticed at its end', async () => {
    // The last byte of the last number: still a key in its order.
    const bytes = await sent((sound) => {
      const copy = Buffer.from(sound);
      copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 0x10, copy.length - 1);
      return copy;
    });
    await expect(received(bytes)).rejects.toMatchObject({
      reason: 'stream-damaged',
      why: expect.stringContaining('sha256'),
    });
  });
});
