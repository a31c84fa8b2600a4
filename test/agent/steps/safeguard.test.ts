/** What is there before anything is touched, saved once more: of an etcd that answers, and of one that does not. */
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HostRoot } from '../../../agent/host/root.ts';
import type { StepContext } from '../../../agent/steps/step.ts';
import { Failure } from '../../../core/failure.ts';
import { Killed, stoppable } from './stoppable-files.ts';

const stop = stoppable();
const { safeguardStep } = await import('../../../agent/steps/safeguard.ts');

const work = mkdtempSync('/tmp/safeguard-');
afterAll(() => rmSync(work, { recursive: true, force: true }));
let count = 0;
let folder = '';
let root = '';
const places = { dataDir: '/etcd', besideData: '/etcd-kubectl-etcd/r-2345' };
const withWal = { ...places, walDir: '/wal', besideWal: '/wal-kubectl-etcd/r-2345' };
const copy = 'before.db.copy';

beforeEach(() => {
  Object.assign(stop, { after: Infinity, done: [] });
  root = join(work, String((count += 1)));
  folder = join(root, 'operation');
  mkdirSync(folder, { recursive: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const context = () =>
  ({
    ...{
      node: 'n1',
      folder,
      root: new HostRoot(root),
      progress: () => undefined,
      signal: new AbortController().signal,
    },
    etcd: () => Promise.reject(new Failure({ reason: 'etcd-silent', what: 'etcd does not answer', node: 'n1' })),
  }) as Partial<StepContext> as StepContext;

const stepWith = (where: typeof places | typeof withWal) =>
  ({ kind: 'safeguard', file: 'before.db', places: where }) as const;

describe('an etcd that does not answer', () => {
  test('its database and its log are copied, whole or not at all, wherever that was stopped', async () => {
    const step = stepWith(withWal);
    put('/etcd/member/snap/db', 'the database');
    put('/wal/0.wal', 'the log');
    for (let after = 0, ended = false; !ended; after += 1) {
      Object.assign(stop, { after, done: [] });
      ended = await safeguardStep.apply(step, context()).then(
        () => true,
        (thrown: unknown) => {
          if (!(thrown instanceof Killed)) throw thrown;
          return false;
        },
      );
      stop.after = Infinity;
      expect(readdirSync(folder).filter((name) => name === copy)).toEqual(ended ? [copy] : []);
      expect(after).toBeLessThan(20);
    }
    expect(readdirSync(folder)).toEqual([copy]);
    expect(readFileSync(join(folder, copy, 'member/snap/db'), 'utf8')).toBe('the database');
    expect(readFileSync(join(folder, copy, 'wal/0.wal'), 'utf8')).toBe('the log');
  });

  test('what has been saved is not saved again: it may have been touched since', async () => {
    put('/etcd/member/snap/db', 'the database');
    expect(await safeguardStep.apply(stepWith(places), context())).toMatchObject({ file: copy });
    put('/etcd/member/snap/db', 'another');
    await safeguardStep.apply(stepWith(places), context());
    await safeguardStep.undo(stepWith(places), context());
    expect(readFileSync(join(folder, copy, 'member/snap/db'), 'utf8')).toBe('the database');
  });

  test('without a member there is nothing to save', async () => {
    expect(await safeguardStep.apply(stepWith(places), context())).toEqual({ nothing: 'there is no member in /etcd' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('what earlier operations keep in a WAL directory is not copied with it', async () => {
    put('/etcd/member/snap/db', 'the database');
    put('/wal/0.wal', 'the log');
    put('/wal/.kubectl-etcd/r-1111/old-wal/0.wal', 'an older log');
    await safeguardStep.apply(stepWith({ ...withWal, besideWal: '/wal/.kubectl-etcd/r-2345' }), context());
    expect(readdirSync(join(folder, copy, 'wal'))).toEqual(['0.wal']);
  });
});

test('interrupted while it asked etcd: nothing is copied', async () => {
  put('/etcd/member/snap/db', 'the database');
  const interrupted = { ...context(), signal: AbortSignal.abort(new Error('interrupted')) };
  await expect(safeguardStep.apply(stepWith(places), interrupted)).rejects.toThrow();
  expect(readdirSync(folder)).toEqual([]);
});
