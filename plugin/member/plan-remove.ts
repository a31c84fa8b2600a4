/** Taking a member out of the cluster for good: whether it may go, and by which phases. Pure. */
import { exitCode, Failure } from '../../core/failure.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import type { Phase } from '../../core/operation/plan.ts';
import { quorumOf, staysQuorate } from '../../core/operation/quorum.ts';
import type { Step } from '../../core/operation/steps.ts';
import { graceSeconds, isControlPlane, isEtcd, phaseOf, placed, placesFor, touching } from '../operation/plan-parts.ts';
import { together } from '../operation/refusals.ts';
import { membersOf, readMembership } from './membership.ts';
import type { MembersLook, Membership, PlacedMember } from './membership.ts';

export interface MayRemove {
  readonly members: readonly PlacedMember[];
  readonly membership: Membership;
  /** The node that it runs on, where that one answers: it is stopped there. */
  readonly survey: NodeSurvey | undefined;
  readonly removeFirst: boolean;
  readonly warnings: readonly string[];
}

/** @param target a node's name, or a member's id as `member list` has it. @throws {Failure} exit code 2 or 5. */
export function mayRemove(target: string, look: MembersLook): MayRemove {
  const isNode = look.nodes.some(({ name }) => name === target);
  const first = isNode ? readMembership(look, target) : readMembership(look);
  const node = isNode ? target : first.members.find(({ id }) => id === target)?.node;
  // One that is to leave has no say in who is there.
  const membership = node === undefined || isNode ? first : readMembership(look, node);
  const { members } = membership;
  const leaving = isNode ? membersOf(members, target) : members.filter(({ id }) => id === target);
  if (leaving.length === 0) throw unknownMember(target, members);
  const voters = members.filter(({ learner }) => !learner);
  const staying = voters.filter(({ id }) => !leaving.some((member) => member.id === id));
  const reasons = [
    ...look.surveys.flatMap(({ node: name, openOperation }) =>
      openOperation === undefined ? [] : [open(name, openOperation)],
    ),
    ...(staying.length === 0 ? [only(target)] : []),
    ...leaving
      .filter(({ learner, id }) => !learner && staying.length > 0 && !staysQuorate(voters, id))
      .map((member) => wouldLose(member, staying)),
  ];
  if (reasons.length > 0) throw together('the member cannot leave', reasons);
  const survey = look.surveys.find(
    (each) => each.node === node && each.etcd !== undefined && each.fencedBy === undefined,
  );
  const well = staying.filter(({ isWell }) => isWell).length;
  return {
    ...{ members: leaving, membership, survey },
    removeFirst: leaving.some(({ learner }) => !learner) && well < quorumOf(voters.length),
    warnings: [
      ...(staying.length % 2 === 0
        ? [`${staying.length} members are left: they may lose no more than ${staying.length - 1} may`]
        : []),
      ...(node !== undefined && survey === undefined
        ? [`${node} does not answer, and nothing is stopped there: see to it that it stays off`]
        : []),
    ],
  };
}

/** Out of the cluster; on its own node stopped, its data aside, so that nothing there can be taken for a member. */
export function removePhases(
  id: string,
  { members, membership, survey, removeFirst }: Omit<MayRemove, 'warnings'>,
): Phase[] {
  const remove = phaseOf(
    'remove',
    `${members.map(({ name, id: memberId }) => name || memberId).join(', ')} leaves the cluster, the leadership before`,
    members.map(({ id: memberId, name, peerUrls }) => ({
      node: membership.through.node,
      does: { kind: 'member-remove', member: { id: memberId, name, peerUrls: [...peerUrls] } },
    })),
    { touches: true, servesNewData: true },
  );
  const apart = survey === undefined ? [] : apartPhases(id, survey);
  return removeFirst ? [remove, ...apart] : [...apart, remove];
}

function apartPhases(id: string, { node, workloads, places }: NodeSurvey): Phase[] {
  if (places === undefined) return [];
  const own = workloads.map((each) => placed(id, each));
  const startsAgain = places.hasMember;
  const stop = [isControlPlane, isEtcd].flatMap((which): Step[] => {
    const chosen = own.filter(which);
    return chosen.length === 0 ? [] : [{ kind: 'stop', workloads: chosen, graceSeconds, startsAgain }];
  });
  const setAside: Step = { kind: 'set-aside', places: placesFor(id, places), hadMember: places.hasMember };
  return [
    phaseOf(
      'stop',
      'API server, controller-manager, scheduler, etcd',
      stop.map((does) => ({ node, does })),
      touching,
    ),
    phaseOf('set-aside', `${places.dataDir}/member aside`, [{ node, does: setAside }], touching),
  ].filter(({ steps }) => steps.length > 0);
}

function unknownMember(target: string, members: readonly PlacedMember[]): Failure {
  return new Failure({
    reason: 'no-member-here',
    what: `there is no member ${target}, and none is listed for a node of that name`,
    next: `one of: ${members.map(({ id, name, node }) => `${id} (${node ?? (name || 'never started')})`).join(', ')}`,
    exit: exitCode.usage,
  });
}

function only(target: string): Failure {
  return new Failure({
    reason: 'only-member',
    what: `${target} is the only member: without it there is no cluster`,
    next: 'nothing was touched',
    exit: exitCode.refused,
  });
}

function wouldLose({ name, id, node }: PlacedMember, staying: readonly PlacedMember[]): Failure {
  const well = staying.filter(({ isWell }) => isWell).length;
  const down = staying.filter(({ isWell }) => !isWell).map((member) => member.name || member.id);
  return new Failure({
    reason: 'would-lose-quorum',
    node,
    what: `without ${name || id} the others would have no quorum`,
    why: `${well} of the ${staying.length} that would be left are well, and ${quorumOf(staying.length)} are needed`,
    next: `nothing was touched; first bring back, or take out, ${down.join(', ')}`,
    exit: exitCode.refused,
  });
}

function open(node: string, operation: string): Failure {
  return new Failure({
    reason: 'operation-open',
    node,
    what: `the operation ${operation} is not finished`,
    next: `kubectl etcd operation show ${operation}; then resume, rollback or abandon it`,
    exit: exitCode.refused,
  });
}
