import { standingFences } from '../../core/access/register.ts';
import type { StepDriver } from './step.ts';

/** The fence of this node is lifted, whichever operation has put it up; that starts nothing. Undone, it is fenced again, by this operation. */
export const liftFenceStep: StepDriver<'lift-fence'> = {
  apply: async ({ by }, { node, fences, signal, progress }) => {
    progress('lifting the fence');
    const lifted = { at: new Date().toISOString(), by };
    const standing = standingFences({ fences: [...fences.all()] }).filter((record) => record.node === node);
    const { unreached } = await fences.put(
      standing.map((record) => ({ ...record, lifted })),
      signal,
    );
    return { lifted: standing.map(({ operation }) => operation), notReached: unreached.map((each) => each.node) };
  },

  undo: async ({ by }, { node, operation, fences, signal, progress }) => {
    progress('fencing it again');
    // It was, and may not have been lifted yet.
    if (standingFences({ fences: [...fences.all()] }).some((record) => record.node === node)) return;
    await fences.put([{ node, operation, at: new Date().toISOString(), by }], signal);
  },
};
