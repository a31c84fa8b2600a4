import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { JournalRecord } from '../../../core/operation/journal.ts';
import { plan as planSchema } from '../../../core/operation/plan.ts';
import type { Plan } from '../../../core/operation/plan.ts';
import { planOf } from '../../core/operation/plans.ts';
import { Killed, stoppable } from '../steps/stoppable-files.ts';

const stop = stoppable();
const { OperationStore } = await import('../../../agent/operation/store.ts');

const work = mkdtempSync('/tmp/store-');
afterAll(() => rmSync(work, { recursive: true, force: true }));

let count = 0;
let stateDirectory = '';
let store = new OperationStore({ stateDirectory: work, node: 'n1' });
const plan = planOf('stage: n1', 'stop!: n1 n2');
const other: Plan = { ...plan, id: 'r-00000', title: 'restore other.db', createdAt: '2026-11-21T09:00:00.000Z' };
const begun: JournalRecord = { event: 'begun', step: 'stage.n1', at: '2026-11-21T08:00:01.000Z' };
const closed: JournalRecord = { event: 'closed', at: '2026-11-21T08:00:02.000Z', outcome: 'withdrawn', by: 'anna' };
const folder = (id = plan.id) => join(stateDirectory, 'operations', id);
const journalFile = (id = plan.id) => join(folder(id), 'journal.jsonl');

beforeEach(() => {
  Object.assign(stop, { after: Infinity, done: [] });
  stateDirectory = join(work, String((count += 1)));
  store = new OperationStore({ stateDirectory, node: 'n1' });
});

test('an operation is kept as it was asked for, readable by root alone', async () => {
  expect(await store.open()).toBeUndefined();
  expect(await store.all()).toEqual([]);
  await store.takeUp(plan);
  expect(await store.read(plan.id)).toEqual({ plan, journal: [], closed: false });
  expect((await store.open())?.plan).toEqual(plan);
  expect(statSync(folder()).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder(), 'plan.json')).mode & 0o777).toBe(0o600);
  expect(statSync(journalFile()).mode & 0o777).toBe(0o600);
});

test('the same plan again is no change: its journal stays', async () => {
  await store.takeUp(plan);
  await store.append(plan.id, begun);
  await store.takeUp(structuredClone(plan));
  expect((await store.read(plan.id)).journal).toEqual([begun]);
});

describe('refused', () => {
  test.each<[what: string, before: Plan, isClosed: boolean, wanted: Plan, reason: string | undefined]>([
    ['another while one is open', plan, false, other, 'operation-open'],
    ['another when it is closed: taken up', plan, true, other, undefined],
    ['the same when it is closed', plan, true, plan, 'operation-differs'],
    ['its id with another plan', plan, false, { ...plan, title: 'restore another.db' }, 'operation-differs'],
  ])('%s', async (_what, before, isClosed, wanted, reason) => {
    await store.takeUp(before);
    if (isClosed) await store.append(before.id, closed);
    const kept = readdirSync(join(stateDirectory, 'operations'));
    if (reason === undefined) {
      await store.takeUp(wanted);
      expect((await store.all()).map((each) => each.plan.id)).toEqual([wanted.id, before.id]);
    } else {
      await expect(store.takeUp(wanted)).rejects.toMatchObject({ reason, exit: 5, node: 'n1' });
      expect(readdirSync(join(stateDirectory, 'operations'))).toEqual(kept);
      expect((await store.read(before.id)).plan).toEqual(before);
    }
  });

  test('the one that is open is named, and who began it', async () => {
    await store.takeUp(plan);
    await expect(store.takeUp(other)).rejects.toMatchObject({
      what: 'the operation r-7kq2m is not finished',
      why: 'restore demo.db, begun by anna@laptop; one operation at a time',
      next: 'kubectl etcd operation show r-7kq2m; then resume, rollback or abandon it',
    });
  });

  test.each(['..', '../../etc', 'r-7kq2m/..', 'R-7KQ2M', ''])('an id that is a path: %j', async (id) => {
    await expect(store.read(id)).rejects.toThrow('it is no id of an operation');
  });
});

test('stopped at any change, an operation is there whole or not at all, and can be taken up again', async () => {
  for (let after = 0, ended = false; !ended; after += 1) {
    stateDirectory = join(work, `stopped-${after}`);
    store = new OperationStore({ stateDirectory, node: 'n1' });
    Object.assign(stop, { after, done: [] });
    ended = await store.takeUp(plan).then(
      () => true,
      (thrown: unknown) => {
        if (!(thrown instanceof Killed)) throw thrown;
        return false;
      },
    );
    stop.after = Infinity;
    const kept = await store.all();
    expect([[], [{ plan, journal: [], closed: false }]]).toContainEqual(kept);
    if (ended) expect(kept).toHaveLength(1);
    else expect(after).toBeLessThan(20);
    await store.takeUp(plan);
    expect(await store.all()).toHaveLength(1);
    expect(readdirSync(join(stateDirectory, 'operations'))).toEqual([plan.id]);
  }
});

