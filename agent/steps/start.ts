import { etcdConfigurationOf } from '../host/etcd-configuration.ts';
import { untilReady } from './api-server.ts';
import type { StepContext, StepDriver } from './step.ts';

/** An API server whose etcd has just gone would wait half a minute; the new state is taken back anyway. */
const graceSeconds = 2;

/** What was stopped runs again, etcd with the flags of the new cluster. Undone, it is stopped, and its manifest of before is what will be placed. */
export const startStep: StepDriver<'start'> = {
  apply: async ({ workloads, etcdFlags, apiServer }, context) => {
    await Promise.all(
      workloads.map((each) => {
        const configuration = etcdFlags && etcdConfigurationOf(each);
        const edit = configuration && ((text: string) => configuration.withFlags(text, etcdFlags));
        return context.control(each).start({ ...waiting(context), edit });
      }),
    );
    if (apiServer !== undefined) await untilReady(apiServer, context);
  },

  undo: async ({ workloads }, context) => {
    await Promise.all(workloads.map((each) => context.control(each).takeBack(graceSeconds, waiting(context))));
  },
};

function waiting({ signal, progress }: StepContext) {
  return { signal, progress };
}
