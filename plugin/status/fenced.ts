import type { AccessState } from '../../core/access/messages.ts';
import { standingFences } from '../../core/access/register.ts';
import type { AgentReport } from '../../core/protocol/messages.ts';
import type { Problem } from './document.ts';

/** Nodes that a restore has left out: as the agent that answered knows them, and as their own say. */
export function fenceProblems(state: AccessState | undefined, reports: ReadonlyMap<string, AgentReport>): Problem[] {
  const known = state === undefined ? [] : standing(state);
  const own = [...reports].flatMap(([node, { keptStopped }]) =>
    keptStopped === undefined || known.some((problem) => problem.node === node)
      ? []
      : [{ node, what: keptStopped.what, next: keptStopped.next ?? null }],
  );
  return [...known, ...own];
}

function standing(state: AccessState): Problem[] {
  // The first of a node's is enough to say it.
  const byNode = new Map(standingFences(state.register).map((fence) => [fence.node, fence]));
  return [...byNode.values()].map(({ node, operation }) => ({
    node,
    what: `fenced: ${operation} has left it out; its agent keeps etcd and API server stopped, and the old data as it is`,
    next: `kubectl etcd operation show ${operation}`,
  }));
}
