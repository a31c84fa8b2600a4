import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { presentNodes } from '../../core/access/register.ts';
import type { ApiServer, Register } from '../../core/access/register.ts';
import { Failure } from '../../core/failure.ts';
import { defaultSocketPath } from '../../core/protocol/paths.ts';
import { isSameApiServer } from '../access/access-directory.ts';
import { findOwnNode } from '../link/from-node.ts';
import type { OwnNode } from '../link/from-node.ts';

const resolvedWithinMs = 500;

export interface Looked {
  readonly own: OwnNode | undefined;
  /** Why the agent of this node cannot be used, where there is one. */
  readonly problem: Failure | undefined;
}

/** Whether this machine is a node with an agent: elsewhere a look at a file that is not there. */
export async function lookForOwnNode(environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Looked> {
  try {
    const own = await findOwnNode(environment['KUBECTL_ETCD_SOCKET'] ?? defaultSocketPath, signal);
    return { own, problem: undefined };
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof Failure)) throw thrown;
    return { own: undefined, problem: thrown };
  }
}

/**
 * Whether an API server is that of the node's own cluster: it has the URL that the agents know, or it is on one of the nodes and of the same
 * authority, as in the kubeconfigs that kubeadm leaves there. One authority alone may be that of several clusters.
 */
export async function isOfThisCluster(apiServer: ApiServer, register: Register): Promise<boolean> {
  const known = register.cluster?.apiServers ?? [];
  if (known.some((each) => isSameApiServer(each, apiServer))) return true;
  const { caFingerprint, url } = apiServer;
  if (caFingerprint === undefined || !URL.canParse(url)) return false;
  if (!known.some((each) => each.caFingerprint === caFingerprint)) return false;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const nodes = presentNodes(register);
  if (host === 'localhost' || nodes.some(({ name }) => name === host)) return true;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map((each) => each.address));
  const here = new Set([...nodes.flatMap(({ addresses }) => addresses), ...own]);
  return (await addressesOf(host)).some((address) => here.has(address));
}

/** As the node's own files and its resolver have them; none where that takes long, as it does when the resolver is what is down. */
async function addressesOf(host: string): Promise<string[]> {
  const found = lookup(host, { all: true }).then((all) => all.map(({ address }) => address));
  return Promise.race([found, sleep(resolvedWithinMs, [], { ref: false })]).catch(() => []);
}
