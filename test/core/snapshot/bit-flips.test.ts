/**
 * Bits turn over: in memory, on disks, on the way. A representative number of flips here; all 10,000 with hack/test.sh --lab --all.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../../core/failure.ts';
import { Database } from '../../../core/snapshot/bbolt/database.ts';
import { readStatus } from '../../../core/snapshot/status.ts';
import { verifySnapshot } from '../../../core/snapshot/verify.ts';
import { flipped, inMemory, readFixture, resealed, structuresOf, withFreelist } from './fixtures/fixtures.ts';

const flips = process.env['KUBECTL_ETCD_TEST_ALL'] === 'yes' ? 10_000 : 400;
const timeoutMs = 600_000;

const snapshots: [name: string, make: () => Promise<Buffer>][] = [
  ['etcd 3.4', () => readFixture('etcd34')],
  ['etcd 3.5', () => readFixture('etcd35')],
  ['etcd 3.5 with a freelist on disk', async () => await withFreelist(await readFixture('etcd35'))],
];

describe.each(snapshots)('a bit flipped in a snapshot of %s', (_name, make) => {
  test('the snapshot itself is sound', async () => {
    expect(await verifySnapshot({ source: inMemory(await make()) })).toMatchObject({ sound: true, trailer: 'matches' });
  });

  test(
    'is reported wherever it is',
    async () => {
      const snapshot = await make();
      await fc.assert(
        fc.asyncProperty(fc.nat(snapshot.length * 8 - 1), async (bit) => {
          const verdict = await verifySnapshot({ source: inMemory(flipped(snapshot, bit >>> 3, bit & 7)) });
          expect(verdict.sound).toBe(false);
        }),
        { numRuns: flips },
      );
    },
    timeoutMs,
  );

  test(
    'and resealed is reported with page and offset, when it is in a meta, a head, an element table or the freelist',
    async () => {
      const snapshot = await make();
      const structures = await structuresOf(snapshot);
      const places = structures.flatMap(({ page, offset, lengthBytes }) =>
        Array.from({ length: lengthBytes }, (_, at) => ({ page, offset: offset + at })),
      );
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...places), fc.nat(7), async (place, bit) => {
          const verdict = await verifySnapshot({ source: inMemory(resealed(flipped(snapshot, place.offset, bit))) });
          const named = verdict.problems.filter(({ page, offset }) => page === place.page && offset !== undefined);
          if (named.length === 0)
            throw new Error(`nothing names page ${place.page}: ${JSON.stringify(verdict.problems)}`);
        }),
        { numRuns: flips },
      );
    },
    timeoutMs,
  );

  test(
    'and resealed never makes a reader crash or loop',
    async () => {
      const snapshot = await make();
      await fc.assert(
        fc.asyncProperty(fc.nat((snapshot.length - 32) * 8 - 1), async (bit) => {
          const source = inMemory(resealed(flipped(snapshot, bit >>> 3, bit & 7)));
          const verdict = await verifySnapshot({ source });
          try {
            await readStatus(source);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(Failure);
            expect(verdict.sound).toBe(false);
          }
        }),
        { numRuns: flips },
      );
    },
    timeoutMs,
  );
});

test('a freelist that counts one page too few is named, and the page', async () => {
  const snapshot = await withFreelist(await readFixture('etcd35'));
  const { meta } = await Database.open(inMemory(snapshot));
  const page = meta.freelist ?? 0;
  const fewer = Buffer.from(snapshot);
  const countAt = page * meta.pageBytes + 10;
  fewer.writeUInt16LE(snapshot.readUInt16LE(countAt) - 1, countAt);
  const { problems } = await verifySnapshot({ source: inMemory(resealed(fewer)) });
  expect(problems[0]).toMatchObject({ page, offset: countAt });
  expect(problems[1]?.text).toMatch(/neither in use nor in the freelist/);
});
