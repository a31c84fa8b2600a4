import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as v from 'valibot';
import type { NodeSurvey } from '../../../core/operation/messages.ts';
import { allSteps, plan as planSchema } from '../../../core/operation/plan.ts';
import type { Plan } from '../../../core/operation/plan.ts';
import { planRecover } from '../../../plugin/recover/plan-recover.ts';
import { recoverable } from '../../../plugin/recover/refusals.ts';
import { planLines } from '../../../plugin/recover/show-plan.ts';
import { prod } from '../restore/facts.ts';
import { known, leftOver, raftOf, wiped } from './facts.ts';

const live = (node: string) => leftOver(node, raftOf(node, '5000/7.5003', { source: 'live' }));

function planned(dead: readonly string[], surveys: readonly NodeSurvey[]) {
  const may = recoverable({ from: undefined, dead }, { known, surveys, unreached: new Map(), live: [] });
  const now = new Date('2026-11-21T08:00:00.000Z');
  return { may, plan: planRecover({ ...may, id: 'v-7kq2m', now, by: 'anna@laptop', cluster: prod }) };
}

const short = (component: string) => component.replace('kube-', '');

/** `phase!: cp1 stop(etcd)`: a mark where it touches, and another where going back is not free any more. */
function lines({ phases }: Plan): string[] {
  return phases.map(({ name, steps, touches, servesNewData }) => {
    const does = steps.map(({ node, does: step }) => {
      const on = 'workloads' in step ? `(${step.workloads.map(({ component }) => short(component)).join(' ')})` : '';
      return `${node} ${step.kind}${on}`;
    });
    return `${name}${touches === true ? '!' : ''}${servesNewData === true ? '!' : ''}: ${does.join(', ')}`;
  });
}

const controlPlane = '(apiserver controller-manager scheduler)';
const alone = [
  `rehearse: cp1 rehearse(etcd apiserver controller-manager scheduler)`,
  `stop-control-plane!: cp1 stop${controlPlane}`,
  'stop-etcd!: cp1 stop(etcd)',
  'fence!: cp1 fence',
  'force-new-cluster!: cp1 force-new-cluster',
  'exchange!: cp1 exchange',
  'start-etcd!: cp1 start(etcd)',
  'check!: cp1 check',
  'start-api-server!!: cp1 start(apiserver)',
  'start-control-plane!!: cp1 start(controller-manager scheduler), cp1 canary',
];

