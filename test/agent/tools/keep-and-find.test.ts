import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { HostRoot } from '../../../agent/host/root.ts';
import { askVersion } from '../../../agent/tools/ask-version.ts';
import { findTool } from '../../../agent/tools/find-tool.ts';
import { keepTools } from '../../../agent/tools/keep-tools.ts';
import { sharedLibraries } from '../../lab/shared-libraries.ts';
import { freePort, realEtcd, startEtcd } from './real-etcd.ts';
import type { RunningEtcd } from './real-etcd.ts';

let work: string;
let state: string;
let host: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'kept-tools-'));
  [state, host] = [join(work, 'state'), join(work, 'host')];
  mkdirSync(host);
});
afterEach(() => rm(work, { recursive: true }));

/** A real etcd in a root of its own, dynamically linked, as in the lab's image; kubeadm's images are the same without libraries. */
describe('an etcd in a container', () => {
  let image: string;
  let version: string;
  let etcd: RunningEtcd;
  /** `/lib64/ld-linux-x86-64.so.2` on this architecture. */
  let loader: string;
  beforeAll(async () => {
    const real = await realEtcd('3.5');
    version = real.version;
    const libraries = (await sharedLibraries(join(real.folder, 'etcd'))).map(({ path }) => path);
    loader = libraries.find((path) => basename(path).startsWith('ld-')) ?? '';
    image = await mkdtemp(join(tmpdir(), 'etcd-image-'));
    for (const [path, from] of [
      ['opt/etcd/etcd', join(real.folder, 'etcd')],
      ['usr/local/bin/etcdctl', join(real.folder, 'etcdctl')],
      ['opt/tools/etcdutl', join(real.folder, 'etcdutl')],
      ...libraries.map((path) => [path, path] as const),
    ] as const) {
      await mkdir(dirname(join(image, path)), { recursive: true });
      await copyFile(from, join(image, path));
    }
    // What it means is known within the image alone: on this machine it leads nowhere.
    symlinkSync('/opt/tools/etcdutl', join(image, 'usr/local/bin/etcdutl'));
    const chroot = process.getuid?.() === 0 ? ['chroot'] : ['unshare', '--map-root-user', 'chroot'];
    etcd = await startEtcd({
      ...{ argv: [...chroot, image, '/opt/etcd/etcd'], folder: real.folder, dataDirectory: '/data', name: 'one' },
      peerUrl: `http://127.0.0.1:${await freePort()}`,
    });
  }, 60_000);
  afterAll(async () => {
    await etcd[Symbol.asyncDispose]();
    await rm(image, { recursive: true });
  });
  const keep = (more: { pid?: number; version?: string } = {}) =>
    keepTools({ pid: etcd.pid, version, root: new HostRoot('/'), stateDirectory: state, ...more });
  const kept = (...path: string[]) => join(state, 'tools', version, ...path);

  test('its programs are kept with what they need, wherever they lie, whole, and once', async () => {
    expect(await keep()).toEqual({ outcome: 'kept', folder: kept(), programs: ['etcd', 'etcdutl', 'etcdctl'] });
    expect(readdirSync(kept()).sort()).toEqual(['etcd', 'etcdctl', 'etcdutl', 'lib']);
    expect(readdirSync(kept('lib')).sort()).toEqual([basename(loader), 'libc.so.6']);
    for (const program of ['etcd', 'etcdctl', 'etcdutl']) expect(statSync(kept(program)).mode & 0o777).toBe(0o755);
    const { mtimeMs } = statSync(kept('etcdutl'));
    expect(await keep()).toEqual({ outcome: 'already-kept', folder: kept() });
    expect(statSync(kept('etcdutl')).mtimeMs).toBe(mtimeMs);
    expect(readdirSync(join(state, 'tools'))).toEqual([version]);
  });

  test('they serve on a host that has nothing, and through their own loader where the host has not theirs', async () => {
    await keep();
    const find = () => findTool({ version, stateDirectory: state, root: new HostRoot(host), needsBump: true });
    const direct = { path: kept('etcdutl'), program: 'etcdutl', version, argvPrefix: [] as string[], canBump: true };
    expect(await find()).toEqual(direct);
    const program = readFileSync(kept('etcdutl'));
    program.write('9', program.indexOf(loader) + loader.length - 1);
    writeFileSync(kept('etcdutl'), program);
    expect(await askVersion([kept('etcdutl'), 'version'])).toEqual({
      why: 'does not run: its loader is not there (it is dynamically linked)',
    });
    const tool = await find();
    expect(tool).toEqual({
      ...direct,
      argvPrefix: [kept('lib', basename(loader)), '--library-path', kept('lib')],
    });
    expect(await askVersion([...tool.argvPrefix, tool.path, 'version'])).toEqual({ version });
  });

  test('the version before stays, older ones and what was left half-done go', async () => {
    for (const [name, seconds] of [
      ['3.5.1', 2_000],
      ['3.4.30', 1_000],
      ['.3.5.2.part', 3_000],
      [`.${version}.part`, 4_000],
    ] as const) {
      mkdirSync(join(state, 'tools', name, 'lib'), { recursive: true });
      utimesSync(join(state, 'tools', name), seconds, seconds);
    }
    await keep();
    expect(readdirSync(join(state, 'tools')).sort()).toEqual([version, '3.5.1'].sort());
  });

  test('one that was replaced meanwhile is not kept under its predecessor’s version', async () => {
    expect(await keep({ version: '3.5.1' })).toEqual({ outcome: 'replaced', version });
    expect(readdirSync(join(state, 'tools'))).toEqual([]);
  });

  test.each([
    ['a process of the host', { pid: process.pid }, { outcome: 'on-host' }],
    ['a version that leads elsewhere', { version: '3.5.1/../../..' }, 'tools-not-kept'],
    ['a process that has gone', { pid: 2 ** 22 + 1 }, 'tools-not-kept'],
  ])('%s: nothing is kept', async (_what, more, expected) => {
    const outcome = await keep(more).catch((thrown: unknown) => (thrown as { reason: string }).reason);
    expect(outcome).toEqual(expected);
    expect(readdirSync(work)).toEqual(['host']);
  });
});

