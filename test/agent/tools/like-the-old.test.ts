import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostRoot } from '../../../agent/host/root.ts';
import { likeTheOld } from '../../../agent/tools/like-the-old.ts';

/** Only root can give files away; anybody else can give them to himself. */
const [uid, gid] = process.getuid?.() === 0 ? [4021, 4022] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0];

let host: string;
let commands: string[][];
beforeEach(async () => {
  host = await mkdtemp(join(tmpdir(), 'like-the-old-'));
  commands = [];
  for (const folder of ['new/member/snap', 'new/member/wal', 'old']) mkdirSync(join(host, folder), { recursive: true });
  for (const file of ['new/member/snap/db', 'new/member/wal/0.wal'])
    writeFileSync(join(host, file), '', { mode: 0o600 });
});
afterEach(() => rm(host, { recursive: true }));

const alike = () =>
  likeTheOld({
    ...{ newDirectory: '/new', oldDirectory: '/old', root: new HostRoot(host) },
    run: (argv) => {
      commands.push([...argv]);
      return Promise.resolve('');
    },
  });

function modeOf(path: string): string {
  return (statSync(join(host, path)).mode & 0o7777).toString(8);
}

test.each([
  ['its member', 'old/member', 0o750],
  ['itself where it has none', 'old', 0o700],
])('everything belongs to whom the old one belonged, by %s', async (_what, reference, mode) => {
  mkdirSync(join(host, reference), { recursive: true });
  chmodSync(join(host, 'old'), 0o755);
  chmodSync(join(host, reference), mode);
  chownSync(join(host, reference), uid, gid);
  await alike();
  await alike();
  const all = [
    'new',
    ...readdirSync(join(host, 'new'), { recursive: true, encoding: 'utf8' }).map((name) => `new/${name}`),
  ];
  expect(all).toHaveLength(6);
  for (const path of all) {
    const status = lstatSync(join(host, path));
    expect({ path, uid: status.uid, gid: status.gid }).toEqual({ path, uid, gid });
  }
  expect([modeOf('new'), modeOf('new/member')]).toEqual([mode.toString(8), mode.toString(8)]);
  expect(modeOf('new/member/snap/db')).toBe('600');
  expect(commands).toEqual([]);
});

test('where SELinux is on, the label too, by the host’s own command and paths', async () => {
  mkdirSync(join(host, 'old/member'));
  mkdirSync(join(host, 'sys/fs/selinux'), { recursive: true });
  writeFileSync(join(host, 'sys/fs/selinux/enforce'), '1');
  await alike();
  expect(commands).toEqual([['chcon', '--recursive', '--reference=/old/member', '/new']]);
});

test('what cannot be done is said', async () => {
  await rm(join(host, 'old'), { recursive: true });
  await expect(alike()).rejects.toMatchObject({ reason: 'data-owner-not-set' });
});
