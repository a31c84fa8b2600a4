import type { Failure } from '../../core/failure.ts';
import type { AgentReport, MemberAnswer, MembersReply, MemberStatus } from '../../core/protocol/messages.ts';
import type { MemberRow, NodeAgent } from './document.ts';

export interface MemberContext {
  readonly nodeOf: ReadonlyMap<string, string>;
  readonly agentOf: ReadonlyMap<string, NodeAgent | null>;
  readonly agentReports: ReadonlyMap<string, AgentReport>;
}

/** etcd writes the alarms of all members among the errors of each (see surveyMembers): they are that member's, not this one's. */
const alarmText = /^memberID:\d+ alarm:/;

/** One row a member, in the order of the nodes' names, members of unknown nodes last. */
export function memberRows(reply: MembersReply, context: MemberContext): MemberRow[] {
  const head = headIndex(reply.members);
  return reply.members.map((member) => memberRow(member, reply, head, context)).sort(byNode);
}

/**
 * Where no member gave the list: what the agents found on their own nodes, each row saying what its node knows. Ids and the other members
 * are unknown.
 */
export function foundRows(unanswered: Failure, { agentOf, agentReports }: Omit<MemberContext, 'nodeOf'>): MemberRow[] {
  return [...agentReports]
    .flatMap(([node, report]) => (report.etcd === undefined ? [] : [{ node, report, etcd: report.etcd }]))
    .map(({ node, report, etcd }): MemberRow => {
      const stopped = whyStopped(report);
      return {
        name: etcd.name,
        id: null,
        node,
        endpoint: etcd.clientUrl,
        peerUrls: etcd.peerUrls,
        healthy: false,
        status: stopped ?? 'does not answer',
        ...withoutStatus,
        learner: false,
        started: true,
        quotaBytes: etcd.quotaBytes,
        alarms: [],
        errors: [stopped ?? unanswered.why ?? unanswered.what],
        agent: agentOf.get(node) ?? null,
      };
    })
    .sort(byNode);
}

function memberRow(
  member: MemberAnswer,
  reply: MembersReply,
  head: number | undefined,
  context: MemberContext,
): MemberRow {
  const node = context.nodeOf.get(member.id) ?? null;
  const report = node === null ? undefined : context.agentReports.get(node);
  const { status } = member;
  const alarms = reply.alarms.filter(({ memberId }) => memberId === member.id).map(({ alarm }) => alarm);
  const errors = status === undefined ? [] : status.errors.filter((error) => !alarmText.test(error));
  const inWords =
    status === undefined
      ? whySilent(member, report)
      : (whyUnhealthy(status, member.learner, alarms, errors) ?? 'healthy');
  // In the order in which they are printed: who it is, how it is, then the figures.
  return {
    name: member.name,
    id: member.id,
    node,
    endpoint: member.endpoint ?? member.clientUrls[0] ?? null,
    peerUrls: member.peerUrls,
    healthy: inWords === 'healthy',
    status: inWords,
    ...(status === undefined ? withoutStatus : statusFields(status, member.id, head)),
    learner: member.learner,
    started: member.name !== '' || status !== undefined,
    quotaBytes: report?.etcd?.quotaBytes ?? null,
    alarms,
    errors: [...errors, member.error, report?.noEtcd?.why].filter((error) => error !== undefined),
    agent: (node === null ? undefined : context.agentOf.get(node)) ?? null,
  };
}

const withoutStatus = {
  leader: false,
  knowsLeader: false,
  version: null,
  dbSizeBytes: null,
  dbInUseBytes: null,
  raftTerm: null,
  raftIndex: null,
  raftAppliedIndex: null,
  lag: null,
  revision: null,
  readMs: null,
} as const;

function statusFields(status: MemberStatus, id: string, head: number | undefined) {
  const { version, dbSizeBytes, dbInUseBytes, raftTerm, raftIndex, raftAppliedIndex, revision, readMs } = status;
  return {
    leader: status.leader === id,
    knowsLeader: status.leader !== '0',
    version,
    dbSizeBytes,
    dbInUseBytes,
    raftTerm,
    raftIndex,
    raftAppliedIndex,
    // The members answered one after the other: who answered last may be ahead of the leader's answer.
    lag: head === undefined ? null : Math.max(0, head - raftAppliedIndex),
    revision,
    readMs: readMs ?? null,
  };
}

/** The leader's raft index; where none or several (for a moment, around an election) call themselves leader, the highest. */
function headIndex(members: readonly MemberAnswer[]): number | undefined {
  const answered = members.flatMap(({ id, status }) => (status === undefined ? [] : [{ id, status }]));
  const leaders = answered.filter(({ id, status }) => status.leader === id);
  const counted = leaders.length === 1 ? leaders : answered;
  return counted.length === 0 ? undefined : Math.max(...counted.map(({ status }) => status.raftIndex));
}

/** Undefined when nothing is wrong. A learner serves no linearizable reads: that is no fault of its own. */
function whyUnhealthy(
  status: MemberStatus,
  learner: boolean,
  alarms: readonly string[],
  errors: readonly string[],
): string | undefined {
  if (status.leader === '0') return learner ? 'running, no leader' : 'running, cannot commit';
  if (alarms.length > 0) return `alarm ${alarms.join(', ')}`;
  if (errors.length > 0) return errors.join('; ');
  if (!learner && status.readMs === undefined) return 'running, does not confirm reads';
  return undefined;
}

function whySilent(member: MemberAnswer, report: AgentReport | undefined): string {
  if (member.name === '') return 'never started';
  const stopped = report === undefined ? undefined : whyStopped(report);
  if (stopped !== undefined) return stopped;
  // The agent's words for it are a sentence with all the places where it looked: among the errors.
  if (report?.noEtcd !== undefined)
    return report.noEtcd.reason === 'etcd-not-found' ? 'no manifest or unit runs etcd' : report.noEtcd.what;
  if (member.error === undefined) return 'does not answer';
  // "does not answer (no answer within 2 s)" would say it twice.
  const within = /^no answer (within .*)$/.exec(member.error)?.[1];
  return within === undefined ? `does not answer (${member.error})` : `does not answer ${within}`;
}

/** What the node itself knows about an etcd that does not run; undefined where it runs, or nobody knows. */
function whyStopped({ process }: AgentReport): string | undefined {
  if (process === undefined || process.state === 'running' || process.state === 'unknown') return undefined;
  const { restarts = 0, lastError, exitCode: code } = process;
  const often = restarts > 0 ? ` (${restarts} restarts)` : '';
  if (lastError !== undefined) return `etcd exits: "${lastError}"${often}`;
  if (process.state === 'exited') return `etcd exited${code === undefined ? '' : ` with ${code}`}${often}`;
  return process.state === 'created' ? `etcd was created and not started${often}` : 'etcd does not run';
}

const collator = new Intl.Collator('en', { numeric: true });

function byNode(a: MemberRow, b: MemberRow): number {
  if (a.node === null || b.node === null) return Number(a.node === null) - Number(b.node === null);
  return collator.compare(a.node, b.node) || collator.compare(a.name, b.name);
}
