import { describe, expect, test } from '@jest/globals';
import type { NodeSurvey } from '../../../core/operation/messages.ts';
import { chooseBump } from '../../../plugin/restore/bump.ts';
import { surveyOf, without } from './facts.ts';

const snapshot = { revision: 100_000_000 };

/** Each by the revision that it is at; undefined does not answer. */
function nodesAt(...revisions: (number | undefined)[]) {
  return revisions.map((revision, at) => {
    const survey = surveyOf(`cp${at + 1}`);
    const { status } = survey;
    const own =
      revision === undefined || status === undefined
        ? without(survey, 'status')
        : { ...survey, status: { ...status, revision } };
    return { name: own.node, survey: own };
  });
}

function cannot(node: { readonly name: string; readonly survey: NodeSurvey }) {
  const tool = { program: 'etcdctl', version: '3.4.20', path: '/usr/bin/etcdctl', canBump: false };
  return { ...node, survey: { ...node.survey, tool } };
}

describe('auto', () => {
  test.each<[what: string, revisions: (number | undefined)[], bump: number]>([
    ['1.2 times the highest that anybody is at', [200_000_000, 250_000_000, 240_000_000], 200_000_000],
    ['of those that answer', [undefined, 250_000_000, undefined], 200_000_000],
    ['a snapshot of just now', [100_000_000, 100_000_000, 100_000_000], 20_000_000],
    ['nobody answers', [undefined, undefined, undefined], 1_000_000_000],
    ['there is nobody', [], 1_000_000_000],
    ['members that were made anew know nothing of what was', [1, 1, 1], 1_000_000_000],
  ])('%s', (_what, revisions, bump) => {
    expect(chooseBump('auto', snapshot, nodesAt(...revisions))).toEqual({ bump, warnings: [] });
  });

  test('of a small cluster: more than can be written while somebody reads the plan', () => {
    expect(chooseBump('auto', { revision: 10 }, nodesAt(20))).toEqual({ bump: 1_000_000, warnings: [] });
  });

  test('not by a tool that cannot: what will be stale is said, and who', () => {
    const [one, two] = nodesAt(1, 1);
    if (one === undefined || two === undefined) throw new Error('two nodes');
    const { bump, warnings } = chooseBump('auto', snapshot, [one, cannot(two)]);
    expect(bump).toBeUndefined();
    expect(warnings).toEqual([
      expect.stringMatching(/^the revision cannot be bumped by cp2: etcdctl 3\.4\.20: .*until they are restarted$/),
    ]);
  });
});

describe('asked for', () => {
  test.each<[flag: string, bump: number | undefined]>([
    ['1', 1],
    ['5000000', 5_000_000],
    ['999999999999999', 999_999_999_999_999],
    ['0', undefined],
    ['00', undefined],
  ])('%s', (flag, bump) => {
    const chosen = chooseBump(flag, snapshot, nodesAt(250_000_000));
    expect(chosen.bump).toBe(bump);
    // None, and one that does not reach what is there now, are warned of.
    expect(chosen.warnings).toHaveLength((bump ?? 0) < 200_000_000 ? 1 : 0);
  });

  test.each(['', '-1', '1.5', '1e9', 'AUTO', 'none', '1000000000000000', '0x10', ' 1'])('%j is no number', (flag) => {
    expect(() => chooseBump(flag, snapshot, nodesAt(1))).toThrow(
      expect.objectContaining({ reason: 'wrong-usage', exit: 2 }),
    );
  });

  test('of a tool that cannot: refused, unless it is none', () => {
    const nodes = nodesAt(1).map(cannot);
    expect(() => chooseBump('1000', snapshot, nodes)).toThrow(
      expect.objectContaining({ reason: 'revision-bump-impossible', exit: 5 }),
    );
    expect(chooseBump('0', snapshot, nodes)).toMatchObject({ bump: undefined });
  });
});
