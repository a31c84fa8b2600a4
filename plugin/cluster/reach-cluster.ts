import { setTimeout as sleep } from 'node:timers/promises';
import { ApiException } from '@kubernetes/client-node';
import { Failure } from '../../core/failure.ts';
import { accessDirectory, accessFiles, accessFor } from '../access/access-directory.ts';
import type { AccessFiles, FoundAccess } from '../access/access-directory.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { reachStraight } from '../link/straight.ts';
import type { Terminal } from '../report/terminal.ts';
import { apiServerOf } from './api-server.ts';
import { Cluster } from './cluster.ts';
import type { Discovered } from './cluster.ts';
import { loadKubeConfig } from './connection.ts';
import type { ConnectionFlags } from './connection.ts';
import { reachOf } from './reach-through-api.ts';

/** With an access file at hand nobody waits longer for the API server; without one there is nothing else to do. */
const apiWithinMs = 2_500;

/**
 * The cluster of the kubeconfig: its agents reached through the API server, and where that does not answer, or has lost its etcd, straight over
 * the network by the access file that stands in for it. Never where the API server has answered that we may not, or is not the right one.
 */
export async function reachCluster(flags: ConnectionFlags, surroundings: Surroundings): Promise<Reach> {
  const { environment, signal, terminal } = surroundings;
  const config = loadKubeConfig(flags, environment);
  const apiServer = apiServerOf(config);
  const files = await accessFiles();
  const access = accessFor(apiServer, files.found);
  const gaveUp = new AbortController();
  const cluster = new Cluster(config, AbortSignal.any([signal, gaveUp.signal]));
  try {
    const discovered = await (access === undefined ? cluster.discover() : soon(cluster));
    const through = reachOf(cluster, discovered);
    return { ...through, apiServer, open: access === undefined ? through.open : eitherWay(through, access, terminal) };
  } catch (thrown) {
    signal.throwIfAborted();
    if (!isSilence(thrown)) throw thrown;
    if (access === undefined) throw withoutAccess(thrown, files);
    gaveUp.abort(thrown);
    const nodes = `${access.access.nodes.length} ${access.access.nodes.length === 1 ? 'node' : 'nodes'}`;
    const silent = thrown.reason === 'etcd-behind-api-silent' ? 'answers without its etcd' : 'does not answer';
    noteOnce(
      terminal,
      `API server ${apiServer.url} ${silent}; reaching the agents directly (access file ${access.access.cluster.name}, ${nodes})`,
    );
    return { ...(await reachStraight({ ...access, signal })), apiServer };
  }
}

async function soon(cluster: Cluster): Promise<Discovered> {
  const settled = new AbortController();
  const late = sleep(apiWithinMs, undefined, { signal: settled.signal }).then(() => {
    throw new Failure({
      reason: 'api-unreachable',
      what: `the API server ${cluster.server} does not answer`,
      why: `no answer within ${apiWithinMs / 1000} s`,
    });
  });
  try {
    return await Promise.race([cluster.discover(), late]);
  } finally {
    settled.abort();
    await late.catch(() => undefined);
  }
}

/** Nobody there, or nobody there who could answer. What the API server refuses, or a certificate that is not right, is an answer. */
export function isSilence(thrown: unknown): thrown is Failure {
  if (!(thrown instanceof Failure)) return false;
  if (thrown.reason === 'api-unreachable' || thrown.reason === 'etcd-behind-api-silent') return true;
  return thrown.reason === 'api-error' && thrown.cause instanceof ApiException && thrown.cause.code >= 500;
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

function withoutAccess(silence: Failure, { refused }: AccessFiles): Failure {
  const { reason, what, why, node, next, exit } = silence;
  const unusable = refused.map((failure) => `${failure.what}${failure.why === undefined ? '' : `: ${failure.why}`}`);
  const hint =
    unusable.length > 0
      ? unusable.join('; ')
      : `no access file in ${accessDirectory()} is for this API server: kubectl etcd access save writes one while it answers, and --access FILE names one that lies elsewhere`;
  return new Failure({ reason, what, why, node, exit, next: [next, hint].filter(Boolean).join('\n'), cause: silence });
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
