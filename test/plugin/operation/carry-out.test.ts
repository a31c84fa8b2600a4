/** Operations carried out against the agent's own routes, over HTTP/2: the lock, the barriers, what stops half-way and how it goes on. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Phase, Plan, PlacedStep } from '../../../core/operation/plan.ts';
import { carryOut, takeBack } from '../../../plugin/operation/carry-out.ts';
import { gatherAll, gatherOne } from '../../../plugin/operation/gather.ts';
import { runAbandon } from '../../../plugin/operation/run-abandon.ts';
import { runList } from '../../../plugin/operation/run-list.ts';
import { runResume } from '../../../plugin/operation/run-resume.ts';
import { runRollback } from '../../../plugin/operation/run-rollback.ts';
import { close, takeUp } from '../../../plugin/operation/session.ts';
import type { ConsentFlags } from '../../../plugin/report/ask.ts';
import { planOf } from '../../core/operation/plans.ts';
import { Agents } from './agents.ts';

const snapshot = readFileSync(resolve(import.meta.dirname, '../../core/snapshot/fixtures/etcd-3.5.db'));
const sha256 = createHash('sha256').update(snapshot).digest('hex');
const signal = new AbortController().signal;

/** A harmless step that takes as long as its gate: a file that comes from another node. */
function step(name: string, node: string): PlacedStep {
  return {
    id: `${name}.${node}`,
    node,
    does: { kind: 'receive', file: name, sizeBytes: snapshot.length, sha256, from: 'n9' },
  };
}

/** `a: n1 n2`, `b!: n1`, as in planOf. */
function planWith(id: string, ...lines: string[]): Plan {
  const plan = planOf(...lines);
  const phases = plan.phases.map((phase): Phase => ({
    ...phase,
    steps: phase.steps.map(({ node }) => step(phase.name, node)),
  }));
  return { ...plan, id, phases, nodes: ['n1', 'n2', 'n3'] };
}

const plan = planWith('r-2222', 'a: n1 n2 n3', 'b!: n1 n2', 'c!: n3 n1', 'd!!: n1');
const other = planWith('r-3333', 'a: n1 n2 n3');

let agents: Agents;
/** The gates that are shut, by `n1 a`. */
let shut: Map<string, PromiseWithResolvers<Buffer>>;

beforeEach(async () => {
  agents = await Agents.start('n1', 'n2', 'n3');
  shut = new Map();
  for (const name of ['a', 'b', 'c', 'd'])
    for (const node of agents.nodes) agents.gates.set(`${node} ${name}`, Promise.resolve(snapshot));
});
afterEach(() => agents[Symbol.asyncDispose]());

function shutGate(gate: string): PromiseWithResolvers<Buffer> {
  const made = Promise.withResolvers<Buffer>();
  shut.set(gate, made);
  agents.gates.set(gate, made.promise);
  return made;
}

/** What comes is not what was announced: the step fails. */
function spoil(gate: string): void {
  agents.gates.set(gate, Promise.resolve(Buffer.from('another file')));
}

function mend(gate: string): void {
  agents.gates.set(gate, Promise.resolve(snapshot));
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error(`it does not happen: ${agents.fetched.join(', ')}`);
    await sleep(10);
  }
}

const journals = async (of: Plan = plan) => Promise.all(agents.nodes.map((node) => agents.journal(node, of)));
const run = async (of: Plan = plan, on = signal) =>
  carryOut({ reach: await agents.reach(), plan: of, surroundings: agents.surroundings(on), format: 'table' });
const parts = (id: string) => ({
  ...{ id, surroundings: agents.surroundings(), open: () => agents.reach() },
  flags: { yes: true, clusterName: 'demo' } as ConsentFlags & { readonly output?: string },
});
const takeUpAll = async (of: Plan) => takeUp(await agents.reach(), of, { nodes: of.nodes, by: 'anna', signal });