test('what an agent that was killed has left does not stand in the way', async () => {
  const part = join(stateDirectory, 'operations', `.${plan.id}.part`);
  mkdirSync(part, { recursive: true });
  writeFileSync(join(part, 'plan.json'), '{"format":');
  await store.takeUp(plan);
  expect(await store.read(plan.id)).toEqual({ plan, journal: [], closed: false });
});

test('torn at any byte, the next line is whole and those before it stay', async () => {
  await store.takeUp(plan);
  await store.append(plan.id, begun);
  const torn = JSON.stringify({ event: 'done', step: 'stage.n1', at: begun.at, tookMs: 3, result: { ü: 'ß' } });
  const bytes = Buffer.from(torn);
  for (let length = 0; length <= bytes.length; length += 1) {
    writeFileSync(journalFile(), `${JSON.stringify(begun)}\n`);
    appendFileSync(journalFile(), bytes.subarray(0, length));
    expect((await store.read(plan.id)).journal).toEqual([begun]);
    await store.append(plan.id, closed);
    expect(await store.read(plan.id)).toEqual({ plan, journal: [begun, closed], closed: true });
  }
  expect(readFileSync(journalFile(), 'utf8').split('\n')).toHaveLength(3);
});

test('a journal that is damaged in its middle is said to be, and nothing else begins', async () => {
  await store.takeUp(plan);
  await store.append(plan.id, begun);
  writeFileSync(journalFile(), `{"event":"clo\n${readFileSync(journalFile(), 'utf8')}`);
  await expect(store.read(plan.id)).rejects.toMatchObject({ reason: 'operation-unreadable' });
  await expect(store.takeUp(other)).rejects.toMatchObject({ reason: 'operation-unreadable' });
});

test('an operation that nobody knows', async () => {
  await expect(store.read('r-99999')).rejects.toMatchObject({ reason: 'unknown-operation', exit: 2 });
});

describe('of another version, with steps that this one does not know', () => {
  const unknownSteps = (id: string) =>
    writeFileSync(join(folder(id), 'plan.json'), JSON.stringify({ ...plan, id, kind: 'of-tomorrow' }));

  test('closed: history, which keeps nobody from anything', async () => {
    await store.takeUp(other);
    await store.append(other.id, begun);
    await store.append(other.id, closed);
    unknownSteps(other.id);
    expect(await store.all()).toEqual([]);
    await store.takeUp(plan);
    expect((await store.open())?.plan.id).toBe(plan.id);
  });

  test('open: nothing else is begun', async () => {
    await store.takeUp(other);
    await store.append(other.id, begun);
    unknownSteps(other.id);
    await expect(store.all()).rejects.toMatchObject({ reason: 'operation-unreadable' });
    await expect(store.takeUp(plan)).rejects.toMatchObject({ reason: 'operation-unreadable' });
  });
});

describe('another plan for one that is open', () => {
  const begin = async (step: string) => store.append(plan.id, { ...begun, step });
  const newer = v.parse(planSchema, { ...plan, version: 2, nodes: ['n1'], phases: plan.phases.slice(0, 2) });

  test('takes its place, however often; the one before stays beside it', async () => {
    await store.takeUp(plan);
    await begin('stage.n1');
    await store.change(newer);
    await store.change(newer);
    expect((await store.read(plan.id)).plan).toEqual(newer);
    expect(JSON.parse(readFileSync(join(folder(), 'plan-1.json'), 'utf8'))).toEqual(plan);
    expect((await store.read(plan.id)).journal).toHaveLength(1);
  });

  test.each<[string, () => Promise<void>, Plan]>([
    ['no newer one', () => store.change(newer), { ...plan, title: 'another' }],
    ['without what has begun here', () => begin('stop.n1'), { ...newer, phases: plan.phases.slice(0, 1) }],
    ['of one that is closed', () => store.append(plan.id, closed), newer],
  ])('%s: refused', async (_, first, wanted) => {
    await store.takeUp(plan);
    await first();
    await expect(store.change(wanted)).rejects.toMatchObject({ reason: 'operation-differs', exit: 5 });
    expect((await store.read(plan.id)).plan).not.toEqual(wanted);
  });

  test('killed at any point it is the one or the other', async () => {
    for (let after = 0; after < 40; after += 1) {
      stateDirectory = join(work, String((count += 1)));
      store = new OperationStore({ stateDirectory, node: 'n1' });
      Object.assign(stop, { after: Infinity, done: [] });
      await store.takeUp(plan);
      Object.assign(stop, { after, done: [] });
      const ended = await store.change(newer).then(
        () => true,
        (thrown: unknown) => {
          if (thrown instanceof Killed) return false;
          throw thrown;
        },
      );
      Object.assign(stop, { after: Infinity, done: [] });
      expect([plan, newer]).toContainEqual((await store.read(plan.id)).plan);
      await store.change(newer);
      expect((await store.read(plan.id)).plan).toEqual(newer);
      if (ended) return;
    }
    throw new Error('it does not end');
  });
});