describe('phases', () => {
  test('two of three are dead', () => {
    const { plan } = planned(['cp2', 'cp3'], [live('cp1')]);
    expect(lines(plan)).toEqual(alone);
    expect(plan).toMatchObject({ kind: 'recover', title: 'recover from cp1', nodes: ['cp1'] });
    expect(plan.leftOut).toEqual(['cp2', 'cp3'].map((node) => ({ node, declaredDead: true })));
    expect(plan.aftermath?.map(({ next }) => next)).toEqual([
      'once it is back: kubectl etcd member rejoin cp2',
      'once it is back: kubectl etcd member rejoin cp3',
    ]);
  });

  test('two lost their data: all are stopped first, and they come back one after the other, when the API is served', () => {
    const found = lines(planned([], [live('cp1'), wiped('cp2'), wiped('cp3')]).plan);
    expect(found[1]).toBe(
      `stop-control-plane!: cp1 stop${controlPlane}, cp2 stop${controlPlane}, cp3 stop${controlPlane}`,
    );
    expect(found[2]).toBe('stop-etcd!: cp1 stop(etcd), cp2 stop(etcd), cp3 stop(etcd)');
    const served = found.indexOf('start-control-plane!!: cp1 start(controller-manager scheduler), cp1 canary');
    expect(found.slice(served + 1)).toEqual(
      ['cp2', 'cp3'].flatMap((node) => [
        `stop-${node}!!: ${node} stop${controlPlane}, ${node} stop(etcd)`,
        `set-aside-${node}!!: ${node} set-aside`,
        `add-${node}!!: cp1 member-add`,
        `start-etcd-${node}!!: ${node} start(etcd)`,
        `catch-up-${node}!!: ${node} catch-up`,
        `promote-${node}!!: cp1 member-promote`,
        `start-control-plane-${node}!!: ${node} start${controlPlane}`,
      ]),
    );
  });

  test('what is told to etcd: no flag, and whom it belongs to', () => {
    const { plan } = planned([], [live('cp1'), wiped('cp2'), wiped('cp3')]);
    const told = allSteps(plan).flatMap(({ node, does }) =>
      does.kind === 'start' && does.etcdFlags !== undefined ? [[node, does.etcdFlags['initial-cluster']]] : [],
    );
    expect(told).toEqual([
      ['cp1', 'cp1=https://10.0.0.1:2380'],
      ['cp2', 'cp1=https://10.0.0.1:2380,cp2=https://10.0.0.2:2380'],
      ['cp3', 'cp1=https://10.0.0.1:2380,cp2=https://10.0.0.2:2380,cp3=https://10.0.0.3:2380'],
    ]);
  });

  test('it stays who it is, and is held to what it knew', () => {
    const { plan } = planned(['cp2', 'cp3'], [live('cp1')]);
    const step = allSteps(plan).find(({ does }) => does.kind === 'force-new-cluster');
    expect(step?.does).toMatchObject({
      ...{ clusterId: 'c0ffee', member: { id: 'a001', name: 'cp1' }, clientUrls: ['https://10.0.0.1:2379'] },
      ...{ commitAtLeast: 5000, revisionAtLeast: 2000, etcdVersion: '3.5.16' },
    });
  });
});

test('any two or three nodes, held in any way: a plan that any agent takes, without the flag, served by the survivor first', () => {
  const held = fc.constantFrom('live', 'disk', 'wiped', 'dead');
  fc.assert(
    fc.property(fc.tuple(held, held, held), (states) => {
      const names = ['cp1', 'cp2', 'cp3'];
      const surveys = names.flatMap((node, at) => {
        if (states[at] === 'dead') return [];
        if (states[at] === 'wiped') return [wiped(node)];
        return [states[at] === 'live' ? live(node) : leftOver(node, `${4000 + at}/7.5000`)];
      });
      fc.pre(surveys.some(({ raft }) => raft !== undefined));
      const { plan, may } = planned(
        names.filter((_, at) => states[at] === 'dead'),
        surveys,
      );
      expect(v.is(planSchema, plan)).toBe(true);
      expect(new Set(allSteps(plan).map(({ id }) => id)).size).toBe(allSteps(plan).length);
      expect(plan.nodes).toEqual(surveys.map(({ node }) => node));
      for (const { does } of allSteps(plan))
        if ('etcdFlags' in does) expect(does.etcdFlags?.['force-new-cluster'] ?? undefined).toBeUndefined();
      const [first] = plan.phases.filter(({ servesNewData }) => servesNewData === true);
      expect(first?.steps.map(({ node }) => node)).toEqual([may.survivor.name]);
      expect(planLines(plan, may)).toContain(`Recover ${prod.name} from ${may.survivor.name}`);
    }),
  );
});

test('what a person reads', () => {
  const { plan, may } = planned(['cp3'], [live('cp1'), wiped('cp2')]);
  expect(planLines(plan, may)).toMatch(
    new RegExp(
      [
        'Recover prod-eu1 from cp1: a cluster of this one member with what it holds \\(revision 2000\\), then cp2 brought back',
        '[\\s\\S]*left out and fenced: cp3 \\(declared dead\\)',
        '[\\s\\S]*cp1 \\* +5000 +5003 of term 7 +2000 +from etcd',
        '[\\s\\S]*cp1 holds 3 entries of the log that it does not know to be committed: they are kept',
      ].join(''),
    ),
  );
});
