/** The members, as those that are well see them, with the node of each. Pure, but for the look itself. */
import { exitCode, Failure } from '../../core/failure.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import { membersReply } from '../../core/protocol/messages.ts';
import type { MemberAnswer, MembersReply } from '../../core/protocol/messages.ts';
import { path } from '../../core/protocol/paths.ts';
import { askEach } from '../access/ask-agents.ts';
import type { Reach } from '../link/reach.ts';
import { surveyNodes } from '../operation/survey-nodes.ts';
import type { SurveyedNodes } from '../operation/survey-nodes.ts';
import { joinMembersToNodes } from '../status/join-nodes.ts';
import type { NodeAddresses } from '../status/join-nodes.ts';
import type { ThroughNode } from './plan-rejoin.ts';

export interface PlacedMember extends MemberAnswer {
  /** Absent where no node of the installation fits it. */
  readonly node?: string;
  /** A voter that confirms reads, a learner that answers. */
  readonly isWell: boolean;
}

export interface Membership {
  readonly clusterId: string;
  readonly members: readonly PlacedMember[];
  /** '0' where there is none just now. */
  readonly leader: string;
  /** The node whose member gave this view: changes go through it. */
  readonly through: ThroughNode;
}

export interface MembersLook extends SurveyedNodes {
  readonly nodes: readonly NodeAddresses[];
  /** What the members that answer say, by the node whose agent was asked. */
  readonly views: ReadonlyMap<string, MembersReply>;
}

/** Looks at every node, then asks each member that answers for all of them: one that has gone its own way has a list of its own. */
export async function lookAtMembers(reach: Reach, signal: AbortSignal): Promise<MembersLook> {
  const { surveys, unreached } = await surveyNodes(reach, signal);
  const answering = new Set(surveys.flatMap(({ node, status }) => (status === undefined ? [] : [node])));
  const asked = { ...reach, nodes: reach.nodes.filter(({ name }) => answering.has(name)) };
  const views = new Map<string, MembersReply>();
  for (const [node, answer] of await askEach(asked, { target: path.members, schema: membersReply }, signal))
    if (!(answer instanceof Failure)) views.set(node, answer);
  return { nodes: reach.nodes, surveys, unreached, views };
}

/**
 * The members as a quorum has them, seen from any node but `without`: the one that is to be brought back may have a cluster of its own.
 * @throws {Failure} `no-quorum`, `two-clusters`; exit code 5.
 */
export function readMembership(look: MembersLook, without?: string): Membership {
  const candidates = [...look.views]
    .filter(([node, view]) => node !== without && ownOf(view)?.status?.readMs !== undefined)
    .sort(
      ([one, view], [other, otherView]) => Number(leads(otherView)) - Number(leads(view)) || (one < other ? -1 : 1),
    );
  const [first] = candidates;
  if (first === undefined) throw noQuorum(look, without);
  const apart = candidates.find(([, { etcdClusterId }]) => etcdClusterId !== first[1].etcdClusterId);
  if (apart !== undefined) throw twoClusters(first, apart);
  const [node, view] = first;
  const own = ownOf(view);
  if (own?.status === undefined) throw noQuorum(look, without);
  const nodeOf = placing(look, view);
  return {
    clusterId: view.etcdClusterId,
    leader: own.status.leader,
    members: view.members.map((member) => {
      const on = nodeOf(member);
      return { ...member, isWell: isWell(member), ...(on === undefined ? {} : { node: on }) };
    }),
    through: {
      ...{ node, name: own.name, dbSizeBytes: own.status.dbSizeBytes },
      url: own.clientUrls[0] ?? own.endpoint ?? '',
    },
  };
}

/** The members that are listed for a node: by its peer URLs, as nothing else may have them, or by whatever else leads there. */
export function membersOf(members: readonly PlacedMember[], node: string): PlacedMember[] {
  return members.filter((member) => member.node === node);
}

function placing({ surveys, nodes }: MembersLook, view: MembersReply) {
  const byPeerUrl = new Map<string, Set<string>>();
  for (const { node, etcd } of surveys)
    for (const url of etcd?.peerUrls ?? []) byPeerUrl.set(url, (byPeerUrl.get(url) ?? new Set()).add(node));
  const found = new Map(surveys.map((survey) => [survey.node, etcdOf(survey)]));
  const joined = joinMembersToNodes(view, nodes, found);
  return ({ id, peerUrls }: MemberAnswer): string | undefined => {
    const owners = new Set(peerUrls.flatMap((url) => [...(byPeerUrl.get(url) ?? [])]));
    return owners.size === 1 ? [...owners][0] : joined.get(id);
  };
}

function etcdOf({ etcd }: NodeSurvey) {
  return etcd === undefined ? {} : { etcd };
}

function isWell({ learner, status }: MemberAnswer): boolean {
  return status !== undefined && status.leader !== '0' && (learner || status.readMs !== undefined);
}

function ownOf({ members, memberId }: MembersReply): MemberAnswer | undefined {
  return members.find(({ id }) => id === memberId);
}

function leads(view: MembersReply): boolean {
  return ownOf(view)?.status?.leader === view.memberId;
}

function noQuorum({ views, surveys }: MembersLook, without: string | undefined): Failure {
  const others = surveys.filter(({ node }) => node !== without);
  return new Failure({
    reason: 'no-quorum',
    what: `no member${without === undefined ? '' : ' on another node'} confirms a read: there is no quorum that could change the membership`,
    why: others
      .map(({ node, silent, noEtcd }) =>
        views.has(node)
          ? `${node}: no quorum`
          : `${node}: ${silent?.why ?? silent?.what ?? noEtcd?.what ?? 'it does not answer'}`,
      )
      .join('\n'),
    next: 'nothing was touched; kubectl etcd status',
    exit: exitCode.refused,
  });
}

function twoClusters(one: readonly [string, MembersReply], other: readonly [string, MembersReply]): Failure {
  return new Failure({
    reason: 'two-clusters',
    what: `${one[0]} and ${other[0]} are two clusters that both go on`,
    why: `${one[0]} is of ${one[1].etcdClusterId}, ${other[0]} of ${other[1].etcdClusterId}`,
    next: 'nothing was touched; find out which of them the API servers have used: kubectl etcd status',
    exit: exitCode.refused,
  });
}
