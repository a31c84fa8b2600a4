/** The commit of a restore, stopped at every call that changes something: nothing may be lost, and old and new never be mixed. */
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { HostRoot } from '../../../agent/host/root.ts';
import { besidePaths } from '../../../agent/steps/step.ts';
import type { StepContext } from '../../../agent/steps/step.ts';
import type { DataPlaces } from '../../../core/operation/steps.ts';
import { Killed, stoppable } from './stoppable-files.ts';

const stop = stoppable();
const { exchangeStep } = await import('../../../agent/steps/exchange.ts');

/** In memory: thousands of fsyncs. */
const folder = mkdtempSync(existsSync('/dev/shm') ? '/dev/shm/exchange-' : '/tmp/exchange-');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Which files there are; what they hold is their own old or new name, so that one found again is known. */
interface Node {
  /** Where the write-ahead log is: in `member`, in a folder of its own, or in one that is a mount point, with our folder in it. */
  readonly log: 'inside' | 'own' | 'mount';
  /** Numbers of the old WAL files; undefined where there is no member at all. */
  readonly old: readonly number[] | undefined;
  readonly built: readonly number[];
}

const nodes: Readonly<Record<string, Node>> = {
  'the usual': { log: 'inside', old: [0], built: [0] },
  'no member': { log: 'inside', old: undefined, built: [0] },
  'a WAL directory of its own': { log: 'own', old: [0, 1], built: [0] },
  'a WAL directory of its own, older files gone': { log: 'own', old: [7, 8, 9], built: [0] },
  'a WAL directory of its own, and no member': { log: 'own', old: undefined, built: [0] },
  'a WAL directory that is a mount point': { log: 'mount', old: [0, 1, 2], built: [0, 1] },
  'a mount point, and no member': { log: 'mount', old: undefined, built: [0] },
};

let count = 0;
let root = '';
let places: DataPlaces;

function walName(number: number): string {
  return `${String(number).padStart(16, '0')}-${String(number * 100).padStart(16, '0')}.wal`;
}

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A node whose new data has been built. @returns what lies where. */
function setUp({ log, old, built }: Node): void {
  root = join(folder, String((count += 1)));
  const walDir = log === 'inside' ? undefined : '/wal';
  const besideWal = log === 'own' ? '/wal-kubectl-etcd/r-2345' : '/wal/.kubectl-etcd/r-2345';
  places = {
    dataDir: '/etcd',
    besideData: '/etcd-kubectl-etcd/r-2345',
    ...(walDir === undefined ? {} : { walDir, besideWal }),
  };
  mkdirSync(join(root, 'etcd'), { recursive: true });
  // Not ours, not etcd's, and nobody's to move.
  put('/etcd/notes', 'foreign notes');
  put('/proc/locks', '');
  if (walDir !== undefined) put('/wal/lost+found/1', 'foreign 1');
  const logOf = (inside: string, beside: string) => (log === 'inside' ? inside : beside);
  if (old !== undefined) {
    put('/etcd/member/snap/db', 'old db');
    for (const each of old) put(`${logOf('/etcd/member/wal', '/wal')}/${walName(each)}`, `old ${walName(each)}`);
    put(`${logOf('/etcd/member/wal', '/wal')}/0.tmp`, 'old 0.tmp');
  }
  const beside = besidePaths(places);
  const data = `${beside.built}/member`;
  put(`${data}/snap/db`, 'new db');
  for (const each of built)
    put(`${logOf(`${data}/wal`, beside.builtWal ?? '')}/${walName(each)}`, `new ${walName(each)}`);
}

/** Every file with what it holds; empty folders do not count. */
function files(at = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(join(root, at), { withFileTypes: true }))
    if (entry.isDirectory()) for (const [path, text] of files(join(at, entry.name))) found.set(path, text);
    else found.set(join(at, entry.name), readFileSync(join(root, at, entry.name), 'utf8'));
  return found;
}

/** Everything that there is, wherever it lies. */
function texts(): string[] {
  return [...files().values()].sort();
}