describe('carried out', () => {
  test('phase by phase, each done on all of its nodes before the next begins', async () => {
    const slow = shutGate('n2 a');
    const ended = run();
    await until(() => agents.fetched.length === 3);
    await sleep(200);
    expect([...agents.fetched].sort()).toEqual(['n1 a', 'n2 a', 'n3 a']);
    slow.resolve(snapshot);
    expect(await ended).toBe(0);
    const order = agents.fetched.map((each) => each.split(' ')[1]).join('');
    expect(order).toBe('aaabbccd');
    expect(await journals()).toEqual([
      'begun a.n1, done a.n1, begun b.n1, done b.n1, begun c.n1, done c.n1, begun d.n1, done d.n1, closed done',
      'begun a.n2, done a.n2, begun b.n2, done b.n2, closed done',
      'begun a.n3, done a.n3, begun c.n3, done c.n3, closed done',
    ]);
  });

  test('an agent that dies in a step, and comes again: the step is done again, and nobody is asked', async () => {
    shutGate('n2 a');
    const ended = run();
    await until(() => agents.fetched.includes('n2 a'));
    await agents.stopOne('n2');
    mend('n2 a');
    await sleep(300);
    await agents.startOne('n2');
    expect(await ended).toBe(0);
    expect((await journals())[1]).toBe('begun a.n2, begun a.n2, done a.n2, begun b.n2, done b.n2, closed done');
  });

  test('interrupted: what runs goes on to its end, and nothing new begins', async () => {
    const slow = shutGate('n1 b');
    const interrupted = new AbortController();
    const ended = run(plan, interrupted.signal);
    ended.catch(() => undefined);
    await until(() => agents.fetched.includes('n1 b') && agents.fetched.includes('n2 b'));
    interrupted.abort(new Error('interrupted'));
    await sleep(100);
    slow.resolve(snapshot);
    await expect(ended).rejects.toMatchObject({ exit: 6 });
    expect(await journals()).toEqual([
      'begun a.n1, done a.n1, begun b.n1, done b.n1',
      'begun a.n2, done a.n2, begun b.n2, done b.n2',
      'begun a.n3, done a.n3',
    ]);
  });
});

describe('one at a time', () => {
  test('refused by the second node, it is given back on the first; what is open there stays', async () => {
    await takeUp(await agents.reach(), other, { nodes: ['n2'], by: 'ben', signal });
    await expect(run()).rejects.toMatchObject({ reason: 'operation-open', node: 'n2', exit: 5 });
    expect(await journals()).toEqual(['closed withdrawn', undefined, undefined]);
    expect(await journals(other)).toEqual([undefined, '', undefined]);
    expect(agents.fetched).toEqual([]);
  });

  test('a node that is not there is a refusal, too', async () => {
    await agents.stopOne('n3');
    await expect(run()).rejects.toMatchObject({ reason: 'agent-unreachable', node: 'n3' });
    expect(await journals()).toEqual(['closed withdrawn', 'closed withdrawn', undefined]);
  });

  test('Ctrl-C while a node is taking it up: it is given back there, too, though the answer was never heard', async () => {
    const answer = Promise.withResolvers<undefined>();
    agents.answers.set('n2', answer.promise);
    const interrupted = new AbortController();
    const ended = run(plan, interrupted.signal);
    ended.catch(() => undefined);
    await until(async () => (await agents.store('n2').open()) !== undefined);
    interrupted.abort(new Error('interrupted'));
    await expect(ended).rejects.toThrow('interrupted');
    answer.resolve(undefined);
    expect(await journals()).toEqual(['closed withdrawn', 'closed withdrawn', undefined]);
    for (const node of agents.nodes) expect(await agents.store(node).open()).toBeUndefined();
  });

  test('two plugins at once: one of them, and of the other nothing is left open', async () => {
    const both = [plan, other];
    const ended = await Promise.allSettled(both.map((each) => run(each)));
    const won = ended.findIndex(({ status }) => status === 'fulfilled');
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(ended[1 - won]).toMatchObject({ reason: { reason: 'operation-open', exit: 5 } });
    for (const node of agents.nodes) expect(await agents.store(node).open()).toBeUndefined();
    expect((await journals(both[won])).map((journal) => journal?.endsWith('closed done'))).toEqual([true, true, true]);
    expect(
      (await journals(both[1 - won])).filter((journal) => journal !== undefined && journal !== 'closed withdrawn'),
    ).toEqual([]);
  });

  test('two plugins resume the same one: each step is done once, and both hear of the end', async () => {
    await takeUpAll(plan);
    const slow = shutGate('n1 b');
    const ended = [runResume(parts(plan.id)), runResume(parts(plan.id))];
    const settled = Promise.allSettled(ended);
    await until(() => agents.fetched.includes('n1 b'));
    slow.resolve(snapshot);
    await settled;
    expect(agents.fetched).toHaveLength(8);
    for (const journal of await journals()) expect(journal).toMatch(/closed done$/);
  });
});

