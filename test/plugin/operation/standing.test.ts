import { expect, test } from '@jest/globals';
import { Failure } from '../../../core/failure.ts';
import { stateOf } from '../../../core/operation/state.ts';
import { standing } from '../../../plugin/operation/gather.ts';
import { journalsOf, planOf } from '../../core/operation/plans.ts';

const plan = planOf('stage: n1', 'build: n1 n2', 'stop!: n1 n2', 'serve!!: n1');
const built = 'stage done, build done';
const all = `${built}, stop done, serve done`;

test.each<[what: string, n1: string, n2: string | undefined, stands: string]>([
  ['taken up', '', '', 'begun on n1'],
  ['in its first phase', 'stage begun', '', 'begun on n1'],
  ['in the second', 'stage done, build begun', '', 'stopped in build on n1, n2'],
  ['on one node', built, 'build failed', 'stopped in build on n2'],
  ['a node that is needed is away', built, undefined, 'stopped in build on n2 (n2 not reached)'],
  ['touched', `${built}, stop begun`, 'build done, stop done', 'stopped in stop on n1'],
  ['all done', all, 'build done, stop done', 'done, not closed'],
  ['all done, closed on one node', `${all}, closed done`, 'build done, stop done', 'done, not closed everywhere'],
  ['closed', `${all}, closed done`, 'build done, stop done, closed done', 'done'],
  ['closed where it was reached', `${all}, closed done`, undefined, 'done'],
  ['being rolled back', `${built}, stop done, stop undoing`, 'build done, stop undone', 'being rolled back on n1, n2'],
  ['rolled back', 'stage undone, closed rolled-back', 'build undone, closed rolled-back', 'rolled-back'],
  ['ended in two ways', 'closed abandoned', 'closed withdrawn', 'abandoned, withdrawn'],
])('%s', (_what, n1, n2, stands) => {
  const journals = journalsOf(n2 === undefined ? { n1 } : { n1, n2 });
  const away = new Failure({ reason: 'agent-unreachable', what: 'the agent does not answer', node: 'n2' });
  const open = [...journals.values()].some((journal) => !journal.some(({ event }) => event === 'closed'));
  expect(
    standing({
      ...{ plan, plans: new Map(), journals, open, state: stateOf(plan, journals), unknown: [] },
      unreached: new Map(n2 === undefined ? [['n2', away]] : []),
    }),
  ).toBe(stands);
});
