import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Database } from '../../../../core/snapshot/bbolt/database.ts';
import { encryptionOf } from '../../../../core/snapshot/encryption.ts';
import { readKey, readKeys, readValue } from '../../../../core/snapshot/keyspace.ts';
import { parseKeyName, resourcesMeant } from '../../../../core/snapshot/kubernetes/key-name.ts';
import { decodeObject } from '../../../../core/snapshot/kubernetes/object.ts';
import { readStatus } from '../../../../core/snapshot/status.ts';
import { ProtobufWriter } from '../../../bench/protobuf-writer.ts';
import { fixtures, inMemory, readFixture } from '../fixtures/fixtures.ts';

let database: Database;
let served: { kind: string }[];
beforeAll(async () => {
  database = await Database.open(inMemory(await readFixture('kubernetes')));
  served = JSON.parse(await readFile(fixtures.kubernetesObjects, 'utf8')) as typeof served;
});

async function stored(key: string) {
  const record = await readKey({ database, keys: [key] });
  if (record === undefined) throw new Error(`no ${key}`);
  return decodeObject(await readValue(database, record));
}

/** Without what the API server makes on the way out (resourceVersion, defaults of a status) and what kubectl hides. */
function comparable(object: unknown): unknown {
  return JSON.parse(
    JSON.stringify(object, (key, value: unknown) =>
      ['resourceVersion', 'selfLink', 'managedFields', 'phase'].includes(key) ? undefined : value,
    ),
  );
}

describe('an object of a real API server', () => {
  test.each([
    ['/registry/secrets/shop/plain', 'Secret'],
    ['/registry/deployments/shop/cart', 'Deployment'],
    ['/registry/configmaps/shop/conf', 'ConfigMap'],
    ['/registry/services/specs/shop/cart', 'Service'],
    ['/registry/cronjobs/shop/nightly', 'CronJob'],
    ['/registry/example.com/widgets/shop/blue', 'Widget'],
    ['/registry/clusterroles/shop:reader', 'ClusterRole'],
    ['/registry/persistentvolumes/pv1', 'PersistentVolume'],
    ['/registry/namespaces/shop', 'Namespace'],
    ['/registry/apiextensions.k8s.io/customresourcedefinitions/widgets.example.com', 'CustomResourceDefinition'],
  ])('%s reads as the API server gives it', async (key, kind) => {
    const object = await stored(key);
    if (object.form !== 'protobuf' && object.form !== 'json') throw new Error(object.form);
    expect(object.unknown).toEqual([]);
    const expected = served.find((each) => each.kind === kind);
    if (kind === 'CustomResourceDefinition')
      expect(object.object).toMatchObject({ kind, spec: { group: 'example.com', names: { kind: 'Widget' } } });
    else expect(comparable(object.object)).toEqual(comparable(expected));
  });

  test('every other object of the file decodes without an unknown field', async () => {
    for await (const record of readKeys({ database, prefixes: ['/registry/'] })) {
      const object = decodeObject(await readValue(database, record));
      expect([record.key, 'unknown' in object ? object.unknown : object.form]).toEqual([
        record.key,
        object.form === 'encrypted' ? 'encrypted' : [],
      ]);
    }
  });

  test('an encrypted Secret says by what and with which key, and is left as it is', async () => {
    expect(await stored('/registry/secrets/shop/sealed')).toEqual({
      form: 'encrypted',
      encryption: { provider: 'aescbc', version: 'v1', keyName: 'key1', sealedBytes: 256 },
    });
    expect((await readStatus(inMemory(await readFixture('kubernetes')))).encryption).toEqual([
      { provider: 'aescbc', keyName: 'key1', revisions: 1 },
    ]);
  });
});