/** Which of several is taken. Programs of versions that cannot be had here are scripts that say so. */
describe('the order', () => {
  const place = (path: string, said: string) => {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), `#!/bin/sh\n${said}\n`, { mode: 0o755 });
  };
  const find = (version: string, needsBump = false) =>
    findTool({ version, stateDirectory: state, root: new HostRoot(host), etcdFolder: '/opt/etcd', needsBump });

  test.each<[string, string, boolean, Record<string, string>, string]>([
    [
      'the kept copy of the version before the host’s own',
      ...(['3.5.16', false] as const),
      { 'state/tools/3.5.16/etcdutl': '3.5.16', 'host/usr/bin/etcdutl': '3.5.16' },
      'state/tools/3.5.16/etcdutl',
    ],
    [
      'etcdutl before etcdctl',
      ...(['3.5.16', false] as const),
      { 'state/tools/3.5.16/etcdctl': '3.5.16', 'state/tools/3.5.16/etcdutl': '3.5.16' },
      'state/tools/3.5.16/etcdutl',
    ],
    [
      'etcdctl where the image had no etcdutl',
      ...(['3.5.16', true] as const),
      { 'state/tools/3.5.16/etcdctl': '3.5.16', 'host/usr/bin/etcdutl': '3.5.16' },
      'state/tools/3.5.16/etcdctl',
    ],
    [
      'the newest sibling before older ones and before the host’s own',
      ...(['3.5.16', false] as const),
      {
        'state/tools/3.5.9/etcdutl': '3.5.9',
        'state/tools/3.5.10/etcdutl': '3.5.10',
        'host/usr/bin/etcdutl': '3.5.16',
      },
      'state/tools/3.5.10/etcdutl',
    ],
    [
      'one that can bump where that is needed',
      ...(['3.5.9', true] as const),
      { 'state/tools/3.5.9/etcdutl': '3.5.9', 'host/usr/local/bin/etcdutl': '3.5.21' },
      'host/usr/local/bin/etcdutl',
    ],
    [
      'where etcd itself lies before the PATH',
      ...(['3.5.16', false] as const),
      { 'host/opt/etcd/etcdctl': '3.5.16', 'host/usr/local/sbin/etcdutl': '3.5.16' },
      'host/opt/etcd/etcdctl',
    ],
    [
      'never one of another minor version, wherever it lies',
      ...(['3.5.16', false] as const),
      { 'state/tools/3.6.1/etcdutl': '3.6.1', 'state/tools/3.5.16/etcdutl': '3.6.1', 'host/usr/bin/etcdutl': '3.5.1' },
      'host/usr/bin/etcdutl',
    ],
  ])('%s', async (_what, version, needsBump, there, expected) => {
    for (const [path, says] of Object.entries(there))
      place(path, `echo "${path.endsWith('etcdctl') ? 'etcdctl' : 'etcdutl'} version: ${says}"`);
    expect((await find(version, needsBump)).path).toBe(join(work, expected));
  });

  test('a link of the host’s is followed as the host would', async () => {
    place('host/opt/etcd-3.5/etcdutl', 'echo "etcdutl version: 3.5.16"');
    mkdirSync(join(host, 'usr'), { recursive: true });
    symlinkSync('/opt/etcd-3.5', join(host, 'usr/bin'));
    expect((await find('3.5.16')).path).toBe(join(host, 'opt/etcd-3.5/etcdutl'));
  });

  test('none: all that was looked at is named, with what was wrong with it', async () => {
    place('state/tools/3.5.16/etcdctl', 'echo "etcdctl version: 3.4.23"');
    place('host/usr/local/bin/etcdutl', 'echo "etcdutl version: 3.6.1"');
    place('host/usr/bin/etcdutl', 'echo hello');
    place('host/usr/bin/etcdctl', 'echo "Error: out of order" >&2; exit 1');
    place('host/sbin/etcdctl', 'exec sleep 60');
    place('host/opt/etcd/etcdutl', '');
    writeFileSync(join(host, 'opt/etcd/etcdutl'), 'no program', { mode: 0o755 });
    const failed = await find('3.5.16').catch((thrown: unknown) => thrown as { reason: string; why: string });
    expect(failed).toMatchObject({
      reason: 'no-etcd-tool',
      what: 'no etcdutl or etcdctl on this node can build data for etcd 3.5.16',
      next: expect.stringContaining('etcdutl of 3.5.16'),
    });
    const { why } = failed as { why: string };
    expect(why.split('; ')).toEqual(
      expect.arrayContaining([
        `${join(state, 'tools/3.5.16/etcdctl')} is 3.4.23: older by more than a patch`,
        '/usr/local/bin/etcdutl is 3.6.1: newer by more than a patch',
        '/usr/bin/etcdutl does not say its version',
        '/usr/bin/etcdctl does not run: out of order',
        '/sbin/etcdctl does not run: no answer within 5 s',
        expect.stringMatching(/^\/opt\/etcd\/etcdutl does not run: /),
        expect.stringMatching(/^there is neither etcdutl nor etcdctl in \/usr\/local\/sbin, /),
      ]),
    );
  });
});
