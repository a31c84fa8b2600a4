import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { knownCommitted, ranked } from '../../../plugin/recover/rank.ts';
import { raftOf } from './facts.ts';

test.each([
  // Committed, then the term and the index of the newest entry: the first is the best.
  ['who knows most to be committed', '120/7.120 110/7.110 119/7.119', 'cp1 cp3 cp2'],
  ['also where another log is longer', '120/7.120 110/7.900', 'cp1 cp2'],
  ['also where another log is of a later term', '120/7.120 110/9.130', 'cp1 cp2'],
  ['of equals whose newest entry is of a later term', '120/7.130 120/8.125', 'cp2 cp1'],
  ['then whose log is longer', '120/7.121 120/7.125 120/7.120', 'cp2 cp1 cp3'],
  ['then in the order of their names', '120/7.120 120/7.120 120/7.120', 'cp1 cp2 cp3'],
  ['a fresh member last', '0/0.0 1/1.1', 'cp2 cp1'],
])('%s', (_, held, wanted) => {
  const survivors = held.split(' ').map((text, at) => ({ node: `cp${at + 1}`, raft: raftOf(`cp${at + 1}`, text) }));
  expect(
    ranked(survivors)
      .map(({ node }) => node)
      .join(' '),
  ).toBe(wanted);
});

test('a 3.4 member that was cut off has the highest term of all, and old data: its term is not looked at', () => {
  // What Status would say: term 7 and term 412. Of the log itself the newest entry counts, and that is old.
  const good = { node: 'cp1', raft: raftOf('cp1', '5000/7.5000') };
  const isolated = { node: 'cp2', raft: raftOf('cp2', '3100/6.3100') };
  expect(ranked([isolated, good]).map(({ node }) => node)).toEqual(['cp1', 'cp2']);
});

test('what the database has applied counts, where the log on the disk says less', () => {
  const killed = { node: 'cp1', raft: raftOf('cp1', '90/7.101', { appliedIndex: 100 }) };
  const orderly = { node: 'cp2', raft: raftOf('cp2', '99/7.99') };
  expect(knownCommitted(killed.raft)).toBe(100);
  expect(ranked([orderly, killed]).map(({ node }) => node)).toEqual(['cp1', 'cp2']);
});

test('the first knows no less to be committed than any other, in whatever order they come', () => {
  const raft = fc
    .tuple(fc.nat(20), fc.nat(3), fc.nat(20))
    .map(([committed, term, index]) => `${committed}/${term}.${index}`);
  fc.assert(
    fc.property(fc.array(raft, { minLength: 1, maxLength: 5 }), fc.nat(), (texts, seed) => {
      const survivors = texts.map((text, at) => ({ node: `cp${at}`, raft: raftOf(`cp${at}`, text) }));
      const shuffled = survivors.toSorted(
        (one, other) => ((Number(one.node.slice(2)) * seed) % 7) - ((Number(other.node.slice(2)) * seed) % 7),
      );
      const order = ranked(shuffled);
      expect(order).toEqual(ranked(survivors));
      for (const each of order)
        expect(knownCommitted(order[0]?.raft ?? each.raft)).toBeGreaterThanOrEqual(knownCommitted(each.raft));
    }),
  );
});
