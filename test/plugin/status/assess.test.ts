import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../../core/failure.ts';
import type { AgentReport } from '../../../core/protocol/messages.ts';
import { assess } from '../../../plugin/status/assess.ts';
import type { ObservedCluster } from '../../../plugin/status/assess.ts';
import { membersOf, nodesNamed, observed, pluginVersion, reportOf } from './cluster.ts';

interface Case {
  readonly is: string;
  readonly members: readonly string[];
  /** health, exit code, healthy/members needed canLose */
  readonly then: string;
}

const cases: readonly Case[] = [
  {
    is: 'three healthy',
    members: ['cp1 leader', 'cp2 follower', 'cp3 follower'],
    then: 'healthy 0: 3/3 needs 2, may lose 1',
  },
  { is: 'one down', members: ['cp1 leader', 'cp2 follower', 'cp3 down'], then: 'degraded 3: 2/3 needs 2, may lose 0' },
  {
    is: 'two down',
    members: ['cp1 no-leader', 'cp2 down', 'cp3 down'],
    then: 'quorum-lost 4: 0/3 needs 2, may lose 0',
  },
  {
    is: 'two down, the leader has not noticed',
    members: ['cp1 leader', 'cp2 down', 'cp3 down'],
    then: 'quorum-lost 4: 1/3 needs 2, may lose 0',
  },
  {
    is: 'an election',
    members: ['cp1 no-leader', 'cp2 no-leader', 'cp3 no-leader'],
    then: 'quorum-lost 4: 0/3 needs 2, may lose 0',
  },
  {
    is: 'one cut off',
    members: ['cp1 leader', 'cp2 follower', 'cp3 no-leader'],
    then: 'degraded 3: 2/3 needs 2, may lose 0',
  },
  {
    is: 'one confirms no reads',
    members: ['cp1 leader', 'cp2 follower', 'cp3 slow'],
    then: 'degraded 3: 2/3 needs 2, may lose 1',
  },
  {
    is: 'a learner has no vote',
    members: ['cp1 leader', 'cp2 follower', 'cp3 follower', 'cp4 learner'],
    then: 'healthy 0: 3/3 needs 2, may lose 1',
  },
  {
    is: 'a learner is down',
    members: ['cp1 leader', 'cp2 follower', 'cp3 follower', 'cp4 learner down'],
    then: 'degraded 3: 3/3 needs 2, may lose 1',
  },
  {
    is: 'a learner was never started',
    members: ['cp1 leader', 'cp2 follower', 'cp3 follower', '? learner unstarted'],
    then: 'degraded 3: 3/3 needs 2, may lose 1',
  },
  {
    is: 'a voter was never started',
    members: ['cp1 leader', '? unstarted'],
    then: 'quorum-lost 4: 1/2 needs 2, may lose 0',
  },
  {
    is: 'NOSPACE on one',
    members: ['cp1 leader', 'cp2 follower NOSPACE', 'cp3 follower'],
    then: 'degraded 3: 2/3 needs 2, may lose 1',
  },
  {
    is: 'NOSPACE on all: they still vote',
    members: ['cp1 leader NOSPACE', 'cp2 follower NOSPACE', 'cp3 follower NOSPACE'],
    then: 'degraded 3: 0/3 needs 2, may lose 1',
  },
  {
    is: 'CORRUPT is not counted on',
    members: ['cp1 leader', 'cp2 follower CORRUPT', 'cp3 follower'],
    then: 'degraded 3: 2/3 needs 2, may lose 0',
  },
  { is: 'a single member', members: ['cp1 leader'], then: 'healthy 0: 1/1 needs 1, may lose 0' },
  {
    is: 'two: no better than one',
    members: ['cp1 leader', 'cp2 follower'],
    then: 'healthy 0: 2/2 needs 2, may lose 0',
  },
  {
    is: 'four: no better than three',
    members: ['cp1 leader', 'cp2 follower', 'cp3 follower', 'cp4 follower'],
    then: 'healthy 0: 4/4 needs 3, may lose 1',
  },
  {
    is: 'five',
    members: ['cp1 leader', 'cp2 follower', 'cp3 follower', 'cp4 follower', 'cp5 follower'],
    then: 'healthy 0: 5/5 needs 3, may lose 2',
  },
  {
    is: 'five, two down',
    members: ['cp1 leader', 'cp2 follower', 'cp3 follower', 'cp4 down', 'cp5 down'],
    then: 'degraded 3: 3/5 needs 3, may lose 0',
  },
  {
    is: 'five, three down',
    members: ['cp1 no-leader', 'cp2 no-leader', 'cp3 down', 'cp4 down', 'cp5 down'],
    then: 'quorum-lost 4: 0/5 needs 3, may lose 0',
  },
];

