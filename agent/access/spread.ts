import type { UnreachedNode } from '../../core/access/messages.ts';
import { accessPath } from '../../core/access/paths.ts';
import { register } from '../../core/access/register.ts';
import type { AgentAccess } from './access.ts';
import type { Peers } from './peers.ts';

/** Gives this agent's register to all others, or to those that are named, and takes theirs: afterwards all that were reached know the same. */
export async function spread(
  { access, peers }: { readonly access: AgentAccess; readonly peers: Peers },
  signal: AbortSignal,
  only?: readonly string[],
): Promise<{ told: string[]; unreached: UnreachedNode[] }> {
  const body = Buffer.from(JSON.stringify(access.register));
  const { answers, unreached } = await peers.askAll(
    { method: 'PUT', path: accessPath.register, body },
    register,
    signal,
    only,
  );
  for (const { reply } of answers) await access.merge(reply);
  return { told: answers.map(({ node }) => node), unreached };
}
