/** When a recovery may begin, from whom, and what is told where it may not. */
import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../core/failure.ts';
import type { NodeSurvey } from '../../../core/operation/messages.ts';
import type { MemberAnswer } from '../../../core/protocol/messages.ts';
import { recoverable } from '../../../plugin/recover/refusals.ts';
import type { AskedRecovery } from '../../../plugin/recover/refusals.ts';
import { surveyOf, without } from '../restore/facts.ts';
import { known, leftOver, raftOf, wiped } from './facts.ts';

const nobody: AskedRecovery = { from: undefined, dead: [] };
const dead = (...names: string[]): AskedRecovery => ({ from: undefined, dead: names });
const from = (node: string, ...names: string[]): AskedRecovery => ({ from: node, dead: names });

const live = (node: string, more: Partial<NodeSurvey> = {}) =>
  leftOver(node, raftOf(node, '5000/7.5000', { source: 'live' }), more);
const healthy = (node: string) => surveyOf(node, { raft: raftOf(node, '5000/7.5000', { source: 'live' }) });
const learner = (node: string) =>
  leftOver(node, '9000/7.9000', {
    members: ['cp1', 'cp2', 'cp3'].map((name, at) => ({
      ...{ id: `a00${at + 1}`, name, peerUrls: [], learner: name === node },
    })),
  });
const answering = (node: string): MemberAnswer => ({
  ...{ id: `a00${node.slice(2)}`, name: node, peerUrls: [`https://10.0.0.${node.slice(2)}:2380`], clientUrls: [] },
  learner: false,
  ...(healthy(node).status === undefined ? {} : { status: healthy(node).status }),
});

function look(asked: AskedRecovery, surveys: readonly NodeSurvey[], seen: readonly MemberAnswer[] = []): string {
  try {
    const { survivor, others, leftOut, held } = recoverable(asked, {
      known,
      surveys,
      unreached: new Map(),
      live: seen,
    });
    const words = (label: string, names: readonly string[]) =>
      names.length === 0 ? '' : ` ${label} ${names.join(' ')}`;
    return (
      `from ${survivor.name}` +
      words(
        'back',
        others.filter(({ name }) => !held.has(name)).map(({ name }) => name),
      ) +
      words('held', [...held.keys()]) +
      words(
        'out',
        leftOut.map(({ node, declaredDead }) => `${node}${declaredDead ? '+' : ''}`),
      )
    );
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    expect({ exit: thrown.exit, told: thrown.next !== undefined }).toEqual({ exit: 5, told: true });
    return thrown.reason;
  }
}

describe('who is gone on with', () => {
  test.each<[string, AskedRecovery, NodeSurvey[], string]>([
    ['the last one, running without a quorum', dead('cp2', 'cp3'), [live('cp1')], 'from cp1 out cp2+ cp3+'],
    ['the last one, stopped', dead('cp2', 'cp3'), [leftOver('cp1', '5000/7.5000')], 'from cp1 out cp2+ cp3+'],
    ['two lost their data', nobody, [live('cp1'), wiped('cp2'), wiped('cp3')], 'from cp1 back cp2 cp3'],
    [
      'all were stopped: the best of them',
      nobody,
      [leftOver('cp1', '90/7.90'), leftOver('cp2', '100/7.100'), leftOver('cp3', '95/7.95')],
      'from cp2 back cp1 cp3',
    ],
    [
      'one that is asked for, and holds as much',
      from('cp3'),
      [leftOver('cp1', '90/7.95'), leftOver('cp2', '80/7.80'), leftOver('cp3', '90/7.90')],
      'from cp3 back cp1 cp2',
    ],
    [
      'one that is asked for, and holds less',
      from('cp1'),
      [leftOver('cp1', '90/7.90'), leftOver('cp2', '100/7.100'), wiped('cp3')],
      'not-the-best-survivor',
    ],
    [
      'one that is asked for, and holds nothing',
      from('cp2'),
      [live('cp1'), wiped('cp2'), wiped('cp3')],
      'not-a-survivor',
    ],
    ['one that is asked for, and is silent', from('cp2', 'cp3'), [live('cp1')], 'not-a-survivor'],
    [
      'one is damaged',
      dead('cp3'),
      [
        { ...wiped('cp1'), noRaft: { reason: 'wal-damaged', what: 'it is damaged', next: 'mend it', exit: 1 } },
        live('cp2'),
      ],
      'from cp2 back cp1 out cp3+',
    ],
    ['none is left', dead('cp3'), [wiped('cp1'), wiped('cp2')], 'no-survivor'],
    ['no agent answers', dead('cp1', 'cp2', 'cp3'), [], 'no-survivor'],
    ['a learner is not taken', dead('cp3'), [learner('cp1'), leftOver('cp2', '80/7.80')], 'from cp2 back cp1 out cp3+'],
    [
      'a wiped node has made a cluster of its own since, and comes further',
      nobody,
      [
        live('cp1'),
        leftOver('cp2', raftOf('cp2', '9000/2.9000', { clusterId: 'bad' }), {
          members: [{ id: 'a002', name: 'cp2', peerUrls: [] }],
        }),
        wiped('cp3'),
      ],
      'from cp1 back cp2 cp3',
    ],
    [
      'two clusters, and nothing says which is meant',
      nobody,
      [live('cp1'), leftOver('cp2', raftOf('cp2', '9000/2.9000', { clusterId: 'bad' })), wiped('cp3')],
      'clusters-differ',
    ],
    [
      'unless somebody says it',
      from('cp1'),
      [live('cp1'), leftOver('cp2', raftOf('cp2', '9000/2.9000', { clusterId: 'bad' })), wiped('cp3')],
      'from cp1 back cp2 cp3',
    ],
    [
      'one could not be started again: it is left stopped',
      nobody,
      [
        live('cp1'),
        wiped('cp2', {
          obstacles: [{ reason: 'certificate-expired', what: 'it has expired', next: 'mend it', exit: 1 }],
        }),
        wiped('cp3'),
      ],
      'from cp1 back cp3 held cp2',
    ],
    [
      'one is fenced already',
      dead('cp3'),
      [live('cp1'), { ...live('cp2'), fencedBy: 'r-2345' }],
      'from cp1 out cp2 cp3+',
    ],
  ])('%s', (_, asked, surveys, wanted) => {
    expect(look(asked, surveys)).toBe(wanted);
  });
});