test.each(cases)('$is', ({ members, then }) => {
  expect(inShort(observed(membersOf(members), nodesNamed(['cp1', 'cp2', 'cp3', 'cp4', 'cp5'])))).toBe(then);
});

function inShort(cluster: ObservedCluster): string {
  const { document, exit } = assess(cluster);
  const { health, quorum } = document;
  if (quorum === null) return `${health} ${exit}`;
  return `${health} ${exit}: ${quorum.healthy}/${quorum.members} needs ${quorum.needed}, may lose ${quorum.canLose}`;
}

const silence = new Failure({
  reason: 'no-member-answers',
  what: 'no agent can list the members',
  why: 'connection refused',
});
const three = nodesNamed(['cp1', 'cp2', 'cp3']);

test.each([
  {
    is: 'every etcd is down',
    reports: [reportOf('cp1', 'x'), reportOf('cp2', 'x'), reportOf('cp3', 'x')],
    then: 'quorum-lost 4: 0/3 needs 2, may lose 0',
  },
  {
    is: 'two are down, the third unseen',
    reports: [reportOf('cp1', 'x'), reportOf('cp2', 'x')],
    then: 'quorum-lost 4: 0/3 needs 2, may lose 0',
  },
  {
    is: 'one is down, and the nodes of the others are off',
    reports: [reportOf('cp1', 'x')],
    off: ['cp2', 'cp3'],
    then: 'quorum-lost 4: 0/3 needs 2, may lose 0',
  },
  { is: 'no agent is reached', reports: [], off: ['cp1', 'cp2', 'cp3'], then: 'unknown 1' },
  { is: 'one is down, two unseen', reports: [reportOf('cp1', 'x')], then: 'unknown 1' },
  { is: 'nothing is seen', reports: [], then: 'unknown 1' },
])('no list of members, and $is', ({ reports, off = [], then }) => {
  const silent = new Failure({ reason: 'agent-silent', what: 'the agent does not answer within 3 s' });
  const asked: [string, AgentReport | Failure][] = [
    ...reports.map((report): [string, AgentReport] => [report.node, report]),
    ...off.map((node): [string, Failure] => [node, silent]),
  ];
  expect(inShort(observed(silence, three, asked))).toBe(then);
});

test('a member that does not answer is told by what the agent of its node knows', () => {
  const reply = membersOf(['cp1 leader', 'cp2 follower', 'cp3 down']);
  const { document } = assess(observed(reply, three, [['cp3', reportOf('cp3', 'walpb: crc mismatch')]]));
  expect(document.members[2]).toMatchObject({
    name: 'cp3',
    healthy: false,
    status: 'etcd exits: "walpb: crc mismatch" (6 restarts)',
    errors: ['connection refused'],
    version: null,
    lag: null,
  });
});

test("another member's alarm among a member's errors is not its own", () => {
  const { document } = assess(observed(membersOf(['cp1 leader', 'cp2 follower NOSPACE', 'cp3 follower']), three));
  expect(document.members.map(({ name, alarms, errors, status }) => ({ name, alarms, errors, status }))).toEqual([
    { name: 'cp1', alarms: [], errors: [], status: 'healthy' },
    { name: 'cp2', alarms: ['NOSPACE'], errors: [], status: 'alarm NOSPACE' },
    { name: 'cp3', alarms: [], errors: [], status: 'healthy' },
  ]);
});

