import { Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { AgentReport, MembersReply } from '../../core/protocol/messages.ts';
import { accessProblems, accessView } from './access.ts';
import type { ObservedAccess } from './access.ts';
import { exitCodeOfHealth } from './document.ts';
import { fenceProblems } from './fenced.ts';
import type { Health, MemberRow, NodeAgent, Quorum, StatusDocument } from './document.ts';
import { joinMembersToNodes } from './join-nodes.ts';
import { foundRows, memberRows } from './member-rows.ts';
import { findProblems } from './problems.ts';

export interface ObservedNode {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly controlPlane: boolean;
  /** Absent where no agent runs on the node. */
  readonly agent?: ObservedAgent | undefined;
}

export interface ObservedAgent {
  readonly pod: string;
  readonly ready: boolean;
  readonly version?: string | undefined;
  /** Why it is not ready. */
  readonly reason?: string | undefined;
}

/** All that was read before anything is said about it. */
export interface ObservedCluster {
  readonly cluster: { readonly name: string; readonly uid: string | null };
  readonly nodes: readonly ObservedNode[];
  /** A Failure where no agent could get the list of members from its etcd. */
  readonly reply: MembersReply | Failure;
  /** By node, of those that were asked: what the agent found, or why it did not answer. */
  readonly agentReports?: ReadonlyMap<string, AgentReport | Failure> | undefined;
  readonly pluginVersion: string;
  /** Absent where nobody looked. */
  readonly access?: ObservedAccess | undefined;
  /** For what expires; without it nothing does. */
  readonly nowMs?: number | undefined;
}

export interface Assessment {
  readonly document: StatusDocument;
  readonly exit: ExitCode;
}

/** What the observations mean: the whole document, and the exit code that goes with it. Pure, and total: it has no way to fail. */
export function assess(observed: ObservedCluster): Assessment {
  const { cluster, nodes, reply, agentReports: asked, pluginVersion } = observed;
  const observedAccess = observed.access ?? { state: undefined, file: undefined };
  const agentOf = new Map(nodes.map((node) => [node.name, nodeAgent(node, asked?.get(node.name))]));
  const agentReports = new Map<string, AgentReport>();
  for (const [node, report] of asked ?? []) if (!(report instanceof Failure)) agentReports.set(node, report);
  const nodeOf = reply instanceof Failure ? new Map<string, string>() : joinMembersToNodes(reply, nodes, agentReports);
  const members =
    reply instanceof Failure
      ? foundRows(reply, { agentOf, agentReports })
      : memberRows(reply, { nodeOf, agentOf, agentReports });
  const quorum = reply instanceof Failure ? quorumOfSilent(members, nodes, asked) : quorumOf(members);
  const withMember = new Set(members.map(({ node }) => node));
  const controlPlane = nodes.filter((node) => node.controlPlane).map(({ name }) => name);
  const agents = nodes.flatMap(({ name }) => (agentOf.get(name) ? [{ name, agent: agentOf.get(name) }] : []));
  const named: Omit<StatusDocument, 'problems'> = {
    health: healthOf(members, quorum, reply),
    cluster: {
      name: cluster.name,
      uid: cluster.uid,
      etcdClusterId: reply instanceof Failure ? null : reply.etcdClusterId,
    },
    quorum,
    members,
    nodes: nodes.map(({ name, controlPlane }) => ({
      name,
      controlPlane,
      memberId: members.find(({ node }) => node === name)?.id ?? null,
      agent: agentOf.get(name) ?? null,
    })),
    nodesWithoutMember: reply instanceof Failure ? [] : controlPlane.filter((name) => !withMember.has(name)),
    agents: {
      missing: controlPlane.filter((name) => agentOf.get(name) === null),
      notReady: agents.filter(({ agent }) => agent?.ready === false).map(({ name }) => name),
      otherVersion: agents
        .filter(({ agent }) => (agent?.version ?? pluginVersion) !== pluginVersion)
        .map(({ name }) => name),
    },
    access: accessView(observedAccess, controlPlane),
  };
  const fenced = fenceProblems(observedAccess.state, agentReports);
  const isFenced = (name: string) => fenced.some(({ node }) => node === name);
  const nodesWithoutMember = named.nodesWithoutMember.filter((name) => !isFenced(name));
  const problems = [
    ...findProblems({ ...named, nodesWithoutMember }, reply, pluginVersion),
    ...fenced,
    ...accessProblems(named.access, observedAccess, { nowMs: observed.nowMs ?? 0, silent: named.agents.notReady }),
  ];
  const document = { ...named, problems };
  // Where nobody could tell, the failure to ask has an exit code of its own.
  const unknown = document.health === 'unknown' && reply instanceof Failure;
  return { document, exit: unknown ? reply.exit : exitCodeOfHealth(document.health) };
}

/** A pod that Kubernetes calls ready and that does not answer us is not ready: after a node's power cut the two differ for a minute. */
function nodeAgent({ agent }: ObservedNode, report: AgentReport | Failure | undefined): NodeAgent | null {
  if (agent === undefined) return null;
  const { pod, ready, version, reason } = agent;
  if (report instanceof Failure)
    return { pod, ready: false, version: version ?? null, reason: reason ?? whyNot(report) };
  return { pod, ready, version: version ?? report?.version ?? null, reason: reason ?? null };
}

function whyNot({ what, why }: Failure): string {
  return why === undefined ? what : `${what}: ${why}`;
}

function quorumOf(members: readonly MemberRow[]): Quorum {
  const voters = members.filter(({ learner }) => !learner);
  const needed = neededOf(voters.length);
  const voting = voters.filter(({ knowsLeader }) => knowsLeader);
  const reliable = voting.filter(({ alarms }) => !alarms.includes('CORRUPT'));
  return {
    members: voters.length,
    needed,
    healthy: voters.filter(({ healthy }) => healthy).length,
    voting: voting.length,
    canLose: Math.max(0, reliable.length - needed),
  };
}

/**
 * Without a list: every control-plane node is taken for a member. Where an agent says that the etcd of its node does not answer, those whose agents
 * are not reached either are not counted on, as with a list; when too few are left, the quorum is lost. Otherwise nobody knows.
 */
function quorumOfSilent(
  silent: readonly MemberRow[],
  nodes: readonly ObservedNode[],
  asked: ObservedCluster['agentReports'],
): Quorum | null {
  const controlPlane = nodes.filter((node) => node.controlPlane).length;
  const members = Math.max(silent.length, controlPlane);
  const unreached = nodes.filter((node) => node.controlPlane && asked?.get(node.name) instanceof Failure).length;
  const needed = neededOf(members);
  if (silent.length === 0 || members - silent.length - unreached >= needed) return null;
  return { members, needed, healthy: 0, voting: 0, canLose: 0 };
}

function neededOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

function healthOf(members: readonly MemberRow[], quorum: Quorum | null, reply: MembersReply | Failure): Health {
  if (quorum === null) return 'unknown';
  if (quorum.voting < quorum.needed) return 'quorum-lost';
  // An alarm may name a member that has been removed, or none at all: it holds all the same.
  const alarmed = !(reply instanceof Failure) && reply.alarms.length > 0;
  return alarmed || members.some(({ healthy }) => !healthy) ? 'degraded' : 'healthy';
}
