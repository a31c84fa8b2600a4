/**
 * Which nodes a restore is for, and whether the others may be left out: one cluster, never two. No new cluster while those that are left out could
 * form a quorum of the old one, unless each of them is declared dead by name. Pure.
 */
import { exitCode, Failure } from '../../core/failure.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import type { Plan } from '../../core/operation/plan.ts';
import type { MemberAnswer } from '../../core/protocol/messages.ts';
import { nodeByAddress } from '../status/join-nodes.ts';
import type { NodeAddresses } from '../status/join-nodes.ts';

/** What was asked for: `--nodes`, absent where all are meant that are not dead, and `--dead`. */
export interface AskedPart {
  readonly nodes: readonly string[] | undefined;
  readonly dead: readonly string[];
}

export type LeftOut = NonNullable<Plan['leftOut']>[number];

export interface Part {
  /** Those that are restored. */
  readonly nodes: ReadonlySet<string>;
  /** The other nodes of the installation: to be fenced. */
  readonly leftOut: readonly LeftOut[];
  /** Members of the old cluster that are accounted for although no node is restored for them: left out, or declared dead. By id. */
  readonly accounted: ReadonlySet<string>;
  /** Why these may not be left out. */
  readonly refusals: readonly Failure[];
}

/** A member of the old cluster, with the node that it is on; one that is on none goes by its own name. */
interface OldMember {
  readonly id: string;
  readonly on: string;
  readonly isOnNode: boolean;
  readonly votes: boolean;
}

/** What was looked at. */
export interface KnownCluster {
  /** The nodes of the installation. */
  readonly known: readonly NodeAddresses[];
  /** Of those whose agents answer. */
  readonly surveys: readonly NodeSurvey[];
  /** All members as one of them sees them, each asked for its status; empty where none could. */
  readonly live?: readonly MemberAnswer[];
}

/** @throws {Failure} `wrong-usage`, exit code 2. */
export function parsePart(flags: { readonly nodes?: string; readonly dead?: string }): AskedPart {
  const nodes = flags.nodes === undefined ? undefined : namesIn('--nodes', flags.nodes);
  const dead = flags.dead === undefined ? [] : namesIn('--dead', flags.dead);
  const both = dead.filter((name) => nodes?.includes(name) === true);
  if (both.length > 0)
    throw usageFailure(`${both.join(', ')}: in --nodes and in --dead`, 'a node is restored, or it is dead');
  return { nodes, dead };
}

/**
 * @throws {Failure} `unknown-node` and `wrong-usage`, exit code 2. What is refused is returned, to be told with all the other reasons.
 */
export function choosePart(asked: AskedPart, { known, surveys, live = [] }: KnownCluster): Part {
  const names = known.map(({ name }) => name);
  const placed = placing(known, surveys);
  const views = viewsOf(known, surveys, placed);
  const elsewhere = new Set(views.flat().flatMap(({ on, isOnNode }) => (isOnNode ? [] : [on])));
  assertKnown(asked.nodes ?? [], names);
  assertKnown(asked.dead, [...names, ...elsewhere]);
  const dead = new Set(asked.dead);
  const nodes = new Set(asked.nodes ?? names.filter((name) => !dead.has(name)));
  if (nodes.size === 0) throw usageFailure('no node is left to restore onto', 'leave one out of --dead');

  const left = names.filter((name) => !nodes.has(name));
  const answering = new Map(surveys.map((survey) => [survey.node, survey]));
  const fenced = new Set(surveys.flatMap(({ node, fencedBy }) => (fencedBy === undefined ? [] : [node])));
  const silenced = new Set([...dead, ...fenced]);
  const isAccounted = ({ on, isOnNode }: OldMember) => !nodes.has(on) && (isOnNode || dead.has(on));
  return {
    nodes,
    leftOut: left.map((node) => ({ node, declaredDead: dead.has(node) })),
    accounted: new Set(
      views
        .flat()
        .filter(isAccounted)
        .map(({ id }) => id),
    ),
    refusals: [
      // Learners have no vote.
      ...quorumRefusals(
        views.map((members) => members.filter(({ votes }) => votes).map(({ on }) => on)),
        { nodes, silenced },
      ),
      ...left.flatMap((node) => answeringRefusal(answering.get(node), dead.has(node)) ?? []),
      ...live
        .filter(({ status }) => status !== undefined)
        .map((member) => ({ member, ...placed(member) }))
        .filter(({ on }) => !nodes.has(on) && !answering.has(on))
        .map(({ member, on }) => etcdAnswersRefusal(member, on, dead.has(on))),
    ],
  };
}

/** Whether those of `members` that are on none of `nodes`, and neither dead nor fenced, could go on as a cluster. */
export function mayFormQuorum(
  members: readonly string[],
  { nodes, silenced }: { readonly nodes: ReadonlySet<string>; readonly silenced: ReadonlySet<string> },
): boolean {
  const left = members.filter((member) => !nodes.has(member) && !silenced.has(member));
  return left.length >= Math.floor(members.length / 2) + 1;
}