test('an alarm of no member in the list still makes the cluster degraded', () => {
  const reply = {
    ...membersOf(['cp1 leader', 'cp2 follower', 'cp3 follower']),
    alarms: [{ memberId: '0', alarm: 'CORRUPT' }],
  };
  expect(assess(observed(reply, three))).toMatchObject({
    exit: 3,
    document: { problems: [{ node: null, what: expect.stringContaining('alarm CORRUPT of member 0') }] },
  });
});

test('lag is counted from the leader, and never negative', () => {
  const { document } = assess(observed(membersOf(['cp1 follower', 'cp2 leader', 'cp3 follower']), three));
  // The leader's index is 4999; cp1, asked later, has applied 5000 already.
  expect(document.members.map(({ lag }) => lag)).toEqual([0, 1, 3]);
});

test('agents that are missing, not ready, silent or of another version are named, and change no exit code', () => {
  const nodes = nodesNamed(['cp1', 'cp2', 'cp3', 'cp4'], {
    cp1: undefined,
    cp2: { pod: 'agent-cp2', ready: false, reason: 'ImagePullBackOff' },
    cp3: { pod: 'agent-cp3', ready: true, version: '0.0.9' },
  });
  const reply = membersOf(['cp1 leader', 'cp2 follower', 'cp3 follower', 'cp4 follower']);
  const silent = new Failure({ reason: 'agent-silent', what: 'the agent does not answer within 3 s' });
  const { document, exit } = assess(observed(reply, nodes, [['cp4', silent]]));
  expect(exit).toBe(0);
  expect(document.agents).toEqual({ missing: ['cp1'], notReady: ['cp2', 'cp4'], otherVersion: ['cp3'] });
  expect(document.problems).toEqual([
    { node: 'cp1', what: 'no agent runs here', next: 'kubectl etcd install' },
    { node: 'cp2', what: 'the agent is not ready: ImagePullBackOff', next: null },
    { node: 'cp4', what: 'the agent is not ready: the agent does not answer within 3 s', next: null },
    { node: 'cp3', what: 'the agent is version 0.0.9, the plugin 0.1.0', next: 'kubectl etcd install' },
  ]);
});

test('a node that a restore has left out is named as that, by whoever answers or by its own agent', () => {
  const nodes = nodesNamed(['cp1', 'cp2', 'cp3', 'cp4']);
  const at = '2026-11-21T00:00:00.000Z';
  const fence = { node: 'cp3', operation: 'r-2345', at, by: 'anna' };
  const fences = [fence, { ...fence, node: 'cp4', lifted: { at, by: 'anna' } }];
  const register = { nodes: [], certificates: [], revocations: [], fences };
  const keptStopped = { reason: 'fence-lifted', what: 'the fence was lifted', next: 'mv a b' };
  const report = { protocol: 1, version: pluginVersion, node: 'cp4', keptStopped };
  const { document, exit } = assess({
    ...observed(membersOf(['cp1 leader', 'cp2 follower']), nodes, [['cp4', report]]),
    access: { state: { node: 'cp1', listening: true, register }, file: undefined },
  });
  expect(exit).toBe(0);
  expect(document.nodesWithoutMember).toEqual(['cp3', 'cp4']);
  expect(document.problems.filter(({ what }) => !what.startsWith('no agent'))).toEqual([
    {
      node: 'cp3',
      what: expect.stringMatching(/^fenced: r-2345 has left it out/),
      next: 'kubectl etcd operation show r-2345',
    },
    { node: 'cp4', what: 'the fence was lifted', next: 'mv a b' },
  ]);
});

test('nodes and members that do not belong together are named', () => {
  const nodes = [
    ...nodesNamed(['cp1']),
    { name: 'cp9', addresses: ['10.9.9.9'], controlPlane: true, agent: undefined },
  ];
  const { document } = assess(observed(membersOf(['cp1 leader', 'infra3 follower']), nodes));
  expect(document.nodesWithoutMember).toEqual(['cp9']);
  expect(document.members[1]).toMatchObject({ name: 'infra3', node: null });
  expect(document.problems.map(({ node, what }) => `${node ?? '-'}: ${what}`)).toEqual([
    '-: member infra3 (https://10.0.0.12:2379) is on no node of this cluster',
    'cp9: this control-plane node has no etcd member',
    'cp9: no agent runs here',
  ]);
});

