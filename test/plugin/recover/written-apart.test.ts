import { describe, expect, test } from '@jest/globals';
import { recoverable } from '../../../plugin/recover/refusals.ts';
import { planRecover } from '../../../plugin/recover/plan-recover.ts';
import { writtenApart, writtenApartLine } from '../../../plugin/recover/written-apart.ts';
import type { Raft } from '../../../plugin/recover/rank.ts';
import { prod } from '../restore/facts.ts';
import { known, leftOver, raftOf } from './facts.ts';

/** cp1 went on alone, with 5000 entries that were known to be committed. */
const survivor = leftOver('cp1', raftOf('cp1', '5000/7.5003', { source: 'live' }));
const may = recoverable(
  { from: undefined, dead: ['cp2', 'cp3'] },
  { known, surveys: [survivor], unreached: new Map(), live: [] },
);
const now = new Date('2026-11-21T08:00:00.000Z');
const recovery = planRecover({ ...may, id: 'v-7kq2m', now, by: 'anna@laptop', cluster: prod });

describe('what cp2 had written when it came back', () => {
  test.each<[string, Raft | undefined, number | undefined]>([
    ['it was behind', raftOf('cp2', '4990/7.4990'), undefined],
    ['it had the same', raftOf('cp2', '5000/7.5000'), undefined],
    ['it and cp3 went on while nobody looked', raftOf('cp2', '5120/8.5123'), 123],
    ['it had applied what its log no longer has', raftOf('cp2', '5120/8.5110'), 120],
    ['it is of another cluster', raftOf('cp2', '9000/9.9000', { clusterId: 'dead' }), undefined],
    ['its data is gone', undefined, undefined],
  ])('%s', (_, raft, entries) => {
    const apart = writtenApart(raft === undefined ? {} : { raft }, recovery);
    expect(apart?.entries).toBe(entries);
    if (apart !== undefined)
      expect(writtenApartLine('cp2', apart)).toContain(
        `cp2 has up to ${String(entries)} entries of the old cluster's log`,
      );
  });

  test('a restore has fenced it: its snapshot is another history', () => {
    const phases = recovery.phases.filter(({ name }) => name !== 'force-new-cluster');
    expect(writtenApart({ raft: raftOf('cp2', '9000/9.9000') }, { ...recovery, phases })).toBeUndefined();
  });
});
