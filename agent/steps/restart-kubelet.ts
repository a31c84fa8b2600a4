import type { StepDriver } from './step.ts';

/** What a kubelet has seen of the state that was replaced is forgotten; its containers go on meanwhile. */
export const restartKubeletStep: StepDriver<'restart-kubelet'> = {
  apply: async (_step, { run, progress }) => {
    progress('restarting the kubelet');
    await run(['systemctl', 'restart', 'kubelet']);
  },

  undo: () => Promise.resolve(),
};
