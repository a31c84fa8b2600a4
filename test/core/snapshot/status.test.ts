import { expect, test } from '@jest/globals';
import { readStatus } from '../../../core/snapshot/status.ts';
import { crc32c } from '../../../core/snapshot/crc32c.ts';
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
  const check = Buffer.from('123456789');
  expect(crc32c(0, check, 0, 9)).toBe(0xe306_9283);
  expect(crc32c(crc32c(0, check, 0, 4), check, 4, 9)).toBe(0xe306_9283);
});