test('without quorum, the survivor that has applied most is the one to save first', () => {
  const reply = membersOf(['cp1 no-leader', 'cp2 no-leader', 'cp3 down', 'cp4 down', 'cp5 down']);
  const members = reply.members.map((member) =>
    member.name === 'cp2' && member.status
      ? { ...member, status: { ...member.status, raftAppliedIndex: 6000 } }
      : member,
  );
  const { document } = assess(observed({ ...reply, members }, nodesNamed(['cp1', 'cp2', 'cp3', 'cp4', 'cp5'])));
  expect(document.problems[0]?.next).toBe('kubectl etcd snapshot save --from cp2');
});

test('a database near its quota is named', () => {
  const reply = membersOf(['cp1 leader']);
  const small = reportOf('cp1');
  const report = { ...small, ...(small.etcd ? { etcd: { ...small.etcd, quotaBytes: 1.2 * 1024 ** 3 } } : {}) };
  const { document, exit } = assess(observed(reply, nodesNamed(['cp1']), [['cp1', report]]));
  expect(exit).toBe(0);
  expect(document.problems.map(({ what }) => what)).toEqual([
    'the database of member cp1 takes 91 % of its quota of 1.2 GiB; at the quota etcd refuses writes',
  ]);
});

test('members stand in the order of their nodes, numbers as numbers', () => {
  const reply = membersOf(['cp10 leader', 'cp9 follower', 'cp1 follower']);
  const { document } = assess(observed({ ...reply, node: 'cp10' }, nodesNamed(['cp1', 'cp9', 'cp10'])));
  expect(document.members.map(({ node }) => node)).toEqual(['cp1', 'cp9', 'cp10']);
});

test('whatever the members say, the figures agree with each other', () => {
  const kind = fc.constantFrom(
    'leader',
    'follower',
    'down',
    'no-leader',
    'slow',
    'learner',
    'learner down',
    'follower NOSPACE',
    'follower CORRUPT',
  );
  fc.assert(
    fc.property(fc.array(kind, { minLength: 1, maxLength: 9 }), (kinds) => {
      const members = kinds.map((each, at) => `cp${at} ${each}`);
      const { document, exit } = assess(observed(membersOf(members), nodesNamed(['cp0'])));
      const { quorum, health } = document;
      if (quorum === null) throw new Error('the list was there');
      expect(quorum.needed * 2).toBeGreaterThan(quorum.members);
      expect((quorum.needed - 1) * 2).toBeLessThanOrEqual(quorum.members);
      expect(quorum.healthy).toBeLessThanOrEqual(quorum.voting);
      expect(quorum.canLose).toBeLessThanOrEqual(Math.max(0, quorum.voting - quorum.needed));
      expect(exit).toBe({ healthy: 0, degraded: 3, 'quorum-lost': 4, unknown: 1 }[health]);
      expect(health === 'healthy').toBe(
        kinds.every((each) => ['leader', 'follower', 'learner'].includes(each)) && health !== 'quorum-lost',
      );
      expect(document.members).toHaveLength(kinds.length);
    }),
  );
});

test('a leader that has just fallen silent: nobody confirms reads, and that is said first', () => {
  const reply = membersOf(['cp1 leader', 'cp2 slow', 'cp3 slow']);
  const members = reply.members.map(({ status, ...member }) =>
    member.name === 'cp1' || status === undefined
      ? { ...member, error: 'no answer within 2 s' }
      : { ...member, status },
  );
  const { document, exit } = assess(observed({ ...reply, members }, three));
  expect(exit).toBe(3);
  expect(document.problems[0]).toEqual({
    node: null,
    what: 'no member confirms reads: an election may be under way, which takes seconds',
    next: 'kubectl etcd status --watch',
  });
  expect(document.members[0]?.status).toBe('does not answer within 2 s');
});
