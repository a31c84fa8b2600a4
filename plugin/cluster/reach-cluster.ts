import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ApiServer } from '../../core/access/register.ts';
import { Failure } from '../../core/failure.ts';
import { accessDirectory, accessFiles, accessFor } from '../access/access-directory.ts';
import type { AccessFiles, FoundAccess } from '../access/access-directory.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { reachFromNode } from '../link/from-node.ts';
import type { OwnNode } from '../link/from-node.ts';
import type { Reach } from '../link/reach.ts';
import { reachStraight } from '../link/straight.ts';
import type { Terminal } from '../report/terminal.ts';
import { isSilence } from './api-failure.ts';
import { apiServerOf } from './api-server.ts';
import { Cluster } from './cluster.ts';
import type { Discovered } from './cluster.ts';
import { loadKubeConfig } from './connection.ts';
import type { ConnectionFlags } from './connection.ts';
import { isOfThisCluster, lookForOwnNode } from './own-node.ts';
import type { Looked } from './own-node.ts';
import { reachOf } from './reach-through-api.ts';

/** With another way at hand nobody waits longer for the API server; without one there is nothing else to do. */
const apiWithinMs = 2_000;
/** After this long the other way is begun beside it: to find out that nodes are down takes time as well. */
const doubtAfterMs = 800;

/**
 * The cluster of the kubeconfig: its agents reached through the API server, and where that does not answer, or has lost its etcd, straight over
 * the network by the access file that stands in for it; on a node of that very cluster also through the node's own agent, which is the way
 * where there is no kubeconfig at all. Never where the API server has answered that we may not, or is not the right one.
 */
export async function reachCluster(flags: ConnectionFlags, surroundings: Surroundings): Promise<Reach> {
  const { environment, signal, terminal } = surroundings;
  const config = kubeConfigOrNone(flags, environment);
  if (config instanceof Failure) return await withoutKubeconfig(config, surroundings);
  const apiServer = apiServerOf(config);
  const files = await accessFiles();
  const access = accessFor(apiServer, files.found);
  const looked = access === undefined ? await lookForOwnNode(environment, signal) : nowhere;
  const own = await ownOfThisCluster(looked, apiServer);
  const gaveUp = new AbortController();
  const answered = new AbortController();
  const cluster = new Cluster(config, AbortSignal.any([signal, gaveUp.signal]));
  const straight =
    access && lazily(() => reachStraight({ ...access, signal: AbortSignal.any([signal, answered.signal]) }));
  try {
    const discovered = await (access === undefined && own === undefined ? cluster.discover() : soon(cluster, straight));
    answered.abort(new Error('the API server has answered'));
    const through = reachOf(cluster, discovered);
    return { ...through, apiServer, open: access === undefined ? through.open : eitherWay(through, access, terminal) };
  } catch (thrown) {
    signal.throwIfAborted();
    if (!isSilence(thrown)) throw thrown;
    gaveUp.abort(thrown);
    const silent = `API server ${apiServer.url} ${thrown.reason === 'etcd-behind-api-silent' ? 'answers without its etcd' : 'does not answer'}`;
    if (access !== undefined && straight !== undefined) {
      const file = `access file ${access.access.cluster.name}, ${counted(access.access.nodes.length)}`;
      noteOnce(terminal, `${silent}; reaching the agents directly (${file})`);
      return { ...(await straight()), apiServer };
    }
    if (own !== undefined) return { ...(await throughOwn(own, silent, surroundings)), apiServer };
    throw noWayAround(thrown, files, looked);
  }
}

async function ownOfThisCluster({ own }: Looked, apiServer: ApiServer): Promise<OwnNode | undefined> {
  return own !== undefined && (await isOfThisCluster(apiServer, own.state.register)) ? own : undefined;
}

const nowhere: Looked = { own: undefined, problem: undefined };

/** The Failure where there is none and nobody has named one. */
function kubeConfigOrNone(flags: ConnectionFlags, environment: NodeJS.ProcessEnv): KubeConfig | Failure {
  try {
    return loadKubeConfig(flags, environment);
  } catch (thrown) {
    const { kubeconfig, context, cluster, user, server } = flags;
    const named = [kubeconfig, context, cluster, user, server].some((flag) => flag !== undefined);
    if (!named && thrown instanceof Failure && thrown.reason === 'no-kubeconfig') return thrown;
    throw thrown;
  }
}

