/** What a node has written in a cluster that had gone on without it: from its own disk, when it is back and fenced. Pure. */
import type { NodeSurvey } from '../../core/operation/messages.ts';
import { allSteps } from '../../core/operation/plan.ts';
import type { Plan } from '../../core/operation/plan.ts';

export interface WrittenApart {
  /** How many entries its log has beyond what the survivor of the recovery knew to be committed. */
  readonly entries: number;
  /** The revision that its data has, and that which the survivor had. */
  readonly revision: number;
  readonly recoveredRevision: number;
}

/**
 * Entries that only the old cluster has: written by the members that were left out, before the recovery or in the window between their return and
 * their fence, and by nobody else. Undefined where there are none, and where that cannot be known: another cluster, or no plan of a recovery.
 */
export function writtenApart(survey: Pick<NodeSurvey, 'raft'>, recovery: Plan): WrittenApart | undefined {
  const { raft } = survey;
  for (const { does } of allSteps(recovery)) {
    if (does.kind !== 'force-new-cluster' || raft?.clusterId !== does.clusterId) continue;
    const entries = Math.max(raft.lastEntry?.index ?? 0, raft.appliedIndex) - does.commitAtLeast;
    if (entries > 0) return { entries, revision: raft.revision, recoveredRevision: does.revisionAtLeast };
  }
  return undefined;
}

/** `cp2 has 12 entries of the old cluster that the new one has not (…)`. */
export function writtenApartLine(node: string, { entries, revision, recoveredRevision }: WrittenApart): string {
  return (
    `${node} has up to ${entries} ${entries === 1 ? 'entry' : 'entries'} of the old cluster's log that the new one has not (its revision is ${revision}, ` +
    `and ${recoveredRevision} was recovered): they were written without the node that was recovered from, and stay in the old data`
  );
}
