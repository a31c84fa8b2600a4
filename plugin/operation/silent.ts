import { exitCode, Failure } from '../../core/failure.ts';
import { allSteps } from '../../core/operation/plan.ts';
import type { Plan } from '../../core/operation/plan.ts';
import type { MemberAnswer } from '../../core/protocol/messages.ts';
import type { Reach } from '../link/reach.ts';
import { surveyFromAny } from '../status/observe.ts';

/** The members as one that answers sees them; none where none does. An etcd may run where its agent is silent. */
export async function membersSeen(
  reach: Reach,
  silent: readonly string[],
  signal: AbortSignal,
): Promise<readonly MemberAnswer[]> {
  const answering = { ...reach, nodes: reach.nodes.filter(({ name }) => !silent.includes(name)) };
  try {
    return (await surveyFromAny(answering, signal)).members;
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof Failure)) throw thrown;
    return [];
  }
}

/** A person's word is all that there is for a node that is silent; for one whose etcd answers the other members there is better. @throws {Failure} */
export async function assertSilent(
  reach: Reach,
  plan: Plan,
  dead: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const nodeOf = new Map(
    allSteps(plan).flatMap(({ node, does }) => (does.kind === 'build' ? [[does.name, node] as const] : [])),
  );
  for (const { name, status, endpoint } of await membersSeen(reach, dead, signal)) {
    const node = nodeOf.get(name);
    if (status === undefined || node === undefined || !dead.includes(node)) continue;
    throw new Failure({
      reason: 'dead-node-answers',
      what: `it is declared dead, and its etcd answers${endpoint === undefined ? '' : ` at ${endpoint}`}`,
      node,
      next: 'power it off; or bring its agent back, and leave it out of --dead',
      exit: exitCode.refused,
    });
  }
}