describe('one cluster, never two', () => {
  test.each<[string, AskedRecovery, NodeSurvey[], MemberAnswer[], string]>([
    ['quorum is there', nobody, [wiped('cp1'), healthy('cp2'), healthy('cp3')], [], 'quorum-exists'],
    ['all are well', nobody, [healthy('cp1'), healthy('cp2'), healthy('cp3')], [], 'quorum-exists'],
    [
      'quorum is there, by members whose agents are silent',
      dead('cp1'),
      [healthy('cp2')],
      [answering('cp3')],
      'quorum-exists',
    ],
    ['two are silent and not declared dead', nobody, [live('cp1')], [], 'left-out-quorum'],
    ['one of the two is declared dead', dead('cp2'), [live('cp1')], [], 'from cp1 out cp2+ cp3'],
    ['one is silent, and no quorum by itself', nobody, [live('cp1'), wiped('cp2')], [], 'from cp1 back cp2 out cp3'],
    ['one that is declared dead answers', dead('cp2', 'cp3'), [live('cp1'), wiped('cp2')], [], 'dead-node-answers'],
    ['its etcd answers', dead('cp2', 'cp3'), [live('cp1')], [answering('cp2')], 'dead-node-answers'],
    [
      'an etcd that cannot be made out',
      dead('cp3'),
      [
        live('cp1'),
        without(
          {
            ...wiped('cp2'),
            noEtcd: { reason: 'etcd-command-unreadable', what: 'unreadable', next: 'mend it', exit: 1 },
          },
          'etcd',
        ),
      ],
      [],
      'etcd-command-unreadable',
    ],
    [
      'one that runs none',
      dead('cp3'),
      [
        live('cp1'),
        without(
          { ...wiped('cp2'), noEtcd: { reason: 'etcd-not-found', what: 'none', next: 'mend it', exit: 1 } },
          'etcd',
        ),
      ],
      [],
      'from cp1 out cp2 cp3+',
    ],
  ])('%s', (_, asked, surveys, seen, wanted) => {
    expect(look(asked, surveys, seen)).toBe(wanted);
  });
});

describe('what would go wrong later', () => {
  const places = surveyOf('cp1').places;
  test.each<[string, Partial<NodeSurvey>, string]>([
    ['an operation is open', { openOperation: 'r-2345' }, 'operation-open'],
    ['no room for a copy', { places: { ...places, freeBytes: 1000 } as NonNullable<typeof places> }, 'no-room'],
    [
      'etcd itself is not at hand',
      { noEtcdProgram: { reason: 'no-etcd-program', what: 'gone', next: 'mend it', exit: 1 } },
      'no-etcd-program',
    ],
    [
      'its certificate has expired',
      { obstacles: [{ reason: 'certificate-expired', what: 'old', next: 'mend it', exit: 1 }] },
      'certificate-expired',
    ],
    ['it cannot tell the others', { enrolled: false }, 'not-enrolled'],
  ])('%s', (_, more, wanted) => {
    expect(look(dead('cp2', 'cp3'), [live('cp1', more)])).toBe(wanted);
  });

  test('all of it at once', () => {
    const bad = live('cp1', {
      openOperation: 'r-2345',
      obstacles: [{ reason: 'certificate-expired', what: 'an old certificate', next: 'mend it', exit: 1 }],
    });
    try {
      recoverable(nobody, { known, surveys: [bad], unreached: new Map(), live: [] });
      throw new Error('it is not refused');
    } catch (thrown) {
      expect(thrown).toMatchObject({
        reason: 'left-out-quorum',
        what: 'the recovery cannot begin, for 3 reasons; nothing was touched',
      });
      expect(String((thrown as Failure).why)).toMatch(
        /cp2, cp3 would be left out[\s\S]*r-2345[\s\S]*an old certificate/,
      );
    }
  });

  test('who is healthy is named, and what brings back the others', () => {
    expect(() =>
      recoverable(nobody, {
        known,
        surveys: [wiped('cp1'), healthy('cp2'), healthy('cp3')],
        unreached: new Map(),
        live: [],
      }),
    ).toThrow(/quorum is not lost: cp2, cp3 are healthy, 2 of 3 members/);
  });
});
