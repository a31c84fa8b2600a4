import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leaveProgram, linkCommand } from '../../../agent/resident/program.ts';

describe('the program on the disk of a node', () => {
  let work: string;
  let image: string;
  let state: string;
  beforeEach(async () => {
    work = await mkdtemp(join(tmpdir(), 'kubectl-etcd-program-'));
    image = join(work, 'image');
    state = join(work, 'state');
    mkdirSync(join(image, 'lib64'), { recursive: true });
    for (const name of ['kubectl-etcd.cjs', 'kubectl-etcd-agent.cjs', 'package.json', 'THIRD-PARTY-NOTICES'])
      writeFileSync(join(image, name), `${name} 1`);
    for (const name of ['kubectl-etcd', 'kubectl-etcd-agent', 'node'])
      writeFileSync(join(image, name), `#!/bin/sh\necho ${name} 1\n`, { mode: 0o755 });
    writeFileSync(join(image, 'lib64/libc.so.6.1'), 'the library');
    symlinkSync('libc.so.6.1', join(image, 'lib64/libc.so.6'));
    writeFileSync(join(image, 'lib64/readme'), 'no library');
  });
  afterEach(() => rm(work, { recursive: true, force: true }));
  const leave = () =>
    leaveProgram(
      { folder: image, node: join(image, 'node'), libraryFolders: [join(image, 'lib64'), join(image, 'nowhere')] },
      state,
    );
  const programs = () => readdirSync(join(state, 'program')).sort();

  test('is whole under `current`: bundles, launchers, Node and the libraries, links followed', async () => {
    const { folder, changed } = await leave();
    expect(changed).toBe(true);
    const current = join(state, 'program/current');
    expect(join(state, 'program', readlinkSync(current))).toBe(folder);
    expect(readdirSync(current).sort()).toEqual([
      ...['THIRD-PARTY-NOTICES', 'kubectl-etcd', 'kubectl-etcd-agent', 'kubectl-etcd-agent.cjs', 'kubectl-etcd.cjs'],
      ...['lib', 'node', 'package.json'],
    ]);
    expect(readdirSync(join(current, 'lib'))).toEqual(['libc.so.6', 'libc.so.6.1']);
    expect(lstatSync(join(current, 'lib/libc.so.6')).isFile()).toBe(true);
    expect(lstatSync(join(current, 'kubectl-etcd')).mode & 0o777).toBe(0o755);
  });

  test('again: nothing changes, not even a time', async () => {
    const { folder } = await leave();
    const before = lstatSync(join(folder, 'node')).mtimeMs;
    expect(await leave()).toEqual({ folder, changed: false });
    expect(lstatSync(join(folder, 'node')).mtimeMs).toBe(before);
  });

  test('another build takes the place of the one before, which goes the next time: somebody may just be starting it', async () => {
    const { folder: before } = await leave();
    writeFileSync(join(image, 'kubectl-etcd-agent.cjs'), 'of another build');
    const { folder, changed } = await leave();
    expect(changed).toBe(true);
    expect(folder).not.toBe(before);
    expect(existsSync(before)).toBe(true);
    expect(readFileSync(join(state, 'program/current/kubectl-etcd-agent.cjs'), 'utf8')).toBe('of another build');
    await leave();
    expect(existsSync(before)).toBe(false);
    expect(programs()).toHaveLength(2);
  });

  test('what a keeper that was killed has left half done is done anew', async () => {
    const { folder } = await leave();
    const [name = ''] = programs().filter((each) => each !== 'current');
    await rm(folder, { recursive: true });
    mkdirSync(join(state, 'program', `.${name}.part`));
    writeFileSync(join(state, 'program', `.${name}.part`, 'node'), 'half of it');
    symlinkSync('nowhere', join(state, 'program/.current.part'));
    await leave();
    expect(programs()).toEqual([name, 'current']);
    expect(readFileSync(join(folder, 'node'), 'utf8')).toContain('node 1');
  });

  test('the command on the PATH: made, kept at the newest, and never in the place of somebody else', async () => {
    const link = join(work, 'usr/local/bin/kubectl-etcd');
    await linkCommand(work, state);
    expect(readlinkSync(link)).toBe(join(state, 'program/current/kubectl-etcd'));
    await linkCommand(work, state);
    expect(readlinkSync(link)).toBe(join(state, 'program/current/kubectl-etcd'));
    await rm(link);
    writeFileSync(link, 'of somebody else');
    await linkCommand(work, state);
    expect(readFileSync(link, 'utf8')).toBe('of somebody else');
  });
});
