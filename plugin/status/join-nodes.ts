import type { AgentReport, MemberAnswer, MembersReply } from '../../core/protocol/messages.ts';

export interface NodeAddresses {
  readonly name: string;
  /** IP addresses and host names, as the cluster knows them. */
  readonly addresses: readonly string[];
}

/**
 * Which node each member is on, by member id; members that fit no node are absent. In this order, as one is surer than the next:
 * the answering agent's own member; what the agents found on their nodes, by the member's name; the node's name; the host of a client or
 * peer URL. A name or an address that fits several nodes (all on one machine, in local mode) decides nothing.
 */
export function joinMembersToNodes(
  reply: MembersReply,
  nodes: readonly NodeAddresses[],
  agentReports: ReadonlyMap<string, Pick<AgentReport, 'etcd'>>,
): ReadonlyMap<string, string> {
  const joined = new Map<string, string>();
  const names = new Set(nodes.map(({ name }) => name));
  for (const member of reply.members) {
    const node =
      (member.id === reply.memberId && names.has(reply.node) ? reply.node : undefined) ??
      byFoundName(member, agentReports) ??
      (names.has(member.name) ? member.name : undefined) ??
      nodeByAddress(member, nodes);
    if (node !== undefined) joined.set(member.id, node);
  }
  return joined;
}

function byFoundName(
  { name }: MemberAnswer,
  reports: ReadonlyMap<string, Pick<AgentReport, 'etcd'>>,
): string | undefined {
  if (name === '') return undefined;
  return onlyOne([...reports].filter(([, { etcd }]) => etcd?.name === name).map(([node]) => node));
}

/** The only node that has the host of one of the member's URLs. */
export function nodeByAddress(
  member: Pick<MemberAnswer, 'clientUrls' | 'peerUrls'>,
  nodes: readonly NodeAddresses[],
): string | undefined {
  const hosts = new Set([...member.clientUrls, ...member.peerUrls].map(hostOfUrl));
  const fitting = nodes.filter(({ name, addresses }) => [name, ...addresses].some((one) => hosts.has(normalHost(one))));
  return onlyOne(fitting.map(({ name }) => name));
}

function onlyOne(found: readonly string[]): string | undefined {
  return found.length === 1 ? found[0] : undefined;
}

function hostOfUrl(url: string): string | undefined {
  return URL.canParse(url) ? normalHost(new URL(url).hostname) : undefined;
}

/** One spelling for one host: IPv6 addresses have many, and the URL standard knows the shortest. */
function normalHost(host: string): string | undefined {
  const bare = host.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const url = bare.includes(':') ? `http://[${bare}]` : `http://${bare}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
