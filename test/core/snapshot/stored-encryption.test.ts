import { expect, test } from '@jest/globals';
import { revisionKey } from '../../../core/snapshot/revision.ts';
import { readStatus } from '../../../core/snapshot/status.ts';
import { readStoredEncryption } from '../../../core/snapshot/stored-encryption.ts';
import { ProtobufWriter } from '../../bench/protobuf-writer.ts';
import { writeSnapshot } from './fixtures/bbolt-writer.ts';
import { inMemory, readFixture } from './fixtures/fixtures.ts';

/** The states of keys in the order of their writing; undefined is a deletion. */
function snapshotOf(...states: readonly (readonly [key: string, value: string | undefined])[]) {
  const records = states.map(([key, value], index): [string, Buffer] => {
    const revision = index + 2;
    const record = new ProtobufWriter().text(1, key).number(2, revision).number(3, revision).number(4, 1);
    return [
      `${revisionKey(revision).toString('latin1')}${value === undefined ? 't' : ''}`,
      value === undefined ? new ProtobufWriter().text(1, key).take() : record.text(5, value).take(),
    ];
  });
  return inMemory(writeSnapshot({ meta: {}, key: Object.fromEntries(records) }));
}

const sealed = (key: string) => `k8s:enc:${key}:xxxx`;

test("a real API server's objects: one Secret is encrypted, the rest is not", async () => {
  const found = await readStoredEncryption(inMemory(await readFixture('kubernetes')));
  expect(found.filter(({ provider }) => provider !== 'identity')).toEqual([
    { resource: 'secrets', provider: 'aescbc', version: 'v1', keyName: 'key1', keys: 1 },
  ]);
  expect(found).toContainEqual(
    expect.objectContaining({ resource: 'widgets.example.com', provider: 'identity', keys: 1 }),
  );
  expect(
    found.find(({ resource, provider }) => resource === 'secrets' && provider === 'identity')?.keys,
  ).toBeGreaterThan(0);
});

test.each(['etcd34', 'etcd35'] as const)('as many as there are live keys, over the leaves of %s', async (name) => {
  const source = inMemory(await readFixture(name));
  const { liveKeys } = await readStatus(source);
  expect(await readStoredEncryption(source, { etcdPrefix: '' })).toEqual([
    { resource: 'registry', provider: 'identity', version: undefined, keyName: undefined, keys: liveKeys },
  ]);
});

test('the newest state of each object counts, and no deleted one', async () => {
  const source = snapshotOf(
    ['/registry/secrets/a/rotated', sealed('aescbc:v1:old')],
    ['/registry/secrets/a/gone', sealed('aescbc:v1:lost')],
    ['/registry/secrets/a/kept', sealed('aescbc:v1:old')],
    ['/registry/secrets/a/plain', sealed('aescbc:v1:old')],
    ['/registry/secrets/a/rotated', sealed('kms:v2:vault')],
    ['/registry/secrets/a/gone', undefined],
    ['/registry/secrets/a/plain', 'k8s\0'],
    ['/registry/example.com/widgets/a/b', sealed('secretbox:v1:box')],
    ['compact_rev_key', sealed('aescbc:v1:not-kubernetes')],
  );
  expect(await readStoredEncryption(source)).toEqual([
    { resource: 'secrets', provider: 'aescbc', version: 'v1', keyName: 'old', keys: 1 },
    { resource: 'secrets', provider: 'identity', version: undefined, keyName: undefined, keys: 1 },
    { resource: 'secrets', provider: 'kms', version: 'v2', keyName: 'vault', keys: 1 },
    { resource: 'widgets.example.com', provider: 'secretbox', version: 'v1', keyName: 'box', keys: 1 },
  ]);
});

test('under another prefix', async () => {
  const source = snapshotOf(['/other/secrets/a/b', sealed('aescbc:v1:key')]);
  expect(await readStoredEncryption(source)).toEqual([]);
  expect(await readStoredEncryption(source, { etcdPrefix: '/other' })).toHaveLength(1);
});
