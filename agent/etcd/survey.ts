import { messageOf } from '../../core/failure.ts';
import type { MemberAnswer, MembersReply, MemberStatus } from '../../core/protocol/messages.ts';
import { MemberClient } from './member-client.ts';
import type { TlsCredentials } from '../grpc/session.ts';
import type { MemberEndpoint } from './member-client.ts';
import type { ListedMember, StatusReply } from './messages.ts';
import { silentMember } from './silent-member.ts';

/** A member that does not answer within this is a row that says so: the whole of `status` stays within 3 s. */
const answerWithinMs = 1_500;

/**
 * Asks this node's member for the list, and then every member itself, all at once, over etcd's client API: one agent answers for all.
 * Needs no quorum and no leader. Never waits longer than the time of two answers.
 * @throws {Failure} `etcd-silent` when this node's own member does not answer, as nobody else can give the list here.
 */
export async function surveyMembers(own: MemberEndpoint, node: string): Promise<MembersReply> {
  using client = new MemberClient(own);
  const { header, members } = await client.members(answerWithinMs).catch((thrown: unknown) => {
    throw silentMember(thrown, node);
  });
  const answers = await Promise.all(
    members.map((member) => askMember(member, member.id === header.memberId ? own : undefined, own.credentials)),
  );
  return {
    node,
    etcdClusterId: header.clusterId,
    memberId: header.memberId,
    members: answers,
    alarms: raisedAlarms(answers),
  };
}

async function askMember(
  member: ListedMember,
  own: MemberEndpoint | undefined,
  credentials: TlsCredentials,
): Promise<MemberAnswer> {
  const url = own?.url ?? member.clientUrls[0];
  if (url === undefined) return { ...member, error: 'it was added and has never been started' };
  try {
    using client = new MemberClient({ url, credentials });
    const [status, read] = await Promise.all([client.status(answerWithinMs), client.confirmRead(answerWithinMs)]);
    return { ...member, endpoint: url, status: memberStatus(status, 'revision' in read ? read.tookMs : undefined) };
  } catch (thrown) {
    return { ...member, endpoint: url, error: messageOf(thrown) };
  }
}

export function memberStatus(reply: StatusReply, readMs: number | undefined): MemberStatus {
  return {
    version: reply.version,
    dbSizeBytes: reply.dbSize,
    dbInUseBytes: reply.dbSizeInUse,
    leader: reply.leader,
    raftTerm: reply.raftTerm,
    raftIndex: reply.raftIndex,
    raftAppliedIndex: reply.raftAppliedIndex,
    revision: reply.header.revision,
    learner: reply.learner,
    errors: reply.errors,
    ...(readMs === undefined ? {} : { readMs }),
  };
}

/** Listing alarms goes through raft and hangs without quorum; Status carries them as text: `memberID:123 alarm:NOSPACE `. */
function raisedAlarms(answers: readonly MemberAnswer[]): MembersReply['alarms'] {
  const raised = new Map<string, MembersReply['alarms'][number]>();
  for (const error of answers.flatMap((answer) => answer.status?.errors ?? [])) {
    const found = /memberID:(\d+) alarm:(\w+)/.exec(error);
    if (found?.[1] === undefined || found[2] === undefined) continue;
    const alarm = { memberId: BigInt(found[1]).toString(16), alarm: found[2] };
    raised.set(`${alarm.memberId} ${alarm.alarm}`, alarm);
  }
  return [...raised.values()];
}
