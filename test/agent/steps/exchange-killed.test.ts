/** The exchange in a process of its own, that is really killed: what exchange.test.ts does by the thousand, a few times without any double. */
import { afterAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { besidePaths } from '../../../agent/steps/step.ts';
import type { StepOf } from '../../../core/operation/steps.ts';

const work = mkdtempSync('/tmp/killed-');
afterAll(() => rmSync(work, { recursive: true, force: true }));

const places = {
  dataDir: '/etcd',
  besideData: '/etcd-kubectl-etcd/r-2345',
  walDir: '/wal',
  besideWal: '/wal/.kubectl-etcd/r-2345',
};
const step: StepOf<'exchange'> = { kind: 'exchange', places, hadMember: true };
const { built, builtWal = '' } = besidePaths(places);
const before = {
  '/etcd/member/snap/db': 'old db',
  '/wal/0.wal': 'old 0.wal',
  '/wal/1.wal': 'old 1.wal',
  [`${built}/member/snap/db`]: 'new db',
  [`${builtWal}/0.wal`]: 'new 0.wal',
};
const after = { '/etcd/member/snap/db': 'new db', '/wal/0.wal': 'new 0.wal' };

let count = 0;
function setUp(): string {
  const root = join(work, String((count += 1)));
  for (const [path, text] of Object.entries({ ...before, '/proc/locks': '' })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function files(root: string): Record<string, string> {
  const paths = readdirSync(root, { recursive: true }).map(String);
  return Object.fromEntries(
    paths
      .filter((path) => path !== 'proc/locks' && statSync(join(root, path)).isFile())
      .map((path) => [`/${path}`, readFileSync(join(root, path), 'utf8')]),
  );
}

/** What etcd would find. */
function inUse(root: string): Record<string, string> {
  return Object.fromEntries(Object.entries(files(root)).filter(([path]) => !path.includes('kubectl-etcd')));
}

/** @returns whether it came to its end; it is killed before change number `changes`. */
async function run(way: 'apply' | 'undo', root: string, changes: number): Promise<boolean> {
  const program = join(import.meta.dirname, 'killed-exchange.ts');
  const child = spawn(process.execPath, ['--no-warnings', program, way, root, String(changes), JSON.stringify(step)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(said);
  return code === 0;
}

test('killed at every change, and gone on with or gone back from', async () => {
  let ended = false;
  let kills = 0;
  for (; !ended; kills += 1) {
    const [there, back] = [setUp(), setUp()];
    const everything = Object.values(before).sort();
    const ends = await Promise.all([there, back].map((root) => run('apply', root, kills)));
    ended = ends.every(Boolean);
    for (const root of [there, back]) expect(Object.values(files(root)).sort()).toEqual(everything);
    await Promise.all([run('apply', there, Infinity), run('undo', back, 5)]);
    await run('undo', back, Infinity);
    expect(inUse(there)).toEqual(after);
    expect(inUse(back)).toMatchObject({
      '/etcd/member/snap/db': 'old db',
      '/wal/0.wal': 'old 0.wal',
      '/wal/1.wal': 'old 1.wal',
    });
    expect(Object.keys(inUse(back))).toHaveLength(3);
    for (const root of [there, back]) expect(Object.values(files(root)).sort()).toEqual(everything);
  }
  expect(kills).toBeGreaterThan(8);
}, 180_000);
