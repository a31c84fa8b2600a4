import { describe, expect, test } from '@jest/globals';
import { stateOf } from '../../../core/operation/state.ts';
import { journalsOf, planOf } from './plans.ts';

const plan = planOf('stage: n1', 'build: n1 n2', 'stop!: n1 n2', 'serve!!: n1');
const built = 'stage begun, stage done, build begun, build done';
const servedOnN1 = `${built}, stop begun, stop done, serve begun`;

describe('where an operation stands', () => {
  test.each<[what: string, n1: string, n2: string | undefined, stands: string]>([
    ['taken up, nothing done', '', '', 'in stage'],
    ['begun', 'stage begun', '', 'in stage'],
    ['a phase is done', 'stage begun, stage done', '', 'in build'],
    ['a phase is done on one node only', built, '', 'in build'],
    ['a node says nothing: its steps are open', built, undefined, 'in build'],
    ['failed', 'stage begun, stage failed', '', 'in stage'],
    ['failed, and then done', 'stage begun, stage failed, stage begun, stage done', '', 'in build'],
    ['stopping has begun', `${built}, stop begun`, 'build begun, build done', 'in stop, touched'],
    ['stopping has failed', `${built}, stop begun, stop failed`, 'build begun, build done', 'in stop, touched'],
    ['on the other node alone', built, 'build begun, build done, stop begun', 'in stop, touched'],
    ['an API server may have begun', servedOnN1, 'build done, stop done', 'in serve, touched, served'],
    [
      'it did not start: it may have served all the same',
      `${servedOnN1}, serve failed`,
      'build done, stop done',
      'in serve, touched, served',
    ],
    ['all done', `${servedOnN1}, serve done`, 'build done, stop done', 'in nothing, touched, served'],
    [
      'closed',
      `${servedOnN1}, serve done, closed done`,
      'build done, stop done, closed done',
      'in nothing, touched, served, closed n1 done n2 done',
    ],
    ['closed on one node', 'stage done, closed withdrawn', '', 'in build, closed n1 withdrawn'],
    ['being undone', `${built}, stop begun, stop done, stop undoing`, 'build done', 'in stop, touched, undoing'],
    [
      'it cannot be undone: what it did is still there',
      `${built}, stop begun, stop undoing, stop undo-failed`,
      'build done',
      'in stop, touched, undoing',
    ],
    [
      'undone: nothing is stopped any more',
      `${built}, stop begun, stop undoing, stop undone`,
      'build done',
      'in stop, undoing',
    ],
    ['undone on one node', `${built}, stop done, stop undone`, 'build done, stop done', 'in stop, touched, undoing'],
  ])('%s', (_what, n1, n2, stands) => {
    const state = stateOf(plan, journalsOf(n2 === undefined ? { n1 } : { n1, n2 }));
    const closed = [...state.closed].map(([node, outcome]) => `${node} ${outcome}`);
    const words = [
      `in ${state.phase?.name ?? 'nothing'}`,
      ...(state.touched ? ['touched'] : []),
      ...(state.served ? ['served'] : []),
      ...(state.undoing ? ['undoing'] : []),
      ...(closed.length === 0 ? [] : [`closed ${closed.join(' ')}`]),
    ];
    expect(words.join(', ')).toBe(stands);
  });
});
