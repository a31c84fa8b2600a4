/** From what all nodes hold to the one that the cluster goes on with, or to why there is none. Pure. */
import type { Failure } from '../../core/failure.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import { failureFrom } from '../../core/protocol/failure-record.ts';
import { refusal } from '../restore/refusals.ts';
import { knownCommitted, ranked } from './rank.ts';
import type { Survivor } from './rank.ts';

/** A node whose member could go on alone. */
export interface Candidate extends Survivor {
  readonly survey: NodeSurvey;
}

export interface Choice {
  /** The best first, the chosen one among them; all of one cluster. */
  readonly candidates: readonly Candidate[];
  readonly survivor: Candidate | undefined;
  readonly refusals: readonly Failure[];
}

/** @param surveys of the nodes that may take part; @param from the node that was asked for; @param unreached why the others do not. */
export function chooseSurvivor(
  surveys: readonly NodeSurvey[],
  from: string | undefined,
  unreached: ReadonlyMap<string, Failure> = new Map(),
): Choice {
  const all = surveys.flatMap((survey) => candidateOf(survey) ?? []);
  if (all.length === 0) return { candidates: [], survivor: undefined, refusals: [noSurvivor(surveys, unreached)] };
  const asked = all.find(({ node }) => node === from);
  if (from !== undefined && asked === undefined)
    return { candidates: ranked(all), survivor: undefined, refusals: [cannotBe(from, surveys)] };
  const clusterId = asked?.raft.clusterId ?? largestCluster(all);
  if (clusterId === undefined) return { candidates: ranked(all), survivor: undefined, refusals: [twoClusters(all)] };
  const candidates = ranked(all.filter(({ raft }) => raft.clusterId === clusterId));
  const [best] = candidates;
  const survivor = asked ?? best;
  const isWorse =
    survivor !== undefined && best !== undefined && knownCommitted(survivor.raft) < knownCommitted(best.raft);
  return { candidates, survivor, refusals: isWorse ? [notTheBest(survivor, best)] : [] };
}

/** One that holds data of a cluster in which it has a vote. A learner may be far behind, and nobody would know. */
function candidateOf(survey: NodeSurvey): Candidate | undefined {
  const { node, raft, members = [] } = survey;
  if (raft === undefined) return undefined;
  const own = members.find(({ id }) => id === raft.memberId);
  return own === undefined || own.learner === true ? undefined : { node, raft, survey };
}

/**
 * A node that was wiped may have made a cluster of its own since: of several, that which knows most members. Undefined where two are equal.
 */
function largestCluster(candidates: readonly Candidate[]): string | undefined {
  const sizes = new Map<string, number>();
  for (const { raft, survey } of candidates)
    sizes.set(raft.clusterId, Math.max(sizes.get(raft.clusterId) ?? 0, survey.members?.length ?? 0));
  const [first, second] = [...sizes].sort(([, one], [, other]) => other - one);
  return first !== undefined && first[1] !== second?.[1] ? first[0] : undefined;
}

function noSurvivor(surveys: readonly NodeSurvey[], unreached: ReadonlyMap<string, Failure>): Failure {
  const silent = [...unreached].map(([node, { what, why }]) => `${node}: ${why ?? what}`);
  return refusal('no-survivor', {
    what: 'no member is left whose data could be gone on with',
    why: [...surveys.map(whyNot), ...silent].join('\n') || 'no agent answers',
    next: 'bring back the agent of a node that has data; or restore the newest snapshot: kubectl etcd restore SNAPSHOT',
  });
}

function whyNot(survey: NodeSurvey): string {
  const { node, raft, noRaft, noEtcd } = survey;
  const why = noRaft ?? noEtcd;
  if (why !== undefined) return failureFrom(why, node).message;
  if (raft === undefined) return `${node}: nothing is known of what it holds`;
  return `${node}: it has no vote in the cluster of its data`;
}

function cannotBe(from: string, surveys: readonly NodeSurvey[]): Failure {
  const survey = surveys.find(({ node }) => node === from);
  return refusal('not-a-survivor', {
    node: from,
    what: 'the cluster cannot go on from this node',
    why: survey === undefined ? 'its agent does not answer, or it is fenced' : whyNot(survey),
    next: 'leave out --from: the node that holds most is taken',
  });
}

function notTheBest({ node, raft }: Candidate, best: Candidate): Failure {
  return refusal('not-the-best-survivor', {
    node,
    what: `it does not hold what ${best.node} holds: ${knownCommitted(best.raft) - knownCommitted(raft)} committed entries would be lost`,
    why: `${node} knows ${knownCommitted(raft)} entries to be committed, ${best.node} ${knownCommitted(best.raft)}`,
    next: `--from ${best.node}, or leave out --from`,
  });
}

function twoClusters(candidates: readonly Candidate[]): Failure {
  return refusal('clusters-differ', {
    what: 'the nodes hold data of different clusters, and it cannot be told which is meant',
    why: candidates.map(({ node, raft }) => `${node}: cluster ${raft.clusterId}, revision ${raft.revision}`).join('\n'),
    next: '--from NODE says which one to go on with',
  });
}
