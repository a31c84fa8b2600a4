import { openExecStream } from '../link/exec-stream.ts';
import type { Reach } from '../link/reach.ts';
import { Cluster } from './cluster.ts';
import type { Discovered } from './cluster.ts';
import { loadKubeConfig } from './connection.ts';
import type { ConnectionFlags } from './connection.ts';

/** The cluster of the kubeconfig, its agents reached by exec through the API server. */
export async function reachThroughApi(
  flags: ConnectionFlags,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Reach> {
  const cluster = new Cluster(loadKubeConfig(flags, environment), signal);
  return reachOf(cluster, await cluster.discover());
}

export function reachOf(cluster: Cluster, { name, uid, nodes }: Discovered): Reach {
  return {
    cluster: { name: name ?? cluster.config.getCurrentCluster()?.name ?? 'kubernetes', uid },
    nodes,
    open: async (node, signal) => openExecStream(await cluster.bridgeTarget(node.agent?.pod ?? '', node.name), signal),
  };
}
