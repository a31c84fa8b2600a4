/** Which of the members that are left holds most of what was committed. Pure. */
import type { NodeSurvey } from '../../core/operation/messages.ts';

export type Raft = NonNullable<NodeSurvey['raft']>;

export interface Survivor {
  readonly node: string;
  readonly raft: Raft;
}

/** The last entry of which it knows that it is committed: by its log, or because it has applied it. */
export function knownCommitted({ commitIndex, appliedIndex }: Pick<Raft, 'commitIndex' | 'appliedIndex'>): number {
  return Math.max(commitIndex, appliedIndex);
}

/**
 * The best first: who knows most to be committed; among equals whose newest entry is of the latest term, and then whose log is longest. The current
 * term says nothing: a 3.4 member that is cut off raises it with every election that it loses, while its data grows old.
 */
export function ranked<Candidate extends Survivor>(candidates: readonly Candidate[]): Candidate[] {
  return candidates.toSorted(
    (one, other) =>
      knownCommitted(other.raft) - knownCommitted(one.raft) ||
      (other.raft.lastEntry?.term ?? 0) - (one.raft.lastEntry?.term ?? 0) ||
      (other.raft.lastEntry?.index ?? 0) - (one.raft.lastEntry?.index ?? 0) ||
      (one.node < other.node ? -1 : 1),
  );
}
