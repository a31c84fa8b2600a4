/** Whether a member may leave, and by which phases: tables of clusters. */
import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../core/failure.ts';
import { mayRemove, removePhases } from '../../../plugin/member/plan-remove.ts';
import { lookOf, memberOf } from './looks.ts';
import type { Cluster } from './looks.ts';

function outcome(cluster: Cluster, target: string): string {
  try {
    const may = mayRemove(target, lookOf(cluster));
    return removePhases('m-23456', may)
      .map(({ name, steps }) => `${name}@${[...new Set(steps.map(({ node }) => node))].join('+')}`)
      .join(' ');
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return `${thrown.reason} ${thrown.exit}`;
  }
}

describe('a member leaves', () => {
  test.each<[what: string, target: string, cluster: Cluster, outcome: string]>([
    ['of three that are well', 'cp3', {}, 'stop@cp3 set-aside@cp3 remove@cp1'],
    ['by its id', 'a003', {}, 'stop@cp3 set-aside@cp3 remove@cp1'],
    ['the one that leads: through another', 'cp1', {}, 'stop@cp1 set-aside@cp1 remove@cp2'],
    ['whose machine is gone', 'cp3', { standings: { cp3: 'off' } }, 'remove@cp1'],
    ['that was never started', 'a004', { more: [memberOf('cp4', 'unstarted')] }, 'remove@cp1'],
    ['of two: it is stopped when it has left', 'cp2', { nodes: 2 }, 'remove@cp1 stop@cp2 set-aside@cp2'],
    ['of five, one of two that are gone', 'cp4', { nodes: 5, standings: { cp4: 'off', cp5: 'off' } }, 'remove@cp1'],
    [
      'of five, one that is well, and two are gone: the others would be too few',
      'cp3',
      { nodes: 5, standings: { cp4: 'off', cp5: 'off' } },
      'would-lose-quorum 5',
    ],
    ['without a quorum', 'cp3', { standings: { cp2: 'down', cp3: 'down' } }, 'no-quorum 5'],
    ['the only one', 'cp1', { nodes: 1 }, 'no-quorum 5'],
    ['that there is not', 'cp9', {}, 'no-member-here 2'],
    ['while something goes on', 'cp3', { surveys: { cp1: { openOperation: 'r-23456' } } }, 'operation-open 5'],
  ])('%s', (_, target, cluster, expected) => {
    expect(outcome(cluster, target)).toBe(expected);
  });

  test('an even number of members is warned of', () => {
    expect(mayRemove('cp3', lookOf()).warnings).toEqual(['2 members are left: they may lose no more than 1 may']);
    expect(mayRemove('cp4', lookOf({ nodes: 4 })).warnings).toEqual([]);
  });

  test('from its leaving on there is no way back', () => {
    const phases = removePhases('m-23456', mayRemove('cp3', lookOf()));
    expect(phases.filter(({ servesNewData }) => servesNewData === true).map(({ name }) => name)).toEqual(['remove']);
    expect(phases.every(({ touches }) => touches === true)).toBe(true);
  });
});
