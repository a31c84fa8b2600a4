import { expect, test } from '@jest/globals';
import { phaseTimes, spanMs } from '../../../core/operation/times.ts';
import { journalsOf, planOf } from './plans.ts';

const plan = planOf('stage: n1', 'stop!: n1 n2', 'serve!!: n2');
/** Each record of a journal is a second after the one before; a journal begins with second 0. */
const secondsOf = (n1: string, n2: string) => {
  const times = phaseTimes(plan, journalsOf({ n1, n2 }));
  const begin = Date.UTC(2026, 10, 21, 8);
  return times.map(
    ({ phase, begunMs, endedMs }) =>
      `${phase.name} ${(begunMs - begin) / 1000}-${endedMs === undefined ? '' : (endedMs - begin) / 1000}`,
  );
};

test.each<[what: string, n1: string, n2: string, times: string[]]>([
  ['nothing has begun', '', '', []],
  ['one goes on', 'stage begun', '', ['stage 0-']],
  [
    'from the first to begin to the last to end',
    'stage begun, stage done, stop begun, stop done',
    'stop begun, stop done',
    ['stage 0-1', 'stop 0-3'],
  ],
  ['done on one node only', 'stage begun, stage done, stop begun, stop done', 'stop begun', ['stage 0-1', 'stop 0-']],
  [
    'done at the second try: from the first beginning to the last end',
    'stage begun, stage failed, stage begun, stage done',
    '',
    ['stage 0-3'],
  ],
])('%s', (_what, n1, n2, times) => {
  expect(secondsOf(n1, n2)).toEqual(times);
});

test('a span is from the beginning of one phase to the end of another, or not known', () => {
  const times = phaseTimes(
    plan,
    journalsOf({
      n1: 'stage begun, stage done, stop begun, stop done',
      n2: 'stop begun, stop done, serve begun, serve done',
    }),
  );
  expect(spanMs(times, 'stage', 'serve')).toBe(3000);
  expect(spanMs(times, 'stop', 'stop')).toBe(3000);
  expect(spanMs(times, 'stop', 'nothing')).toBeUndefined();
});
