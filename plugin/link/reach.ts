import type { Duplex } from 'node:stream';
import type { ApiServer } from '../../core/access/register.ts';
import { Failure } from '../../core/failure.ts';
import { AgentSession } from './agent-session.ts';

/** A node and what is known of the agent on it, from whoever lists them: the API server, or a description of a local cluster. */
export interface NodeView {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly agent?: {
    readonly pod: string;
    readonly ready: boolean;
    /** As its pod's label says; absent where there is no pod. */
    readonly version?: string | undefined;
    /** Which pod template it was made from; absent where install did not make it. */
    readonly template?: string | undefined;
    readonly reason?: string;
  };
}

/** A cluster as the plugin reaches it: who it is, its nodes, and a way to the agent of each. */
export interface Reach {
  readonly cluster: { readonly name: string; readonly uid: string | undefined };
  readonly nodes: readonly NodeView[];
  /** That of the kubeconfig, where one was used, whether it answers or not. */
  readonly apiServer?: ApiServer;
  /** The access file that leads there; absent where the way is the API server or a socket. */
  readonly access?: { readonly path: string; readonly holder: string; readonly expiresAt: string };
  /** The node that this runs on, where the way leads through its own agent. */
  readonly fromNode?: string;
  /** Opens a stream to the agent of a node, by whichever way this is. Rejects with a Failure naming the node. */
  readonly open: (node: NodeView, signal: AbortSignal) => Promise<Duplex>;
}

const openWithinMs = 10_000;

/** Opens a session with the agent of `node`; dispose of it when done. */
export async function openSession(reach: Reach, node: NodeView, signal: AbortSignal): Promise<AgentSession> {
  if (node.agent === undefined)
    throw new Failure({ reason: 'no-agent', what: 'there is no agent', node: node.name, next: 'kubectl etcd install' });
  const timeout = AbortSignal.timeout(openWithinMs);
  try {
    return new AgentSession(await reach.open(node, AbortSignal.any([signal, timeout])), node.name);
  } catch (thrown) {
    if (!timeout.aborted || signal.aborted) throw thrown;
    throw new Failure({
      reason: 'agent-silent',
      what: `the agent cannot be reached within ${openWithinMs / 1000} s`,
      node: node.name,
      next: 'kubectl get nodes; kubectl -n kubectl-etcd get pods -o wide',
      cause: thrown,
    });
  }
}

/** @throws {Failure} `unknown-node`, naming those that there are. */
export function nodeNamed(reach: Reach, name: string): NodeView {
  const found = reach.nodes.find((node) => node.name === name);
  if (found !== undefined) return found;
  throw new Failure({
    reason: 'unknown-node',
    what: `there is no control-plane node "${name}"`,
    next: `one of: ${reach.nodes.map((node) => node.name).join(', ')}`,
    exit: 2,
  });
}

/** Nodes whose agent may be asked, those that Kubernetes calls ready first. */
export function askable(reach: Reach): readonly NodeView[] {
  return reach.nodes
    .filter((node) => node.agent !== undefined)
    .sort((one, other) => Number(other.agent?.ready) - Number(one.agent?.ready));
}
