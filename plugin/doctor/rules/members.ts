/** Single members, while there is a quorum. Without one they are all in the one finding about that: see quorum.ts. */
import { Failure } from '../../../core/failure.ts';
import { examined, factsOf, nameOf, neededOf, saveable } from '../facts.ts';
import type { Facts, SeenMember } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import type { Observation } from '../observation.ts';
import { mendingOf, whyStopped } from '../why-stopped.ts';
import { safety } from './quorum.ts';

/** A member that was started once and does not answer. */
export const memberDown: Rule = (observation) => {
  const facts = factsOf(observation);
  if (facts.quorum !== 'kept') return [];
  return facts.members
    .filter(({ started, status }) => started && status === undefined)
    .map((member) => ofMember(member, observation, facts));
};

function ofMember(member: SeenMember, observation: Observation, facts: Facts): Finding {
  const name = nameOf(member);
  const node = observation.nodes.find((each) => each.name === member.node);
  const mayLose = facts.voting - facts.needed;
  const margin = mayLose === 0 ? 'no other may be lost' : `${mayLose} more may be lost`;
  const common = {
    severity: mayLose === 0 && !member.learner ? ('critical' as const) : ('warning' as const),
    rule: 'member-down',
    where: member.node === undefined ? [] : [member.node],
  };
  const quorum = `quorum is there (${facts.voting} of ${facts.voters}): neither recover nor restore is called for, ${margin}`;
  // A snapshot of one that is well, before the next thing goes wrong.
  const first = mayLose === 0 ? safety(saveable(facts).slice(0, 1)) : [];
  if (node === undefined)
    return {
      ...common,
      what: `the member ${name} is on no node of this cluster, and does not answer`,
      evidence: [`its URLs: ${[...member.clientUrls, ...member.peerUrls].join(', ')}`, quorum],
      commands: [...first, `if it is gone for good: kubectl etcd member remove ${member.id}`],
    };
  if (node.examination instanceof Failure)
    return {
      ...common,
      what: `${name} does not answer, neither etcd nor the agent`,
      evidence: [node.examination.message, quorum],
      commands: [
        ...first,
        `switch ${name} on, or connect it, again: its etcd comes back by itself`,
        `if it is gone for good: kubectl etcd member remove ${name}, and a new machine in its place: kubeadm join --control-plane`,
      ],
    };
  const stopped = whyStopped(node.examination);
  const ofAnother = node.examination.member?.etcdClusterId;
  if (stopped === undefined)
    return {
      ...common,
      what: `the etcd of ${name} is not that member of the cluster any more`,
      evidence: [`it is of the cluster ${ofAnother ?? ''}, the others of ${facts.main?.id ?? ''}`, quorum],
      commands: [...first, `kubectl etcd member rejoin ${name}`],
    };
  const loops = (node.examination.process?.restarts ?? 0) > 2 ? ', again and again' : '';
  return {
    ...common,
    what: `the member of ${name} is down${loops}: ${stopped.text}`,
    evidence: [quorum],
    commands: [...first, ...mendingOf(name, stopped, node.examination)],
  };
}

/** A member that was added and never started: what a join that failed leaves. */
export const neverStarted: Rule = (observation) => {
  const facts = factsOf(observation);
  return facts.members
    .filter(({ started }) => !started)
    .map((member) => ({
      severity: member.learner ? ('warning' as const) : ('critical' as const),
      rule: 'member-never-started',
      what: member.learner
        ? `a learner was added and never started: no other can join until it is gone`
        : `a voting member was added and never started: it counts for the quorum all the same`,
      where: [],
      evidence: [
        `member ${member.id} at ${member.peerUrls.join(', ')}, without a name: a join that has failed leaves one`,
        ...(member.learner ? [] : [`${facts.voting} of ${facts.voters} vote, ${facts.needed} are needed`]),
      ],
      commands: [`if no join is under way: kubectl etcd member remove ${member.id}`],
    }));
};

/** A learner that answers: somebody has to promote it. */
export const stillLearner: Rule = (observation) =>
  factsOf(observation)
    .members.filter(({ learner, status }) => learner && status !== undefined)
    .map((member) => ({
      severity: 'warning',
      rule: 'learner',
      what: `${nameOf(member)} is a learner: it has no vote, and does not serve`,
      where: member.node === undefined ? [] : [member.node],
      evidence: [`applied up to ${member.status?.raftAppliedIndex ?? 0}`],
      commands: [`kubectl etcd member promote ${nameOf(member)}`],
    }));

/** One more than an odd number is one more that can break, and none that may. */
export const evenNumber: Rule = (observation) => {
  const { voters, main } = factsOf(observation);
  if (main === undefined || voters % 2 === 1) return [];
  return [
    {
      severity: voters === 2 ? 'warning' : 'info',
      rule: 'even-number',
      what: `${voters} voting members bear the loss of ${voters - neededOf(voters)}, as ${voters - 1} would`,
      where: [],
      evidence: [`${neededOf(voters)} of ${voters} are needed for a quorum`],
      commands: ['add a control-plane node: kubeadm join --control-plane; then kubectl etcd install'],
    },
  ];
};

/** Members that answer their own agent, and not the others. */
export const cutOff: Rule = (observation) => {
  const facts = factsOf(observation);
  return facts.members.flatMap((member): Finding[] => {
    const own = examined(observation).find(({ examination }) => examination.member?.memberId === member.id);
    if (own === undefined) return [];
    const blind = examined(observation).flatMap(({ name, seen }) => {
      if (name === own.name || seen === undefined || seen instanceof Failure) return [];
      const error = seen.members.find(({ id }) => id === member.id)?.error;
      return error === undefined ? [] : [{ name, error }];
    });
    if (blind.length === 0) return [];
    return [
      {
        severity: 'warning',
        rule: 'member-cut-off',
        what: `${own.name}'s etcd answers on its own node, and not ${blind.map(({ name }) => name).join(', ')}`,
        where: [own.name],
        evidence: blind.map(({ name, error }) => `from ${name} to ${member.clientUrls.join(', ')}: ${error}`),
        commands: [
          `on ${blind[0]?.name ?? ''}: curl -sk ${member.clientUrls[0] ?? ''}/health: a firewall, a route, a certificate?`,
        ],
      },
    ];
  });
};

/** A member that answers and serves no reads that are sure to be the newest: its disk is stuck, or the others do not hear it. */
export const readsUnconfirmed: Rule = (observation) => {
  const facts = factsOf(observation);
  if (facts.quorum !== 'kept') return [];
  const stuck = facts.members.filter(
    ({ learner, status }) =>
      !learner &&
      status !== undefined &&
      status.readMs === undefined &&
      !status.errors.some((error) => error.includes('alarm:')),
  );
  if (stuck.length === 0) return [];
  const where = stuck.map(nameOf);
  return [
    {
      severity: 'warning',
      rule: 'reads-unconfirmed',
      what: `${where.join(', ')} ${stuck.length === 1 ? 'answers and does' : 'answer and do'} not confirm reads`,
      where,
      evidence: stuck.map(
        (member) =>
          `${nameOf(member)}: ${member.status?.leader === '0' ? 'knows no leader' : 'knows a leader'}, and a read that needs the others had no answer within 1.5 s`,
      ),
      commands: [
        'kubectl etcd doctor, once more: an election takes seconds',
        ...where.map((node) => `kubectl etcd logs ${node}`),
      ],
    },
  ];
};
