/** What the observations of single nodes come to when they are laid side by side. Pure. */
import type { ListedMember, NodeExamination } from '../../core/examination/messages.ts';
import { Failure } from '../../core/failure.ts';
import type { MemberStatus } from '../../core/protocol/messages.ts';
import { nodeByAddress } from '../status/join-nodes.ts';
import type { Observation, ObservedNode } from './observation.ts';

/** A node whose agent answered. */
export type ExaminedNode = ObservedNode & { readonly examination: NodeExamination };

/** Members that call themselves of one cluster. */
export interface SeenCluster {
  readonly id: string;
  /** Nodes whose members are of it. */
  readonly nodes: readonly string[];
  readonly members: readonly ListedMember[];
}

export interface SeenMember extends ListedMember {
  /** Undefined where it is on no node of the cluster. */
  readonly node: string | undefined;
  readonly started: boolean;
  /** Undefined where it does not answer anybody. */
  readonly status: MemberStatus | undefined;
}

export interface Facts {
  readonly clusters: readonly SeenCluster[];
  /** The one that counts; undefined where no member answers. */
  readonly main: SeenCluster | undefined;
  readonly members: readonly SeenMember[];
  /** Nodes whose etcd answers and is of the cluster that counts. */
  readonly answering: readonly ExaminedNode[];
  readonly voters: number;
  readonly needed: number;
  /** Voters that answer. */
  readonly alive: number;
  /** Voters that answer and know a leader. */
  readonly voting: number;
  /** `leaderless`: enough are there, and none leads. */
  readonly quorum: 'kept' | 'leaderless' | 'lost' | 'unknown';
}

export function examined({ nodes }: Pick<Observation, 'nodes'>): ExaminedNode[] {
  return nodes.filter((node): node is ExaminedNode => !(node.examination instanceof Failure));
}

export function factsOf(observation: Observation): Facts {
  const { nodes } = observation;
  const clusters = clustersOf(nodes);
  const [main] = clusters.toSorted(
    (one, other) => votersOf(other).length - votersOf(one).length || other.nodes.length - one.nodes.length,
  );
  const members = (main?.members ?? []).map((member) => seenMember(member, nodes)).sort(byName);
  const voters = members.filter(({ learner }) => !learner);
  const answering = examined(observation).filter(
    ({ examination }) => examination.member !== undefined && examination.member.etcdClusterId === main?.id,
  );
  const common = { clusters, main, members, answering };
  if (main === undefined) return { ...common, ...withoutList(observation) };
  const needed = neededOf(voters.length);
  const alive = voters.filter(({ status }) => status !== undefined).length;
  const voting = voters.filter(({ status }) => status !== undefined && status.leader !== '0').length;
  const quorum = voting >= needed ? 'kept' : alive >= needed ? 'leaderless' : 'lost';
  return { ...common, voters: voters.length, needed, alive, voting, quorum };
}

const collator = new Intl.Collator('en', { numeric: true });

/** etcd lists members in the order of their ids, which says nothing to anybody. */
function byName(one: SeenMember, other: SeenMember): number {
  return collator.compare(nameOf(one), nameOf(other));
}

/** Nobody gave a list: every control-plane node is taken for a voter, but those that say that theirs is elsewhere. Where agents are silent nobody knows. */
function withoutList(observation: Observation) {
  const elsewhere = examined(observation).filter(({ examination }) => examination.noEtcd?.reason === 'etcd-external');
  const voters = observation.nodes.length - elsewhere.length;
  const needed = neededOf(voters);
  const silent = observation.nodes.length - examined(observation).length;
  const quorum = voters === 0 || silent >= needed ? ('unknown' as const) : ('lost' as const);
  return { voters, needed, alive: 0, voting: 0, quorum };
}

export function neededOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

function votersOf({ members }: SeenCluster): readonly ListedMember[] {
  return members.filter(({ learner }) => !learner);
}

function clustersOf(nodes: readonly ObservedNode[]): SeenCluster[] {
  const found = new Map<string, { nodes: string[]; members: readonly ListedMember[] }>();
  for (const { name, examination } of examined({ nodes })) {
    if (examination.member === undefined) continue;
    const { etcdClusterId, members } = examination.member;
    const known = found.get(etcdClusterId);
    // The longest list: one that lacks a member is a finding of its own.
    found.set(etcdClusterId, {
      nodes: [...(known?.nodes ?? []), name],
      members: (known?.members.length ?? 0) >= members.length ? (known?.members ?? []) : members,
    });
  }
  return [...found].map(([id, cluster]) => ({ id, ...cluster }));
}

function seenMember(member: ListedMember, nodes: readonly ObservedNode[]): SeenMember {
  const own = examined({ nodes }).find(({ examination }) => examination.member?.memberId === member.id);
  // Its agent may be silent, and etcd there well.
  const seen = nodes
    .flatMap((node) => (node.seen === undefined || node.seen instanceof Failure ? [] : node.seen.members))
    .find(({ id, status }) => id === member.id && status !== undefined);
  const status = own?.examination.member?.status ?? seen?.status;
  return { ...member, node: own?.name ?? nodeOf(member, nodes), started: member.name !== '' || !!status, status };
}

/** What the node's own manifest says, else its name, else its addresses. */
export function nodeOf(member: ListedMember, nodes: readonly ObservedNode[]): string | undefined {
  const called = examined({ nodes }).filter(({ examination }) => examination.etcd?.name === member.name);
  if (member.name !== '' && called.length === 1) return called[0]?.name;
  return nodes.find(({ name }) => name === member.name)?.name ?? nodeByAddress(member, nodes);
}

/** A member in words: by its node, else by its name, else by its id. */
export function nameOf({ node, name, id }: Pick<SeenMember, 'node' | 'name' | 'id'>): string {
  return node ?? (name === '' ? id : name);
}

/** Nodes from which a snapshot can be taken now, the furthest first. */
export function saveable({ answering }: Facts): string[] {
  const applied = ({ examination }: ExaminedNode) => examination.member?.status.raftAppliedIndex ?? 0;
  return answering
    .filter(({ examination }) => examination.member?.status.learner !== true)
    .toSorted((one, other) => applied(other) - applied(one))
    .map(({ name }) => name);
}