describe('what is not known', () => {
  const envelope = (kind: string, raw: Buffer) => {
    const typeMeta = Buffer.concat([
      Buffer.from([0x0a, 2]),
      Buffer.from('v1'),
      Buffer.from([0x12, kind.length]),
      Buffer.from(kind),
    ]);
    return Buffer.concat([
      Buffer.from('k8s\0'),
      Buffer.from([0x0a, typeMeta.length]),
      typeMeta,
      Buffer.from([0x12, raw.length]),
      raw,
    ]);
  };
  test.each([
    ['a field of a known kind', 'ConfigMap', [0xf8, 0x07, 5], { unknownField127: 5 }, ['unknownField127']],
    ['a field of another type', 'ConfigMap', [0x08, 1], { unknownField1: 1 }, ['unknownField1']],
    ['a kind', 'Gadget', [0x0a, 1, 65], { unknownField1: 'base64:QQ==' }, ['unknownField1']],
  ])('%s is shown by its number', (_what, kind, raw, object, unknown) => {
    expect(decodeObject(envelope(kind, Buffer.from(raw)))).toMatchObject({ form: 'protobuf', kind, object, unknown });
  });

  test.each([
    ['nothing', '', 'it is empty'],
    ['text', 'hello', 'it is neither protobuf nor JSON of Kubernetes'],
    ['damaged protobuf', 'k8s\0\x0a\xff', 'its protobuf is damaged: at byte 1: ends inside a varint'],
    ['damaged JSON', '{"a":', 'its JSON is damaged'],
  ])('%s is other: %s', (_what, text, why) =>
    expect(decodeObject(Buffer.from(text, 'latin1'))).toEqual({ form: 'other', why }),
  );
});

test('the object decoder takes any bytes, and any real object with bytes changed', async () => {
  const values: Buffer[] = [];
  for await (const record of readKeys({ database, prefixes: ['/registry/'] }))
    values.push(Buffer.from(await readValue(database, record)));
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      (bytes) => void decodeObject(Buffer.concat([Buffer.from('k8s\0'), bytes])),
    ),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...values),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      (value, changes) => {
        const changed = Buffer.from(value);
        for (const [at, byte] of changes) changed[4 + (at % (changed.length - 4))] = byte;
        JSON.stringify(decodeObject(changed));
      },
    ),
    { numRuns: 3000 },
  );
});

test.each([
  ['/registry/pods/shop/cart-1', { resource: 'pods', namespace: 'shop', name: 'cart-1' }],
  ['/registry/services/specs/shop/cart', { resource: 'services', namespace: 'shop', name: 'cart' }],
  ['/registry/services/endpoints/shop/cart', { resource: 'endpoints', namespace: 'shop', name: 'cart' }],
  ['/registry/minions/cp1', { resource: 'nodes', namespace: undefined, name: 'cp1' }],
  ['/registry/example.com/widgets/shop/blue', { resource: 'widgets.example.com', namespace: 'shop', name: 'blue' }],
  ['/registry/clusterroles/shop:reader', { resource: 'clusterroles', namespace: undefined, name: 'shop:reader' }],
  ['/other/pods/a/b', undefined],
  ['compact_rev_key', undefined],
])('%s', (key, name) => expect(parseKeyName(key)).toEqual(name));

test.each([
  ['po', 'pods'],
  ['Pod', 'pods'],
  ['ingress', 'ingresses'],
  ['networkpolicy', 'networkpolicies'],
  ['deployments.apps', 'deployments'],
  ['widget.example.com', 'widgets.example.com'],
  ['crd', 'customresourcedefinitions.apiextensions.k8s.io'],
])('%s means %s', (typed, resource) => expect(resourcesMeant(typed)).toContain(resource));

test.each([
  ['k8s:enc:aescbc:v1:key1:sealed', { provider: 'aescbc', version: 'v1', keyName: 'key1', sealedBytes: 6 }],
  ['k8s:enc:kms:v2:vault:sealed', { provider: 'kms', version: 'v2', keyName: 'vault', sealedBytes: 6 }],
  ['k8s:enc:', { provider: '', version: 'unknown', keyName: undefined, sealedBytes: 0 }],
  ['k8s\0', undefined],
])('%j', (value, encryption) => expect(encryptionOf(Buffer.from(value))).toEqual(encryption));

test('a message that comes in pieces is all of them, by the rule of protobuf', () => {
  const metadata = (number: number, text: string) => (piece: ProtobufWriter) => piece.text(number, text);
  const pod = new ProtobufWriter().message(1, metadata(3, 'shop')).message(1, metadata(1, 'cart')).take();
  const kind = new ProtobufWriter().text(1, 'v1').text(2, 'Pod').take();
  const envelope = new ProtobufWriter().bytes(1, kind).bytes(2, pod).take();
  expect(decodeObject(Buffer.concat([Buffer.from('k8s\0'), envelope]))).toMatchObject({
    object: { metadata: { namespace: 'shop', name: 'cart' } },
    unknown: [],
  });
});