async function withoutKubeconfig(none: Failure, surroundings: Surroundings): Promise<Reach> {
  const { own, problem } = await lookForOwnNode(surroundings.environment, surroundings.signal);
  if (own !== undefined) return throughOwn(own, 'No kubeconfig here', surroundings);
  const { reason, what, why, exit, next } = none;
  if (problem === undefined) throw none;
  throw new Failure({ reason, what, why, exit, cause: none, next: [next, hintOf(problem)].join('\n') });
}

async function throughOwn(own: OwnNode, because: string, { terminal, signal }: Surroundings): Promise<Reach> {
  const reach = await reachFromNode(own, signal);
  const others = own.state.authority === undefined ? 'it alone: it is not enrolled' : counted(reach.nodes.length);
  noteOnce(terminal, `${because}; reaching the agents from this node, ${own.state.node} (${others})`);
  return reach;
}

/** @param otherwise begins the other way; called when the API server has been silent for a while, and may be called again. */
async function soon(cluster: Cluster, otherwise: (() => Promise<unknown>) | undefined): Promise<Discovered> {
  const settled = new AbortController();
  const { signal } = settled;
  const late = (async () => {
    await cluster.asking;
    await sleep(doubtAfterMs, undefined, { signal });
    otherwise?.().catch(() => undefined);
    await sleep(apiWithinMs - doubtAfterMs, undefined, { signal });
    throw new Failure({
      reason: 'api-unreachable',
      what: `the API server ${cluster.server} does not answer`,
      why: `no answer within ${apiWithinMs / 1000} s`,
    });
  })();
  // Where it is not waited for any more.
  late.catch(() => undefined);
  try {
    return await Promise.race([cluster.discover(), late]);
  } finally {
    settled.abort();
  }
}

/** Begun by whoever asks first, and only once. */
function lazily<Value>(begin: () => Promise<Value>): () => Promise<Value> {
  let begun: Promise<Value> | undefined;
  return () => (begun ??= begin());
}

/** A node whose kubelet does not run lets nobody in by exec, and its agent may be well. */
function eitherWay(through: Reach, access: FoundAccess, terminal: Terminal): Reach['open'] {
  return async (node, signal) => {
    try {
      return await through.open(node, signal);
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof Failure) || !aroundTheKubelet.has(thrown.reason)) throw thrown;
      if (!access.access.nodes.some(({ name }) => name === node.name)) throw thrown;
      try {
        const straight = await (await reachStraight({ ...access, signal })).open(node, signal);
        noteOnce(terminal, `${node.name}: no way through the API server; reaching the agent directly`);
        return straight;
      } catch {
        // What was wrong with the usual way is the news.
        throw thrown;
      }
    }
  };
}

const aroundTheKubelet = new Set(['exec-refused', 'agent-gone', 'agent-not-answering', 'link-lost', 'api-unreachable']);

function noWayAround(silence: Failure, { refused }: AccessFiles, { own, problem }: Looked): Failure {
  const { reason, what, why, node, next, exit } = silence;
  const hint =
    refused.length > 0
      ? refused.map(hintOf).join('\n')
      : `no access file in ${accessDirectory()} is for this API server: kubectl etcd access save writes one while it answers, and --access FILE names one that lies elsewhere`;
  const onNode =
    own === undefined
      ? problem && hintOf(problem)
      : `this node, ${own.state.node}, belongs to the cluster ${own.state.register.cluster?.name ?? 'of its own'}, which is not known to have this API server; if that is meant: --access ${own.socketPath}`;
  return new Failure({
    ...{ reason, what, why, node, exit, cause: silence },
    next: [next, hint, onNode].filter(Boolean).join('\n'),
  });
}

function hintOf({ what, why, next }: Failure): string {
  return [[what, why].filter(Boolean).join(': '), next].filter(Boolean).join('; ');
}

function counted(nodes: number): string {
  return `${nodes} ${nodes === 1 ? 'node' : 'nodes'}`;
}

const noted = new WeakMap<Terminal, Set<string>>();

/** `--watch` reaches the cluster again and again; once is enough. */
function noteOnce(terminal: Terminal, text: string): void {
  const before = noted.get(terminal) ?? new Set();
  noted.set(terminal, before);
  if (before.has(text)) return;
  before.add(text);
  terminal.note(text);
}
