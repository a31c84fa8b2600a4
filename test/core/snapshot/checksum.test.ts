import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SnapshotHash, hasTrailer } from '../../../core/snapshot/checksum.ts';
import { readFixture } from './fixtures/fixtures.ts';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('SnapshotHash', () => {
  test('says of a real snapshot what sha256sum and etcd say, however it is cut into chunks', async () => {
    const snapshot = await readFixture('etcd35');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 60 }), async (lengths) => {
        const hash = new SnapshotHash();
        let at = 0;
        for (const length of [...lengths, 1, 31, 32, 33]) {
          hash.update(snapshot.subarray(at, at + length));
          at = Math.min(snapshot.length, at + length);
        }
        hash.update(snapshot.subarray(at));
        expect(hash.finish()).toEqual({
          sizeBytes: snapshot.length,
          sha256: sha256(snapshot),
          contentSha256: snapshot.subarray(-32).toString('hex'),
          trailer: 'matches',
        });
        await Promise.resolve();
      }),
      { numRuns: 50 },
    );
  });

  test('keeps nothing of a chunk that its owner uses again', async () => {
    const snapshot = await readFixture('etcd35');
    const hash = new SnapshotHash();
    const reused = Buffer.alloc(1000);
    for (let at = 0; at < snapshot.length; at += 1000) {
      const length = snapshot.copy(reused, 0, at, at + 1000);
      hash.update(reused.subarray(0, length));
      reused.fill(0);
    }
    expect(hash.finish().trailer).toBe('matches');
  });

  test.each([
    [0, false],
    [32, false],
    [512, false],
    [544, true],
    [4096, false],
    [4096 + 32, true],
  ])('%i bytes can end in a checksum: %s', (sizeBytes, expected) => expect(hasTrailer(sizeBytes)).toBe(expected));

  test('an altered byte makes the checksum differ', async () => {
    const snapshot = await readFixture('etcd34');
    snapshot.writeUInt8(snapshot.readUInt8(5000) ^ 1, 5000);
    const hash = new SnapshotHash();
    hash.update(snapshot);
    expect(hash.finish().trailer).toBe('differs');
  });
});