/** Finds the node of a member: by what its agent says, by its name, by its address. */
function placing(known: readonly NodeAddresses[], surveys: readonly NodeSurvey[]) {
  const nodeOfName = new Map(
    surveys.flatMap(({ node, etcd }) => (etcd === undefined ? [] : [[etcd.name, node] as const])),
  );
  const names = new Set(known.map(({ name }) => name));
  return ({ id, name, peerUrls, learner }: NonNullable<NodeSurvey['members']>[number]): OldMember => {
    const node =
      (name === '' ? undefined : nodeOfName.get(name)) ??
      (names.has(name) ? name : undefined) ??
      nodeByAddress({ clientUrls: [], peerUrls }, known);
    return { id, on: node ?? (name || id), isOnNode: node !== undefined, votes: learner !== true };
  };
}

/**
 * The old cluster, as each of those that know it has it: live, or as its disk says. They may differ, and nobody can say who is right: none of them
 * may be left with a quorum. Where nobody knows, each node of the installation has a member.
 */
function viewsOf(
  known: readonly NodeAddresses[],
  surveys: readonly NodeSurvey[],
  placed: ReturnType<typeof placing>,
): OldMember[][] {
  const views = surveys
    // What a fenced node remembers is the cluster before the last one.
    .filter(({ fencedBy }) => fencedBy === undefined)
    .flatMap(({ members }) => (members === undefined || members.length === 0 ? [] : [members.map(placed)]));
  if (views.length > 0) return views;
  return [known.map(({ name }) => ({ id: name, on: name, isOnNode: true, votes: true }))];
}

function quorumRefusals(
  views: readonly (readonly string[])[],
  part: { readonly nodes: ReadonlySet<string>; readonly silenced: ReadonlySet<string> },
): Failure[] {
  const members = views.find((voters) => mayFormQuorum(voters, part));
  if (members === undefined) return [];
  const left = members.filter((member) => !part.nodes.has(member) && !part.silenced.has(member)).sort();
  return [
    refusal('left-out-quorum', {
      what: `${left.join(', ')} would be left out, and could go on as the old cluster`,
      why: `${left.length} of its ${members.length} members are a quorum: there would be two clusters`,
      next: `power them off, and declare each of them dead: --dead ${left.join(',')}; or bring them back, to take part`,
    }),
  ];
}

/** One whose agent answers is there: it is to be restored with the others, or not to run. */
function answeringRefusal(survey: NodeSurvey | undefined, isDeclaredDead: boolean): Failure | undefined {
  if (survey === undefined) return undefined;
  const { node, fencedBy, noEtcd } = survey;
  if (isDeclaredDead)
    return refusal('dead-node-answers', {
      node,
      what: 'it is declared dead, and its agent answers',
      next:
        fencedBy === undefined
          ? 'power it off, or leave it out of --dead'
          : `leave it out of --dead: it is fenced by ${fencedBy}`,
    });
  // Nothing that would run etcd is set up there.
  if (fencedBy !== undefined || noEtcd?.reason === 'etcd-not-found') return undefined;
  return refusal('left-out-node-answers', {
    node,
    what:
      survey.status === undefined
        ? 'it would be left out, and its agent answers: its etcd may come up again at any time'
        : 'it would be left out, and its etcd runs',
    why: 'it would go on with the old data',
    next: 'a node whose agent answers belongs into --nodes; or power it off, and name it in --dead',
  });
}

/** Its agent is silent, and its etcd is not: nothing is to be left to a person's word that can be seen. */
function etcdAnswersRefusal({ endpoint }: MemberAnswer, node: string, isDeclaredDead: boolean): Failure {
  return refusal(isDeclaredDead ? 'dead-node-answers' : 'left-out-node-answers', {
    node,
    what: `it ${isDeclaredDead ? 'is declared dead' : 'would be left out'}, and its etcd answers${endpoint === undefined ? '' : ` at ${endpoint}`}`,
    why: 'it would go on with the old data',
    next: 'power it off; or bring its agent back, to take part',
  });
}

function namesIn(flag: string, text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw usageFailure(`${flag} ${text}: a name is empty`, `${flag} cp1,cp2`);
  return [...new Set(names)];
}

function assertKnown(names: readonly string[], known: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new Failure({
    reason: 'unknown-node',
    what: `there is no control-plane node "${unknown.join('", "')}"`,
    next: `one of: ${known.join(', ')}`,
    exit: exitCode.usage,
  });
}

function usageFailure(what: string, next: string): Failure {
  return new Failure({ reason: 'wrong-usage', what, next, exit: exitCode.usage });
}

function refusal(reason: string, details: Omit<ConstructorParameters<typeof Failure>[0], 'reason' | 'exit'>): Failure {
  return new Failure({ ...details, reason, exit: exitCode.refused });
}
