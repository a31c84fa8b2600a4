import { exitCode, Failure } from '../../core/failure.ts';
import type { MemberAnswer, MembersReply } from '../../core/protocol/messages.ts';
import { nodeNamed } from '../link/reach.ts';
import type { NodeView, Reach } from '../link/reach.ts';
import { joinMembersToNodes } from '../status/join-nodes.ts';
import { surveyFromAny } from '../status/observe.ts';

/** The node that `--from` names, or the best there is. @throws {Failure} `unknown-node`; what `chooseMember` and `surveyFromAny` throw. */
export async function memberFrom(reach: Reach, from: string | undefined, signal: AbortSignal): Promise<NodeView> {
  return from === undefined ? chooseMember(await surveyFromAny(reach, signal), reach.nodes) : nodeNamed(reach, from);
}

/**
 * The node to save from: a follower in step with the leader, so that the leader is left alone; else the leader; and where there is no
 * quorum the member that has applied the most. Learners last: they may be far behind.
 * @throws {Failure} `no-member-answers`, naming each member and why.
 */
export function chooseMember(survey: MembersReply, nodes: readonly NodeView[]): NodeView {
  const nodeOf = joinMembersToNodes(survey, nodes, new Map());
  const candidates = survey.members
    .flatMap((member) => {
      const node = nodes.find((one) => one.agent !== undefined && one.name === nodeOf.get(member.id));
      return member.status === undefined || node === undefined ? [] : [{ member, status: member.status, node }];
    })
    .sort(
      (one, other) =>
        preference(one) - preference(other) || other.status.raftAppliedIndex - one.status.raftAppliedIndex,
    );
  const [best] = candidates;
  if (best !== undefined) return best.node;
  throw new Failure({
    reason: 'no-member-answers',
    what: 'no member can be saved from',
    why: survey.members
      .map((member) => `${member.name === '' ? member.id : member.name}: ${member.error ?? 'no agent on its node'}`)
      .join('; '),
    next: 'kubectl etcd status; kubectl etcd logs NODE',
    exit: exitCode.failed,
  });
}

function preference({
  member,
  status,
}: {
  readonly member: MemberAnswer;
  readonly status: NonNullable<MemberAnswer['status']>;
}): number {
  if (status.learner) return 4;
  if (status.leader === '0') return 3;
  const ill = status.errors.length > 0 || status.readMs === undefined;
  if (ill) return 2;
  return status.leader === member.id ? 1 : 0;
}
