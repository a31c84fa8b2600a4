import type { StepContext, StepDriver } from './step.ts';

/** What runs is stopped, and stays so whatever the kubelet thinks of it. Undone, it runs again as it did. */
export const stopStep: StepDriver<'stop'> = {
  apply: async ({ workloads, graceSeconds }, context) => {
    await Promise.all(workloads.map((each) => context.control(each).stop(graceSeconds, waiting(context))));
  },

  undo: async ({ workloads, startsAgain }, context) => {
    if (!startsAgain) return;
    await Promise.all(workloads.map((each) => context.control(each).start(waiting(context))));
  },
};

function waiting({ signal, progress }: StepContext) {
  return { signal, progress };
}
