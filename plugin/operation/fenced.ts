import { accessState } from '../../core/access/messages.ts';
import { accessPath } from '../../core/access/paths.ts';
import { standingFences } from '../../core/access/register.ts';
import type { FenceRecord } from '../../core/access/register.ts';
import { Failure } from '../../core/failure.ts';
import { askAny } from '../access/ask-agents.ts';
import type { Reach } from '../link/reach.ts';

/** The nodes that must not run etcd, as the first agent that answers knows them; none where that cannot be found out. */
export async function fencesNow(reach: Reach, signal: AbortSignal): Promise<FenceRecord[]> {
  try {
    const { register } = await askAny(reach, { target: accessPath.state, schema: accessState }, signal);
    return standingFences(register);
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof Failure)) throw thrown;
    return [];
  }
}

/** What remains to be done for one of them. */
export function fenceLine({ node, operation, at }: FenceRecord): string {
  return (
    `${operation}   ${node} is fenced since ${at}: its agent keeps etcd and API server stopped, and the old data as it is. ` +
    `It comes back by kubectl etcd member rejoin ${node}; kubectl etcd install does not lift a fence.`
  );
}
