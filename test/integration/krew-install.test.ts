/** What krew does with the archive, on a machine with neither a checkout nor a Node. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { extract } from 'tar';
import * as v from 'valibot';
import { parse } from 'yaml';
import { pluginContent, writeArchive } from '../../krew/archive.ts';
import { nodeBinary } from '../../krew/node-binary.ts';
import { writePrograms } from '../../packaging/write-programs.ts';

const root = join(import.meta.dirname, '../..');
const manifest = v.looseObject({
  spec: v.looseObject({
    platforms: v.array(
      v.looseObject({ bin: v.string(), files: v.array(v.looseObject({ from: v.string(), to: v.literal('.') })) }),
    ),
  }),
});

let directory: string;
let bin: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'krew-install-'));
  const [dist, unpacked, store] = [
    join(directory, 'dist'),
    join(directory, 'unpacked'),
    join(directory, 'store/etcd/v0'),
  ];
  await writePrograms({ root, into: dist, programs: [{ name: 'kubectl-etcd', entry: 'plugin/main.ts' }] });
  const node = await nodeBinary({ root, architecture: process.arch === 'arm64' ? 'arm64' : 'x64', scratch: directory });
  const file = join(directory, 'archive.tar.gz');
  await writeArchive({ file, content: pluginContent({ root, dist, node }), scratch: join(directory, 'content') });
  await rm(dist, { recursive: true });

  // As krew: unpack, copy the files that the manifest names, link its bin under the plugin's name.
  const { spec } = v.parse(manifest, parse(await readFile(join(root, 'krew/etcd.yaml'), 'utf8')));
  const [platform] = spec.platforms;
  if (platform === undefined) throw new Error('krew/etcd.yaml names no platform');
  await mkdir(unpacked);
  await extract({ file, cwd: unpacked });
  expect((await readdir(unpacked)).sort()).toEqual(platform.files.map(({ from }) => from).sort());
  await mkdir(store, { recursive: true });
  await extract(
    { file, cwd: store },
    platform.files.map(({ from }) => from),
  );
  bin = join(directory, 'bin');
  await mkdir(bin);
  await symlink(join(store, platform.bin), join(bin, 'kubectl-etcd'));
}, 120_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

function start(
  program: string,
): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number | null }> {
  return new Promise((resolve) => {
    const env = { PATH: bin, HOME: join(directory, 'home') };
    const child = execFile(program, ['--help'], { env, cwd: directory }, (_failed, stdout, stderr) => {
      resolve({ stdout, stderr, code: child.exitCode });
    });
  });
}

test('the plugin runs with nothing but its own directory and the link on PATH', async () => {
  expect(await start(join(bin, 'kubectl-etcd'))).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('Usage: kubectl'),
  });
});

test('it runs on its own Node, though an old one is on PATH', async () => {
  await writeFile(join(bin, 'node'), '#!/bin/sh\necho v18.19.0\n', { mode: 0o755 });
  expect(await start(join(bin, 'kubectl-etcd'))).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Usage: kubectl'),
  });
});

test('without its own Node it refuses the old one in a sentence', async () => {
  await rm(join(directory, 'store/etcd/v0/node'));
  expect(await start(join(bin, 'kubectl-etcd'))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is v18.19.0; install a newer one'),
  });
});
