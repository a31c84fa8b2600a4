/** The runner with real steps and a real journal: a file comes from another node as fast as the test lets it. */
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { StepRunner } from '../../../agent/operation/runner.ts';
import { OperationStore } from '../../../agent/operation/store.ts';
import type { StepContext } from '../../../agent/steps/step.ts';
import { Failure } from '../../../core/failure.ts';
import type { StepEvent } from '../../../core/operation/messages.ts';
import type { Plan, PlacedStep } from '../../../core/operation/plan.ts';
import { planOf } from '../../core/operation/plans.ts';

const snapshot = readFileSync(resolve(import.meta.dirname, '../../core/snapshot/fixtures/etcd-3.5.db'));
const receive = (file: string): PlacedStep => ({
  id: file,
  node: 'n1',
  does: {
    kind: 'receive',
    file,
    sizeBytes: snapshot.length,
    sha256: createHash('sha256').update(snapshot).digest('hex'),
    from: 'n2',
  },
});
const one = receive('one.db');
const two = receive('two.db');
const plan: Plan = { ...planOf('stage: n1'), phases: [{ name: 'stage', what: 'stage', steps: [one, two] }] };

const work = mkdtempSync('/tmp/runner-');
afterAll(() => rmSync(work, { recursive: true, force: true }));
let count = 0;
let store = new OperationStore({ stateDirectory: work, node: 'n1' });
let runner = runnerOf();
/** What was asked of the other node, each with what lets it answer: well, or not. */
let fetched: { file: string; answer: (failure?: Error) => void }[] = [];

function runnerOf(): StepRunner {
  return new StepRunner({
    node: 'n1',
    store,
    contextFor: (operation, progress) =>
      ({
        ...{ node: 'n1', operation, progress, folder: store.folderOf(operation) },
        signal: new AbortController().signal,
        fetch: (_from, file) => {
          const { promise, resolve: answer, reject } = Promise.withResolvers<undefined>();
          fetched.push({ file, answer: (failure) => (failure === undefined ? answer(undefined) : reject(failure)) });
          return pieces(promise);
        },
      }) as Partial<StepContext> as StepContext,
  });
}

async function* pieces(whole: Promise<undefined>): AsyncGenerator<Buffer, void, undefined> {
  yield snapshot.subarray(0, 1000);
  await whole;
  yield snapshot.subarray(1000);
}

beforeEach(async () => {
  store = new OperationStore({ stateDirectory: join(work, String((count += 1))), node: 'n1' });
  runner = runnerOf();
  fetched = [];
  await store.takeUp(plan);
});

const journal = async () =>
  (await store.read(plan.id)).journal.map((record) =>
    'step' in record ? `${record.event} ${record.step}` : record.event,
  );

async function lastOf(events: AsyncIterable<StepEvent>): Promise<StepEvent | undefined> {
  let last: StepEvent | undefined;
  for await (const event of events) last = event;
  return last;
}

async function until(condition: () => boolean): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > endMs) throw new Error('it does not happen');
    await turn();
  }
}

/** Lets the others have their turn: long enough for what must not happen to happen. */
async function meanwhile(): Promise<void> {
  for (let turns = 0; turns < 200; turns += 1) await turn();
}

test('before it begins and when it has ended a line is on the disk', async () => {
  const ended = lastOf(runner.run(plan.id, one, 'do'));
  await until(() => fetched.length === 1);
  expect(await journal()).toEqual(['begun one.db']);
  fetched[0]?.answer();
  expect(await ended).toMatchObject({ event: 'done' });
  expect(await journal()).toEqual(['begun one.db', 'done one.db']);
  expect(readFileSync(join(store.folderOf(plan.id), 'one.db'))).toEqual(snapshot);
});

test('asked twice at once, it runs once and both hear of it', async () => {
  const asked = [runner.run(plan.id, one, 'do'), runner.run(plan.id, one, 'do')].map(lastOf);
  await until(() => fetched.length > 0);
  asked.push(lastOf(runner.run(plan.id, one, 'do')));
  await meanwhile();
  expect(fetched).toHaveLength(1);
  fetched[0]?.answer(new Failure({ reason: 'link-lost', what: 'the other node has gone' }));
  const [first, ...others] = await Promise.all(asked);
  expect(first).toMatchObject({ event: 'failed', failure: { what: 'the other node has gone' } });
  for (const other of others) expect(other).toEqual(first);
  expect(await journal()).toEqual(['begun one.db', 'failed one.db']);
});

test('a listener that goes away does not stop it, and one that comes late hears of it', async () => {
  for await (const event of runner.run(plan.id, one, 'do')) {
    expect(event).toMatchObject({ event: 'progress', text: 'from n2', doneBytes: 1000 });
    break;
  }
  const late = lastOf(runner.run(plan.id, one, 'do'));
  fetched[0]?.answer();
  expect(await late).toMatchObject({ event: 'done' });
  expect(fetched).toHaveLength(1);
});