/** Whose what etcd would find: `old`, `new`; both is what must never be. */
function owners(under: RegExp): string[] {
  const found = [...files()].flatMap(([path, text]) => (under.test(path) ? [text.split(' ')[0] ?? ''] : []));
  return [...new Set(found)].filter((owner) => owner !== 'foreign');
}

const inData = /^etcd\/member\//;
const inLog = /^wal\/[^/.][^/]*$/;

function context(): StepContext {
  return { node: 'cp1', root: new HostRoot(root) } as StepContext;
}

/** @returns whether it came to its end. */
async function run(way: 'apply' | 'undo', after: number): Promise<boolean> {
  stop.after = after;
  stop.done = [];
  try {
    await exchangeStep[way]({ kind: 'exchange', places, hadMember: true }, context());
    return true;
  } catch (thrown) {
    if (thrown instanceof Killed) return false;
    throw thrown;
  } finally {
    stop.after = Infinity;
  }
}

function soundAt(everything: readonly string[]): void {
  expect(texts()).toEqual(everything);
  expect(owners(inData).length).toBeLessThanOrEqual(1);
  expect(owners(inLog).length).toBeLessThanOrEqual(1);
}

function newIsIn({ log }: Node): void {
  expect(owners(inData)).toEqual(['new']);
  if (log !== 'inside') expect(owners(inLog)).toEqual(['new']);
  expect([...files().keys()].filter((path) => path.includes('/kubectl-etcd-new'))).toEqual([]);
}

/** Exactly what was there, and under the same names. */
function oldIsIn(before: ReadonlyMap<string, string>): void {
  const own = (all: ReadonlyMap<string, string>) =>
    [...all].filter(([path]) => !path.includes('kubectl-etcd')).sort(([one], [other]) => (one < other ? -1 : 1));
  expect(own(files())).toEqual(own(before));
}

beforeEach(() => {
  stop.after = Infinity;
});

describe.each(Object.entries(nodes))('%s', (_name, node) => {
  test('done, and done again; undone, and undone again', async () => {
    setUp(node);
    const before = files();
    const everything = texts();
    for (let round = 0; round < 2; round += 1) {
      expect(await run('apply', Infinity)).toBe(true);
      newIsIn(node);
      soundAt(everything);
    }
    for (let round = 0; round < 2; round += 1) {
      expect(await run('undo', Infinity)).toBe(true);
      oldIsIn(before);
      soundAt(everything);
    }
  });

  test('undone before it began: nothing has changed, and it can still be done', async () => {
    setUp(node);
    const before = files();
    await run('undo', Infinity);
    expect(files()).toEqual(before);
    await run('apply', Infinity);
    newIsIn(node);
  });

  test('stopped anywhere: done to the end, or undone', async () => {
    for (let after = 0, ended = false; !ended; after += 1)
      for (const next of ['apply', 'undo'] as const) {
        setUp(node);
        const before = files();
        const everything = texts();
        ended = await run('apply', after);
        soundAt(everything);
        expect(await run(next, Infinity)).toBe(true);
        soundAt(everything);
        if (next === 'apply') newIsIn(node);
        else oldIsIn(before);
      }
    expect(stop.done.length).toBeGreaterThanOrEqual(1);
  });

  test('stopped anywhere, its undoing stopped anywhere, and undone', async () => {
    for (let after = 0, ended = false; !ended; after += 1)
      for (let undoneAfter = 0, undone = false; !undone; undoneAfter += 1) {
        setUp(node);
        const before = files();
        const everything = texts();
        ended = await run('apply', after);
        undone = await run('undo', undoneAfter);
        soundAt(everything);
        expect(await run('undo', Infinity)).toBe(true);
        oldIsIn(before);
        soundAt(everything);
      }
  });

  test('what is being taken back is not done again, and not said to be', async () => {
    for (let undoneAfter = 1, undone = false; !undone; undoneAfter += 1) {
      setUp(node);
      const before = files();
      await run('apply', Infinity);
      undone = await run('undo', undoneAfter);
      await expect(run('apply', Infinity)).rejects.toMatchObject({ reason: 'being-rolled-back' });
      await run('undo', Infinity);
      oldIsIn(before);
    }
  });

  test('with what was built gone, it does not begin', async () => {
    setUp(node);
    rmSync(join(root, besidePaths(places).built), { recursive: true });
    const before = files();
    await expect(run('apply', Infinity)).rejects.toMatchObject({ reason: 'data-lost' });
    expect(files()).toEqual(before);
    await run('undo', Infinity);
    expect(files()).toEqual(before);
  });
});

