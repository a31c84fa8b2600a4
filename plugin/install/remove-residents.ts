import { removalReply } from '../../core/protocol/messages.ts';
import { path } from '../../core/protocol/paths.ts';
import { Failure } from '../../core/failure.ts';
import { askEach } from '../access/ask-agents.ts';
import type { Reach } from '../link/reach.ts';

export interface Removal {
  /** Nodes whose state directory still holds what operations have kept there, with the names. */
  readonly kept: ReadonlyMap<string, readonly string[]>;
  /** Nodes whose agent could not be asked, and why. */
  readonly failed: ReadonlyMap<string, Failure>;
}

/** By hand, on a node whose agent cannot be asked: what it would have done. */
export const removeByHand =
  'systemctl disable --now kubectl-etcd-agent; rm -r /etc/systemd/system/kubectl-etcd-agent.service /var/lib/kubectl-etcd/{program,access,agent.env} /usr/local/bin/kubectl-etcd';

/** Has every agent take itself off its node: unit, program, keys. The pods are the caller's to delete. */
export async function removeResidents(reach: Reach, signal: AbortSignal): Promise<Removal> {
  const withAgent = { ...reach, nodes: reach.nodes.filter(({ agent }) => agent !== undefined) };
  const request = { target: path.agent, schema: removalReply, send: { method: 'DELETE', json: {} } } as const;
  const kept = new Map<string, readonly string[]>();
  const failed = new Map<string, Failure>();
  for (const [node, answer] of await askEach(withAgent, request, signal))
    if (answer instanceof Failure) failed.set(node, answer);
    else if (answer.kept.length > 0) kept.set(node, answer.kept);
  return { kept, failed };
}
