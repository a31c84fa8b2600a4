import type { StepDriver } from './step.ts';

/** The next snapshot is of the cluster that this one has become, and is to be taken for its own. */
export const recordClusterStep: StepDriver<'record-cluster'> = {
  apply: async ({ uid }, { recordCluster, signal }) => recordCluster(uid, signal),

  undo: async ({ before }, { recordCluster, signal }) => {
    if (before !== undefined) await recordCluster(before, signal);
  },
};
