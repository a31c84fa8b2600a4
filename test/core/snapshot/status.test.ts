import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readStatus } from '../../../core/snapshot/status.ts';
import { Crc32c } from '../../../core/snapshot/crc32c.ts';
import { SeededRandom } from '../../bench/seeded-random.ts';
import { inMemory, readFixture } from './fixtures/fixtures.ts';

// What Debian 13's `etcdutl snapshot status -w json` says of the same files.
test.each([
  ['etcd34', { hash: 2_642_810_810, revision: 67, totalKey: 65, totalSize: 69_632 }],
  ['etcd35', { hash: 3_301_270_241, revision: 67, totalKey: 67, totalSize: 65_536 }],
] as const)('of %s it says what etcdutl says, to the digit', async (name, etcdutl) => {
  const { hash, totalEntries, summary } = await readStatus(inMemory(await readFixture(name)));
  expect({ hash, revision: summary.revision, totalKey: totalEntries, totalSize: summary.databaseBytes }).toEqual(
    etcdutl,
  );
});

test('CRC-32C of the well-known check string', () => {
  expect(new Crc32c().update(Buffer.from('123456789')).value).toBe(0xe306_9283);
});

/** As the definition has it, bit by bit. */
function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82f6_3b78;
  }
  return ~crc >>> 0;
}

// Around the sizes of a vector, of all that are left in the end, and of what is gathered before it is divided.
test.each([0, 1, 3, 15, 16, 17, 84_399, 84_400, 84_401, 262_143, 262_144, 262_145, 346_544, 600_001])(
  'CRC-32C of %i bytes, in pieces of any size',
  (lengthBytes) => {
    const bytes = new SeededRandom('crc32c').bytes(lengthBytes);
    const expected = slowCrc32c(bytes);
    fc.assert(
      fc.property(fc.infiniteStream(fc.integer({ min: 1, max: 300_000 })), (pieces) => {
        const crc = new Crc32c();
        for (let at = 0; at < lengthBytes;) {
          const end = Math.min(lengthBytes, at + (pieces.next().value as number));
          crc.update(bytes, at, end);
          at = end;
        }
        expect(crc.value).toBe(expected);
      }),
      { numRuns: 20 },
    );
  },
);

test('CRC-32C of what came so far, again and again', () => {
  const bytes = new SeededRandom('crc32c').bytes(900_000);
  const crc = new Crc32c();
  for (const [start, end] of [
    [0, 5],
    [5, 90_000],
    [90_000, 524_288],
    [524_288, 524_288],
    [524_288, 900_000],
  ] as const)
    expect(crc.update(bytes, start, end).value).toBe(slowCrc32c(bytes.subarray(0, end)));
});
