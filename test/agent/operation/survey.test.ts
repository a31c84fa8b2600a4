/** Where things go is found out on the node: what is a mount point, where the write-ahead log is, what is free. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseMountPoints } from '../../../agent/operation/mounts.ts';
import { surveyNode } from '../../../agent/operation/survey.ts';
import { HostRoot } from '../../../agent/host/root.ts';
import { Failure } from '../../../core/failure.ts';
import * as v from 'valibot';
import { nodeSurvey } from '../../../core/operation/messages.ts';
import type { FoundEtcd } from '../../../core/protocol/messages.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync('/tmp/survey-');
  mkdirSync(join(root, 'state'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const mounted = (...points: string[]) =>
  points.map((point, at) => `${20 + at} 1 0:${at} / ${point} rw,relatime shared:1 - ext4 /dev/vda rw`).join('\n');

async function look(more: Partial<FoundEtcd> = {}) {
  const etcd: FoundEtcd = {
    ...{ host: 'process', source: '/etcd.json', name: 'n1', dataDir: '/var/lib/etcd', clientUrl: 'http://127.0.0.1:1' },
    ...{ advertisedClientUrls: [], peerUrls: ['http://127.0.0.1:2'], quotaBytes: 1 },
    ...more,
  };
  const silent = () => Promise.reject(new Failure({ reason: 'etcd-silent', what: 'etcd does not answer' }));
  const survey = await surveyNode({
    ...{ node: 'n1', root: new HostRoot(root), stateDirectory: join(root, 'state'), endpoint: silent },
    find: () => Promise.resolve({ etcd, tls: undefined }),
    openOperation: () => Promise.resolve(undefined),
    lastVersion: () => Promise.resolve(undefined),
    stopped: () => Promise.resolve([]),
  });
  expect(v.is(nodeSurvey, survey)).toBe(true);
  return survey;
}

describe('beside the data', () => {
  test('on the same file system, so that a rename leads there', async () => {
    put('/proc/1/mountinfo', mounted('/', '/var'));
    put('/var/lib/etcd/member/snap/db', 'x'.repeat(100));
    expect((await look()).places).toMatchObject({
      ...{ dataDir: '/var/lib/etcd', besideData: '/var/lib/etcd-kubectl-etcd', hasMember: true, usedBytes: 100 },
      oneFileSystem: true,
    });
  });

  test('in it, where it is a mount point itself', async () => {
    put('/proc/1/mountinfo', mounted('/', '/var/lib/etcd'));
    expect((await look()).places).toMatchObject({ besideData: '/var/lib/etcd/.kubectl-etcd', hasMember: false });
  });

  test('where it leads, where it is a symbolic link', async () => {
    put('/proc/1/mountinfo', mounted('/', '/data'));
    mkdirSync(join(root, 'data/etcd'), { recursive: true });
    mkdirSync(join(root, 'var/lib'), { recursive: true });
    symlinkSync('/data/etcd', join(root, 'var/lib/etcd'));
    expect((await look()).places).toMatchObject({ besideData: '/data/etcd-kubectl-etcd' });
  });

  test('a WAL directory of its own has a place of its own', async () => {
    put('/proc/1/mountinfo', mounted('/', '/wal'));
    put('/wal/0.wal', '');
    expect((await look({ walDir: '/wal' })).places).toMatchObject({ walDir: '/wal', besideWal: '/wal/.kubectl-etcd' });
  });

  test.each([
    ['named as what it is anyway', '/var/lib/etcd/member/wal', undefined],
    ['named by way of a symbolic link', '/link/member/wal', undefined],
    ['beside the member', '/var/lib/etcd/wal', '/var/lib/etcd/wal'],
  ])('a WAL directory %s: it goes with the member, or by itself', async (_what, walDir, own) => {
    put('/proc/1/mountinfo', mounted('/'));
    put('/var/lib/etcd/member/wal/0.wal', '');
    put(walDir === '/var/lib/etcd/wal' ? '/var/lib/etcd/wal/0.wal' : '/other', '');
    symlinkSync('/var/lib/etcd', join(root, 'link'));
    const { places } = await look({ walDir });
    expect([places?.walDir, places?.besideWal]).toEqual([own, own && `${own}-kubectl-etcd`]);
  });

  test.each<[what: string, points: string[], walDir: string | undefined, why: RegExp]>([
    ['a log elsewhere in the member', [], '/var/lib/etcd/member/log', /^--wal-dir is .*, within it/],
    ['a member that is a mount point', ['/var/lib/etcd/member'], undefined, /member is a mount point/],
    ['a log that is mounted into the member', ['/var/lib/etcd/member/wal'], undefined, /member\/wal is a mount point/],
  ])('%s cannot be exchanged, and that is said before anything is stopped', async (_what, points, walDir, why) => {
    put('/proc/1/mountinfo', mounted('/', ...points));
    put('/var/lib/etcd/member/wal/0.wal', '');
    const { noEtcd, places } = await look(walDir === undefined ? {} : { walDir });
    expect(places).toBeUndefined();
    expect(noEtcd).toMatchObject({ reason: 'cannot-move', node: 'n1' });
    expect(noEtcd?.why).toMatch(why);
  });

  test('nor a member that is a symbolic link', async () => {
    put('/proc/1/mountinfo', mounted('/'));
    mkdirSync(join(root, 'fast/member'), { recursive: true });
    mkdirSync(join(root, 'var/lib/etcd'), { recursive: true });
    symlinkSync('/fast/member', join(root, 'var/lib/etcd/member'));
    expect((await look()).noEtcd).toMatchObject({ reason: 'cannot-move', why: 'it is a symbolic link' });
  });

  test('one beside it with a longer name is another', async () => {
    put('/proc/1/mountinfo', mounted('/', '/var/lib/etcd/member2'));
    put('/var/lib/etcd/member/snap/db', '');
    expect((await look({ walDir: '/var/lib/etcd/members-wal' })).places?.walDir).toBe('/var/lib/etcd/members-wal');
  });
});

test('mount points with blanks and other odd names', () => {
  expect([...parseMountPoints(mounted('/', '/mnt/a\\040b', '/mnt/\\134x'))]).toEqual(['/', '/mnt/a b', '/mnt/\\x']);
  expect([...parseMountPoints('')]).toEqual([]);
});
