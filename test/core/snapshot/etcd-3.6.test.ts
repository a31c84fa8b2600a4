/**
 * The layout of etcd 3.6 (server/storage/schema: storageVersion in the bucket "meta", confState and term beside it, members and the cluster's version in
 * their buckets alone, the v2 store gone). No 3.6 is at hand to make a file: this is written as its sources say.
 */
import { expect, test } from '@jest/globals';
import { revisionKey } from '../../../core/snapshot/revision.ts';
import { readStatus } from '../../../core/snapshot/status.ts';
import { verifySnapshot } from '../../../core/snapshot/verify.ts';
import { ProtobufWriter } from '../../bench/protobuf-writer.ts';
import { writeSnapshot } from './fixtures/bbolt-writer.ts';
import { inMemory } from './fixtures/fixtures.ts';

function number(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function put(key: string, main: number, version: number, value: string): [string, Buffer] {
  const record = new ProtobufWriter().text(1, key).number(2, main).number(3, main).number(4, version).text(5, value);
  return [revisionKey(main).toString('latin1'), Buffer.from(record.take())];
}

function removal(key: string, main: number): [string, Buffer] {
  return [`${revisionKey(main).toString('latin1')}t`, Buffer.from(new ProtobufWriter().text(1, key).take())];
}

const member = { id: 10276657743932975437n, name: 'one', peerURLs: ['http://localhost:2380'] };
const memberJson = JSON.stringify({ ...member, id: '@' }).replace('"@"', member.id.toString());
const layout = {
  alarm: { [Buffer.from([8, 1, 16, 1]).toString('latin1')]: '' },
  auth: { authEnabled: Buffer.from([0]), authRevision: number(1) },
  authRoles: {},
  authUsers: {},
  cluster: { clusterVersion: '3.6.0', downgrade: '{"target-version":"","enabled":false}' },
  key: Object.fromEntries([
    put('/registry/a', 2, 1, 'one'),
    put('/registry/a', 3, 2, 'two'),
    put('/registry/b', 4, 1, 'three'),
    removal('/registry/b', 5),
    put('/registry/c', 6, 1, 'x'.repeat(9000)),
  ]),
  lease: {
    [number(0x694d81).toString('latin1')]: Buffer.from(new ProtobufWriter().number(1, 0x694d81).number(2, 60).take()),
  },
  meta: {
    confState: `{"voters":[${member.id}],"auto_leave":false}`,
    consistent_index: number(12),
    storageVersion: '3.6.0',
    term: number(2),
  },
  members: { [member.id.toString(16)]: memberJson },
  members_removed: { '1': 'removed' },
} as const;

test('is sound', async () => {
  const verdict = await verifySnapshot({ source: inMemory(writeSnapshot(layout)) });
  expect(verdict).toMatchObject({ sound: true, problems: [], trailer: 'matches' });
});

test('says its storage version, and counts as 3.6 does and as 3.5 does', async () => {
  const status = await readStatus(inMemory(writeSnapshot(layout)));
  expect(status).toMatchObject({ liveKeys: 2, revisions: 5, totalEntries: 17, leases: 1 });
  expect(status.summary).toMatchObject({
    revision: 6,
    consistentIndex: 12,
    term: 2,
    storageVersion: '3.6.0',
    clusterVersion: '3.6.0',
    confState: { voters: ['8e9e05c52164694d'], learners: [] },
    members: [{ id: '8e9e05c52164694d', name: 'one', learner: false }],
    removedMembers: ['1'],
    alarms: [{ memberId: '1', alarm: 'NOSPACE' }],
    authEnabled: false,
  });
});

test.each([
  ['no revision as a key', { key: { short: 'x' } }, /no revision/],
  [
    'a storage version that is none',
    { meta: { ...layout.meta, storageVersion: Buffer.from([0, 1]) } },
    /storageVersion/,
  ],
  ['a member that is no JSON', { members: { '1': '{' } }, /"members"|makes no sense/],
])('%s is reported', async (_what, change, text) => {
  const { sound, problems } = await verifySnapshot({ source: inMemory(writeSnapshot({ ...layout, ...change })) });
  expect(sound).toBe(false);
  expect(problems.map((problem) => problem.text).join('\n')).toMatch(text);
});
