import { Failure } from '../../core/failure.ts';
import type { ReachFlags, Surroundings } from '../commands/surroundings.ts';
import { reachByAccessFile } from '../link/access-file.ts';
import { reachFromNode } from '../link/from-node.ts';
import type { Reach } from '../link/reach.ts';
import { reachStraight } from '../link/straight.ts';
import { apiServerOf } from './api-server.ts';
import { loadKubeConfig } from './connection.ts';
import { findAccess } from './find-access.ts';
import { isOfThisCluster, lookForOwnNode } from './own-node.ts';

/**
 * The agents of a cluster, reached past its API server whether it answers or not: for what stops API servers. By the access file that is named,
 * on a control-plane node through its own agent, else by the access file that stands in for the API server of the kubeconfig.
 * @throws {Failure} `no-way-past-api-server` where there is none of these.
 */
export async function reachPastApiServer(flags: ReachFlags, surroundings: Surroundings): Promise<Reach> {
  const { environment, signal } = surroundings;
  if (flags.access !== undefined && flags.access !== '') return reachByAccessFile(flags.access, signal);
  const { own } = await lookForOwnNode(environment, signal);
  if (own !== undefined && (await isOwn(flags, surroundings, own.state.register))) return reachFromNode(own, signal);
  try {
    return await reachStraight({ ...(await findAccess(undefined, flags, environment)), signal });
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.reason !== 'no-access-file') throw thrown;
    throw new Failure({
      reason: 'no-way-past-api-server',
      what: 'the nodes cannot be reached past the API server, and it is stopped on the way',
      why: thrown.what,
      next: 'kubectl etcd access save writes an access file while the API server answers; or run this as root on a control-plane node',
      exit: 5,
      cause: thrown,
    });
  }
}

async function isOwn(
  flags: ReachFlags,
  { environment }: Surroundings,
  register: Parameters<typeof isOfThisCluster>[1],
): Promise<boolean> {
  try {
    return await isOfThisCluster(apiServerOf(loadKubeConfig(flags, environment)), register);
  } catch (thrown) {
    // On a node without a kubeconfig it is this cluster that is meant.
    if (thrown instanceof Failure && thrown.reason === 'no-kubeconfig') return true;
    throw thrown;
  }
}