describe('stopped half-way', () => {
  test('before anything was touched: it is as if nothing had been asked for', async () => {
    spoil('n2 a');
    await expect(run()).rejects.toMatchObject({
      ...{ reason: 'stream-damaged', node: 'n2', exit: 5 },
      next: expect.stringMatching(/^nothing was stopped; what had been prepared was taken away again\n/) as unknown,
    });
    expect(await journals()).toEqual([
      'begun a.n1, done a.n1, undoing a.n1, undone a.n1, closed withdrawn',
      'begun a.n2, failed a.n2, undoing a.n2, undone a.n2, closed withdrawn',
      'begun a.n3, done a.n3, undoing a.n3, undone a.n3, closed withdrawn',
    ]);
  });

  test('after that: it stays, says how to go on, and goes on where it was', async () => {
    spoil('n2 b');
    await expect(run()).rejects.toMatchObject({
      ...{ reason: 'stopped-half-way', node: 'n2', exit: 6 },
      next: expect.stringContaining(
        'kubectl etcd operation resume r-2222\nundo it: kubectl etcd operation rollback r-2222',
      ) as unknown,
    });
    for (const node of agents.nodes) expect((await agents.store(node).open())?.plan.id).toBe(plan.id);
    mend('n2 b');
    agents.fetched.length = 0;
    expect(await runResume(parts(plan.id))).toBe(0);
    expect(agents.fetched[0]).toBe('n2 b');
    expect([...agents.fetched].sort()).toEqual(['n1 c', 'n1 d', 'n2 b', 'n3 c']);
  });

  test('rolled back: the last phase first, what never began is left alone, and it ends closed', async () => {
    spoil('n3 c');
    await expect(run()).rejects.toMatchObject({ exit: 6 });
    expect(await runRollback(parts(plan.id))).toBe(0);
    expect(await journals()).toEqual([
      'begun a.n1, done a.n1, begun b.n1, done b.n1, begun c.n1, done c.n1, undoing c.n1, undone c.n1, undoing b.n1, undone b.n1, undoing a.n1, undone a.n1, closed rolled-back',
      'begun a.n2, done a.n2, begun b.n2, done b.n2, undoing b.n2, undone b.n2, undoing a.n2, undone a.n2, closed rolled-back',
      'begun a.n3, done a.n3, begun c.n3, failed c.n3, undoing c.n3, undone c.n3, undoing a.n3, undone a.n3, closed rolled-back',
    ]);
    await expect(runResume(parts(plan.id))).rejects.toMatchObject({ reason: 'operation-closed', exit: 5 });
  });

  test('the steps of one node in a phase: one after the other, and undone the last one first', async () => {
    const both: Phase = { name: 'b', what: 'b', touches: true, steps: [step('b', 'n1'), step('c', 'n1')] };
    const two: Plan = { ...plan, phases: [both, { name: 'd', what: 'd', touches: true, steps: [step('d', 'n1')] }] };
    spoil('n1 d');
    await expect(run(two)).rejects.toMatchObject({ exit: 6 });
    expect(agents.fetched).toEqual(['n1 b', 'n1 c', 'n1 d']);
    expect(await runRollback(parts(two.id))).toBe(0);
    const undone = (await agents.journal('n1', two))?.match(/undone \S+(?=,)/g);
    expect(undone).toEqual(['undone d.n1', 'undone c.n1', 'undone b.n1']);
  });

  test('once an API server may have served the new data there is no way back', async () => {
    spoil('n1 d');
    await expect(run()).rejects.toMatchObject({ exit: 6, next: expect.not.stringContaining('undo it') as unknown });
    await expect(runRollback(parts(plan.id))).rejects.toMatchObject({ reason: 'already-served', exit: 5 });
    expect((await journals())[0]).toMatch(/failed d\.n1$/);
  });

  test('a node is away: neither is gone on nor back, and nothing that is half done is closed', async () => {
    spoil('n2 b');
    await expect(run()).rejects.toMatchObject({ exit: 6 });
    const before = await journals();
    await agents.stopOne('n3');
    for (const again of [runResume, runRollback])
      await expect(again(parts(plan.id))).rejects.toMatchObject({ reason: 'node-not-reached', node: 'n3', exit: 5 });
    expect(await journals()).toEqual(before);
    await agents.startOne('n3');
    mend('n2 b');
    expect(await runResume(parts(plan.id))).toBe(0);
  });

  test('a node is gone for good: the others go back without it, and it goes back when it is there again', async () => {
    spoil('n2 b');
    await expect(run()).rejects.toMatchObject({ exit: 6 });
    await agents.stopOne('n3');
    const without = { ...parts(plan.id), flags: { yes: true, clusterName: 'demo', dead: 'n3' } };
    await expect(runRollback({ ...without, flags: { ...without.flags, dead: 'n2' } })).rejects.toMatchObject({
      ...{ reason: 'dead-node-answers', node: 'n2', exit: 5 },
    });
    await expect(runResume({ ...parts(plan.id), flags: { dead: 'n9' } })).rejects.toMatchObject({ exit: 2 });
    expect(await runRollback(without)).toBe(0);
    expect((await journals()).map((journal) => journal?.endsWith('closed rolled-back'))).toEqual([true, true, false]);
    await agents.startOne('n3');
    expect(await runRollback(parts(plan.id))).toBe(0);
    expect((await journals())[2]).toBe('begun a.n3, done a.n3, undoing a.n3, undone a.n3, closed rolled-back');
  });

  test('a node that knows nothing of it refuses: what is half done elsewhere stays open', async () => {
    spoil('n2 b');
    await expect(run()).rejects.toMatchObject({ exit: 6 });
    const folder = agents.store('n3').folderOf(plan.id);
    renameSync(folder, join(agents.folder, 'away'));
    await takeUp(await agents.reach(), other, { nodes: ['n3'], by: 'ben', signal });
    const before = await journals();
    for (const again of [runResume, runRollback])
      await expect(again(parts(plan.id))).rejects.toMatchObject({ reason: 'operation-open', node: 'n3' });
    expect(await journals()).toEqual(before);
  });

  test('closed on some nodes only: it is closed on the others, and nothing is done again', async () => {
    await takeUpAll(plan);
    for (const { id, node } of plan.phases.flatMap(({ steps }) => steps))
      for (const event of ['begun', 'done'] as const)
        await agents.store(node).append(plan.id, { event, step: id, at: plan.createdAt, tookMs: 1 });
    await agents.store('n1').append(plan.id, { event: 'closed', at: plan.createdAt, outcome: 'done', by: 'anna' });
    expect(await runResume(parts(plan.id))).toBe(0);
    expect(agents.fetched).toEqual([]);
    for (const journal of await journals()) expect(journal?.match(/closed done/g)).toHaveLength(1);
  });

  test('a rollback that stops half-way goes on, and does not undo twice', async () => {
    spoil('n3 c');
    await expect(run()).rejects.toMatchObject({ exit: 6 });
    const { state } = await gatherOne(await agents.reach(), plan.id, signal);
    // The plugin dies after the first phase that it has undone.
    const [, , c] = plan.phases;
    await takeBack(
      {
        ...{ reach: await agents.reach(), surroundings: agents.surroundings(), format: 'table', states: state.steps },
        plan: { ...plan, phases: c === undefined ? [] : [c] },
      },
      'rolled-back',
    ).catch(() => undefined);
    await expect(runResume(parts(plan.id))).rejects.toMatchObject({ reason: 'being-rolled-back', exit: 5 });
    expect(await runRollback(parts(plan.id))).toBe(0);
    for (const journal of await journals()) {
      expect(journal).toMatch(/closed rolled-back$/);
      const undone = journal?.match(/undone \S+/g) ?? [];
      expect(new Set(undone).size).toBe(undone.length);
    }
  });

  test('one plugin goes on while another rolls back: what is closed as rolled back is', async () => {
    const slow = shutGate('n1 b');
    const forward = run();
    forward.catch(() => undefined);
    await until(async () => (await journals())[1]?.endsWith('done b.n2') === true);
    const back = runRollback(parts(plan.id));
    back.catch(() => undefined);
    await until(async () => (await journals())[1]?.endsWith('undone b.n2') === true);
    slow.resolve(snapshot);
    await Promise.allSettled([forward, back]);
    await expect(forward).rejects.toMatchObject({ exit: 6 });
    const isBack = (journal = '') =>
      [...journal.matchAll(/begun (\S+?)(?=,|$)/g)].every(([, id]) => journal.includes(`undone ${id}`));
    for (const journal of await journals())
      if (journal?.endsWith('closed rolled-back') === true) expect(isBack(journal)).toBe(true);
    if (
      (await Promise.all(agents.nodes.map(async (node) => agents.store(node).open()))).some(
        (open) => open !== undefined,
      )
    )
      await runRollback(parts(plan.id));
    for (const journal of await journals())
      expect([journal?.endsWith('closed rolled-back'), isBack(journal)]).toEqual([true, true]);
  });

  test('not closed as what it is not', async () => {
    spoil('n2 b');
    await expect(run()).rejects.toMatchObject({ exit: 6 });
    for (const outcome of ['done', 'withdrawn', 'rolled-back'] as const) {
      const failures = await close(await agents.reach(), plan, ['n1', 'n2'], outcome, 'anna');
      expect([...failures.keys()].sort()).toEqual(['n1', 'n2']);
    }
    for (const node of agents.nodes) expect(await agents.store(node).open()).toBeDefined();
  });

  test('abandoned: closed as it stands', async () => {
    spoil('n2 b');
    await expect(run()).rejects.toMatchObject({ exit: 6 });
    expect(await runAbandon(parts(plan.id))).toBe(0);
    for (const journal of await journals()) expect(journal).toMatch(/closed abandoned$/);
    for (const journal of await journals()) expect(journal).not.toContain('undo');
    expect(await run(other)).toBe(0);
  });

  test('neither abandoned nor rolled back without the name of the cluster', async () => {
    spoil('n2 b');
    await expect(run()).rejects.toMatchObject({ exit: 6 });
    const before = await journals();
    for (const flags of [{}, { yes: true, clusterName: 'prod' }])
      for (const command of [runAbandon, runRollback])
        await expect(command({ ...parts(plan.id), flags })).rejects.toMatchObject({ reason: 'not-confirmed', exit: 5 });
    expect(await journals()).toEqual(before);
  });
});

