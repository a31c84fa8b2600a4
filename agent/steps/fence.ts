import type { StepDriver } from './step.ts';

/**
 * Nodes that are left out are not to run etcd when they come back: their agents are told, by this one or by whichever they meet first. Undone, the
 * fence is lifted; what it has stopped meanwhile stays stopped.
 */
export const fenceStep: StepDriver<'fence'> = {
  apply: async ({ nodes, by }, { operation, fences, signal, progress }) => {
    progress(`fencing ${nodes.join(', ')}`);
    const known = new Set(fences.all().flatMap((record) => (record.operation === operation ? [record.node] : [])));
    const at = new Date().toISOString();
    const records = nodes.filter((node) => !known.has(node)).map((node) => ({ node, operation, at, by }));
    const { told, unreached } = await fences.put(records, signal);
    return { told, notReached: unreached.map(({ node }) => node) };
  },

  undo: async (_step, { operation, fences, signal, progress }) => {
    progress('lifting the fence');
    const lifted = { at: new Date().toISOString(), by: `rollback of ${operation}` };
    const standing = fences.all().filter((record) => record.operation === operation && record.lifted === undefined);
    await fences.put(
      standing.map((record) => ({ ...record, lifted })),
      signal,
    );
  },
};