const anyNode: fc.Arbitrary<Node> = fc.record({
  log: fc.constantFrom('inside' as const, 'own' as const, 'mount' as const),
  old: fc.option(fc.uniqueArray(fc.nat(9), { maxLength: 4 }), { nil: undefined }),
  built: fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 3 }),
});

test('however often it is stopped, on the way there and on the way back', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyNode,
      fc.array(fc.nat(14), { maxLength: 4 }),
      fc.array(fc.nat(14), { maxLength: 4 }),
      fc.boolean(),
      async (node, stopsThere, stopsBack, wholly) => {
        setUp(node);
        const before = files();
        const everything = texts();
        for (const after of stopsThere) {
          await run('apply', after);
          soundAt(everything);
        }
        if (wholly) {
          await run('apply', Infinity);
          newIsIn(node);
        }
        for (const after of stopsBack) {
          await run('undo', after);
          soundAt(everything);
        }
        await run('undo', Infinity);
        oldIsIn(before);
        soundAt(everything);
        rmSync(root, { recursive: true });
      },
    ),
    { numRuns: 100 },
  );
});

test('a WAL directory without what was built for it: the new database does not go beside an old log', async () => {
  setUp({ log: 'own', old: [0], built: [0] });
  rmSync(join(root, 'wal-kubectl-etcd'), { recursive: true });
  const before = files();
  await expect(run('apply', Infinity)).rejects.toMatchObject({ reason: 'data-lost' });
  expect(files()).toEqual(before);
});

test('a WAL directory that cannot be read is not taken for an empty one', async () => {
  setUp({ log: 'own', old: [0], built: [0] });
  cpSync(join(root, 'wal'), join(root, 'elsewhere'), { recursive: true });
  rmSync(join(root, 'wal'), { recursive: true });
  writeFileSync(join(root, 'wal'), 'not a folder');
  const everything = texts();
  await expect(run('apply', Infinity)).rejects.toThrow('ENOTDIR');
  expect(texts()).toEqual(everything);
});

test('an etcd that was started by hand on the empty place is not written over', async () => {
  setUp({ log: 'inside', old: [0], built: [0] });
  for (let after = 0; !existsSync(join(root, places.besideData, 'old/member')); after += 1) await run('apply', after);
  put('/etcd/member/snap/db', 'another db');
  const everything = texts();
  await expect(run('apply', Infinity)).rejects.toMatchObject({ reason: 'data-came-back' });
  await expect(run('undo', Infinity)).rejects.toMatchObject({ reason: 'data-came-back' });
  expect(texts()).toEqual(everything);
});

test('whoever holds the database is named, and nothing moves', async () => {
  setUp({ log: 'own', old: [0], built: [0] });
  const db = join(root, 'etcd/member/snap/db');
  const holder = spawn('flock', ['--no-fork', db, 'sh', '-c', 'echo held; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await once(holder.stdout, 'data');
    writeFileSync(join(root, 'proc/locks'), readFileSync('/proc/locks'));
    const before = files();
    for (const way of ['apply', 'undo'] as const)
      await expect(run(way, Infinity)).rejects.toMatchObject({
        reason: 'data-in-use',
        why: expect.stringMatching(/^the process \d+ holds the lock/) as unknown,
      });
    expect(files()).toEqual(before);
  } finally {
    holder.kill('SIGKILL');
    await once(holder, 'close');
  }
});