describe('gathered', () => {
  test('of what the nodes keep, the newest first; nodes that are away, and those that know nothing of it', async () => {
    await takeUp(await agents.reach(), plan, { nodes: ['n1', 'n2'], by: 'anna', signal });
    await agents.stopOne('n2');
    const [found] = await gatherAll(await agents.reach(), signal);
    expect(found).toMatchObject({ plan, open: true, unknown: ['n3'] });
    expect([...(found?.unreached.keys() ?? [])]).toEqual(['n2']);
  });

  test('a node of the plan that the access file does not have is one that is not reached', async () => {
    const wider = { ...plan, nodes: [...plan.nodes, 'n4'] };
    await takeUp(await agents.reach(), wider, { nodes: plan.nodes, by: 'anna', signal });
    const found = await gatherOne(await agents.reach(), plan.id, signal);
    expect([...found.unreached]).toMatchObject([['n4', { reason: 'unknown-node' }]]);
    expect(found.unknown).toEqual([]);
  });

  test('nobody answers: that is said, and not that there are none', async () => {
    for (const node of agents.nodes) await agents.stopOne(node);
    await expect(gatherAll(await agents.reach(), signal)).rejects.toMatchObject({ reason: 'agent-unreachable' });
    await expect(runList({ ...parts(''), flags: {} })).rejects.toMatchObject({ reason: 'agent-unreachable' });
  });
});
