import { Failure } from '../../core/failure.ts';
import type { MembersReply } from '../../core/protocol/messages.ts';
import { formatShare, formatSize } from '../report/units.ts';
import type { MemberRow, Problem, StatusDocument } from './document.ts';

/** From this share of its quota on, a database is named: at the quota etcd refuses every write. */
const fullShare = 0.8;

type Assessed = Omit<StatusDocument, 'problems'>;

/** Everything that somebody should act on, the most urgent first; each with what to do. */
export function findProblems(assessed: Assessed, reply: MembersReply | Failure, pluginVersion: string): Problem[] {
  return [
    ...lostQuorum(assessed),
    ...noReads(assessed),
    ...(reply instanceof Failure ? [noList(reply, assessed.members.length)] : alarms(reply, assessed.members)),
    ...assessed.members.flatMap(memberProblem),
    ...assessed.members.flatMap(nearlyFull),
    ...assessed.members.flatMap(onNoNode),
    ...assessed.nodesWithoutMember.map((node) => ({
      node,
      what: 'this control-plane node has no etcd member',
      next: null,
    })),
    ...agentProblems(assessed, pluginVersion),
  ];
}

function lostQuorum({ health, quorum, members }: Assessed): Problem[] {
  if (health !== 'quorum-lost' || quorum === null) return [];
  const answering = members.filter(({ learner, version }) => !learner && version !== null);
  if (answering.length >= quorum.needed) {
    const what = `${answering.length} of ${quorum.members} voting members answer and too few know a leader: an election is under way, or they do not reach each other`;
    return [{ node: null, what, next: 'kubectl etcd status --watch' }];
  }
  const [best] = answering
    .filter(({ node }) => node !== null)
    .sort((a, b) => (b.raftAppliedIndex ?? 0) - (a.raftAppliedIndex ?? 0));
  const what = `nothing can be written: ${quorum.voting} of ${quorum.members} voting members take part, ${quorum.needed} are needed${best?.node ? '; save what is there before anything else' : ''}`;
  const next = best?.node ? `kubectl etcd snapshot save --from ${best.node}` : null;
  return [
    { node: null, what, next },
    { node: null, what: 'which way leads back depends on what is left of each member', next: 'kubectl etcd doctor' },
  ];
}

/** What the agents found stands in the rows, each with what to do; only where there are none is the failure all that is known. */
function noList({ what, why, next, node }: Failure, found: number): Problem {
  if (found > 0)
    return {
      node: null,
      what: 'no member gave the list of members: the rows are what the agents found on their nodes',
      next: null,
    };
  return { node: node ?? null, what: `${what}${why === undefined ? '' : `: ${why}`}`, next: next ?? null };
}

/** A leader that has fallen silent is still the leader to those who follow it, until they elect another a second or two later. */
function noReads({ health, quorum, members }: Assessed): Problem[] {
  if (quorum === null || health === 'quorum-lost' || members.some(({ healthy, learner }) => healthy && !learner))
    return [];
  if (members.some(({ alarms: own }) => own.length > 0)) return [];
  const what = 'no member confirms reads: an election may be under way, which takes seconds';
  return [{ node: null, what, next: 'kubectl etcd status --watch' }];
}

function alarms(reply: MembersReply, members: readonly MemberRow[]): Problem[] {
  return reply.alarms.map(({ memberId, alarm }) => {
    const node = members.find(({ id }) => id === memberId)?.node ?? null;
    const of = node === null ? ` of member ${memberId}` : '';
    switch (alarm) {
      case 'NOSPACE':
        return {
          node,
          what: `alarm NOSPACE${of}: a database has reached its quota, and the whole cluster refuses writes`,
          next: 'compact, defragment, then: etcdctl alarm disarm',
        };
      case 'CORRUPT': {
        const sound = members.find(
          ({ alarms: own, version, node: on }) => version !== null && own.length === 0 && on !== null,
        );
        return {
          node,
          what: `alarm CORRUPT${of}: its data differs from the other members', and the cluster refuses to serve`,
          next: sound?.node ? `kubectl etcd snapshot save --from ${sound.node}` : null,
        };
      }
      default:
        return { node, what: `alarm ${alarm}${of}`, next: 'etcdctl alarm list' };
    }
  });
}

function memberProblem(member: MemberRow): Problem[] {
  const { healthy, started, learner, id, node, status, alarms: own, knowsLeader, version } = member;
  // Alarms have their own lines; members that only miss a leader are what the line about the quorum is about.
  if (healthy || own.length > 0 || (version !== null && !knowsLeader)) return [];
  const name = nameOf(member);
  if (!started) {
    const kind = learner ? 'learner' : 'voting member';
    const what = `the ${kind} ${name} was added and never started${learner ? '; it blocks the next one' : ': it counts for the quorum all the same'}`;
    return [{ node, what, next: `start it, or take it out: kubectl etcd member remove ${id ?? ''}` }];
  }
  // A member is called like its node nearly everywhere.
  const what = name === node ? status : `member ${name}: ${status}`;
  return [{ node, what, next: node === null ? null : `kubectl etcd logs ${node}` }];
}

function nearlyFull(member: MemberRow): Problem[] {
  const { dbSizeBytes, quotaBytes, node, alarms: own } = member;
  if (dbSizeBytes === null || quotaBytes === null || dbSizeBytes < fullShare * quotaBytes || own.includes('NOSPACE'))
    return [];
  const what = `the database of member ${nameOf(member)} takes ${formatShare(dbSizeBytes, quotaBytes)} of its quota of ${formatSize(quotaBytes)}; at the quota etcd refuses writes`;
  return [{ node, what, next: 'compact and defragment, or raise --quota-backend-bytes' }];
}

function onNoNode(member: MemberRow): Problem[] {
  if (member.node !== null || !member.started) return [];
  const at = member.endpoint === null ? '' : ` (${member.endpoint})`;
  return [{ node: null, what: `member ${nameOf(member)}${at} is on no node of this cluster`, next: null }];
}

function agentProblems({ nodes, agents }: Assessed, pluginVersion: string): Problem[] {
  const reinstall = 'kubectl etcd install';
  return [
    ...agents.missing.map((node) => ({ node, what: 'no agent runs here', next: reinstall })),
    ...nodes.flatMap(({ name, agent }) =>
      agent === null || agent.ready
        ? []
        : [
            {
              node: name,
              what: `the agent is not ready${agent.reason === null ? '' : `: ${agent.reason}`}`,
              next: null,
            },
          ],
    ),
    ...nodes.flatMap(({ name, agent }) =>
      agent?.version && agents.otherVersion.includes(name)
        ? [{ node: name, what: `the agent is version ${agent.version}, the plugin ${pluginVersion}`, next: reinstall }]
        : [],
    ),
  ];
}

function nameOf({ name, id }: MemberRow): string {
  return name === '' ? (id ?? 'without a name') : name;
}
