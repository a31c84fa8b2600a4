/** A restore that goes on, or back, without a node: the plan that comes out, for each point at which the node may have gone. */
import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { allSteps, plan as planSchema } from '../../../core/operation/plan.ts';
import type { Plan } from '../../../core/operation/plan.ts';
import type { StepState } from '../../../core/operation/state.ts';
import { stateOf } from '../../../core/operation/state.ts';
import { mayHaveServed, onlyOn, withoutDead } from '../../../plugin/operation/without-dead.ts';
import { planRestore } from '../../../plugin/restore/plan-restore.ts';
import { factsOf, snapshotWith, surveyOf } from '../restore/facts.ts';

const cluster = (...nodes: string[]) => nodes.map((node) => surveyOf(node));
const three = planRestore(factsOf(cluster('cp1', 'cp2', 'cp3')));
const five = planRestore(factsOf(cluster('cp1', 'cp2', 'cp3', 'cp4', 'cp5')));
const phases = three.phases.map(({ name }) => name);

/** Everything up to, and with, this phase is done; what the dead have done is not known. */
function doneUpTo(plan: Plan, last: string, dead: readonly string[]): Map<string, StepState> {
  const at = plan.phases.findIndex(({ name }) => name === last);
  const steps = plan.phases.slice(0, at + 1).flatMap((phase) => phase.steps);
  return new Map(steps.filter(({ node }) => !dead.includes(node)).map(({ id }) => [id, 'done'] as const));
}

const without = (plan: Plan, dead: readonly string[], last: string) =>
  withoutDead(plan, dead, doneUpTo(plan, last, dead));
const stepsIn = (plan: Plan, name: string) =>
  plan.phases.find((phase) => phase.name === name)?.steps.map(({ node, does }) => `${node} ${does.kind}`);

describe.each(['cp1', 'cp2', 'cp3'])('without %s', (dead) => {
  const living = ['cp1', 'cp2', 'cp3'].filter((node) => node !== dead);
  const first = living[0] ?? '';

  test.each(phases.slice(phases.indexOf('prepare')))('gone after %s', (last) => {
    const plan = without(three, [dead], last);
    expect(v.is(planSchema, plan)).toBe(true);
    expect(plan.nodes).toEqual(living);
    expect(plan.version).toBe(2);
    expect(plan.leftOut).toEqual([{ node: dead, declaredDead: true }]);
    expect(allSteps(plan).filter(({ node }) => node === dead)).toEqual([]);
    expect(new Set(allSteps(plan).map(({ id }) => id)).size).toBe(allSteps(plan).length);
    expect(stepsIn(plan, 'fence')).toEqual([`${first} fence`]);
    expect(stepsIn(plan, 'remove-members')).toEqual([`${first} remove-members`]);
    const order = plan.phases.map(({ name }) => name);
    expect(order.indexOf('fence')).toBeLessThan(order.indexOf('start-etcd'));
    expect(order.indexOf('start-etcd')).toBeLessThan(order.indexOf('remove-members'));
    const check = order.indexOf('check');
    if (check !== -1) expect(order.indexOf('remove-members')).toBeLessThan(check);
    // All that they have done stays: it can still be undone.
    const kept = new Set(allSteps(plan).map(({ id }) => id));
    for (const { id, node, does } of allSteps(three))
      if (node !== dead && !['check', 'cure'].includes(does.kind)) expect(kept).toContain(id);
  });

  test('what it was to do for all goes to another', () => {
    const plan = without(three, [dead], 'start-etcd');
    const [check] = allSteps(plan).filter(({ does }) => does.kind === 'check');
    expect(check?.node).toBe(first);
    if (check?.does.kind !== 'check') throw new Error('no check');
    expect(check.does.endpoints.map(({ name }) => name)).toEqual(living);
    expect(check.does.identity.members.map(({ name }) => name)).toEqual(living);
    expect(stepsIn(plan, 'start-api-server')).toEqual([`${first} start`]);
    expect(stepsIn(plan, 'start-control-plane')).toContain(`${first} canary`);
  });
});

test('a phase after which another has begun is over, on the dead as well: the check is not made again under API servers', () => {
  const plan = without(three, ['cp1'], 'start-control-plane');
  expect(plan.phases.map(({ name }) => name)).not.toContain('check');
  expect(plan.phases.map(({ name }) => name)).not.toContain('start-api-server');
  expect(stepsIn(plan, 'remove-members')).toEqual(['cp2 remove-members']);
});

test('the next one to go leaves the plan that is left', () => {
  const once = without(five, ['cp5'], 'start-etcd');
  const twice = without(once, ['cp1'], 'start-etcd');
  expect(twice).toMatchObject({ version: 3, nodes: ['cp2', 'cp3', 'cp4'] });
  expect(twice.leftOut?.map(({ node }) => node)).toEqual(['cp5', 'cp1']);
  const [fence, ...others] = allSteps(twice).flatMap(({ does }) => (does.kind === 'fence' ? [does.nodes] : []));
  expect([fence, others]).toEqual([['cp1', 'cp5'], []]);
});

test('another cluster stays another cluster: who was to write that down goes, and another does', () => {
  const uid = 'cccccccc-0000-4000-8000-000000000003';
  const other = planRestore(factsOf(cluster('cp1', 'cp2', 'cp3'), { snapshot: snapshotWith({ clusterUid: uid }) }));
  expect(stepsIn(other, 'start-control-plane')).toContain('cp1 record-cluster');
  expect(stepsIn(without(other, ['cp1'], 'check'), 'start-control-plane')).toContain('cp2 record-cluster');
});

test.each<[string, Plan, string[], string, string, RegExp]>([
  ['before anything was stopped', three, ['cp3'], 'stage', 'not-prepared', /rollback r-7kq2m --dead cp3/],
  [
    'two of three',
    three,
    ['cp2', 'cp3'],
    'exchange',
    'no-quorum-left',
    /rollback r-7kq2m --dead cp2,cp3\nthen restore anew: --nodes cp1/,
  ],
  ['three of five', five, ['cp1', 'cp2', 'cp3'], 'exchange', 'no-quorum-left', /--nodes cp4,cp5/],
])('refused: %s', (_, plan, dead, last, reason, next) => {
  expect(() => without(plan, dead, last)).toThrow(
    expect.objectContaining({ reason, exit: 5, next: expect.stringMatching(next) as unknown }),
  );
});

describe('going back', () => {
  test.each<[string, string[], boolean]>([
    ['check', ['cp1'], true],
    ['start-etcd', ['cp1'], true],
    ['exchange', ['cp1'], false],
    ['check', ['cp3'], false],
    ['start-api-server', ['cp3'], true],
  ])('after %s, %s dead: whether an API server may have served the new data', (last, dead, expected) => {
    const states = doneUpTo(three, last, dead);
    const served = [...states.keys()].some((id) => id.startsWith('start-api-server'));
    expect(mayHaveServed(three, dead, { ...stateOf(three, new Map()), steps: states, served })).toBe(expected);
  });

  test('is for those that are there', () => {
    const part = onlyOn(three, ['cp1', 'cp2']);
    expect(new Set(allSteps(part).map(({ node }) => node))).toEqual(new Set(['cp1', 'cp2']));
    expect(part.phases.map(({ name }) => name)).toEqual(phases);
  });
});