test('done is not done again; what was heard the first time is said again', async () => {
  const first = lastOf(runner.run(plan.id, one, 'do'));
  await until(() => fetched.length === 1);
  fetched[0]?.answer();
  const done = await first;
  rmSync(join(store.folderOf(plan.id), 'one.db'));
  expect(await lastOf(runnerOf().run(plan.id, one, 'do'))).toEqual(done);
  expect(fetched).toHaveLength(1);
});

test('an agent that died in it applies it again; one that failed too', async () => {
  await store.append(plan.id, { event: 'begun', step: one.id, at: new Date().toISOString() });
  for (const failure of [new Error('the other node has gone'), undefined]) {
    fetched = [];
    const ended = lastOf(runner.run(plan.id, one, 'do'));
    await until(() => fetched.length === 1);
    fetched[0]?.answer(failure);
    expect(await ended).toMatchObject({ event: failure === undefined ? 'done' : 'failed' });
  }
  expect(await journal()).toEqual(['begun one.db', 'begun one.db', 'failed one.db', 'begun one.db', 'done one.db']);
});

test('one at a time', async () => {
  const ended = [runner.run(plan.id, one, 'do'), runner.run(plan.id, two, 'do')].map(lastOf);
  await until(() => fetched.length > 0);
  await meanwhile();
  expect(fetched.map(({ file }) => file)).toEqual(['one.db']);
  expect(await journal()).toEqual(['begun one.db']);
  fetched[0]?.answer();
  await until(() => fetched.length > 1);
  expect(await journal()).toEqual(['begun one.db', 'done one.db', 'begun two.db']);
  expect(runner.isBusy).toBe(true);
  fetched[1]?.answer();
  expect(await Promise.all(ended)).toMatchObject([{ event: 'done' }, { event: 'done' }]);
  expect(runner.isBusy).toBe(false);
});

test('what waits for its turn is busy as well, from the moment it is asked for', async () => {
  expect(runner.isBusy).toBe(false);
  const ended = lastOf(runner.run(plan.id, one, 'do'));
  expect(runner.isBusy).toBe(true);
  await until(() => fetched.length === 1);
  fetched[0]?.answer();
  await ended;
  expect(runner.isBusy).toBe(false);
});

test('undoing what never began changes nothing; what began is undone, once', async () => {
  expect(await lastOf(runner.run(plan.id, one, 'undo'))).toEqual({ event: 'done', tookMs: 0 });
  expect(await journal()).toEqual([]);
  const ended = lastOf(runner.run(plan.id, one, 'do'));
  await until(() => fetched.length === 1);
  // Asked for while it runs: it waits until that has ended.
  const undone = lastOf(runner.run(plan.id, one, 'undo'));
  await meanwhile();
  expect(await journal()).toEqual(['begun one.db']);
  fetched[0]?.answer();
  expect(await ended).toMatchObject({ event: 'done' });
  expect(await undone).toMatchObject({ event: 'done' });
  expect(existsSync(join(store.folderOf(plan.id), 'one.db'))).toBe(false);
  expect(await lastOf(runner.run(plan.id, one, 'undo'))).toEqual({ event: 'done', tookMs: 0 });
  expect(await journal()).toEqual(['begun one.db', 'done one.db', 'undoing one.db', 'undone one.db']);
});

test('what is being rolled back is not gone on with, by whichever plugin', async () => {
  for (const event of ['begun', 'undoing'] as const)
    await store.append(plan.id, { event, step: one.id, at: new Date().toISOString() });
  for (const step of [one, two])
    expect(await lastOf(runner.run(plan.id, step, 'do'))).toMatchObject({
      event: 'failed',
      failure: { reason: 'being-rolled-back', exit: 5 },
    });
  expect(fetched).toEqual([]);
});

test('closed while it waited for its turn: it does not begin', async () => {
  const ended = lastOf(runner.run(plan.id, one, 'do'));
  await until(() => fetched.length === 1);
  const waiting = lastOf(runner.run(plan.id, two, 'do'));
  await store.append(plan.id, { event: 'closed', at: new Date().toISOString(), outcome: 'abandoned', by: 'anna' });
  fetched[0]?.answer();
  await ended;
  expect(await waiting).toMatchObject({ event: 'failed', failure: { reason: 'operation-closed' } });
  expect(fetched).toHaveLength(1);
});

test('a journal that cannot be written: failed, and the next step has its turn', async () => {
  const folder = store.folderOf(plan.id);
  const ended = lastOf(runner.run(plan.id, one, 'do'));
  await until(() => fetched.length === 1);
  renameSync(folder, `${folder}-away`);
  fetched[0]?.answer();
  expect(await ended).toMatchObject({ event: 'failed' });
  renameSync(`${folder}-away`, folder);
  writeFileSync(join(folder, 'two.db'), snapshot);
  expect(await lastOf(runner.run(plan.id, two, 'do'))).toMatchObject({ event: 'done' });
});
