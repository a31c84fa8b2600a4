import { join } from 'node:path';
import type { Configuration } from '../configuration.ts';
import { agentServer } from '../serve/server.ts';
import type { Routes } from '../serve/server.ts';
import { TlsListener } from '../serve/tls-listener.ts';
import { AgentAccess } from './access.ts';
import { fencesOf, recordCluster } from './fences.ts';
import type { Fences } from './fences.ts';
import { keepAccess } from './keeper.ts';
import { ownAddresses } from './own-addresses.ts';
import { Peers } from './peers.ts';
import { accessRoutes } from './routes.ts';
import { AccessStore } from './store.ts';

export interface OpenAccess {
  /** What the agent answers, on its socket and on its port. */
  readonly routes: Routes;
  readonly close: () => Promise<void>;
}

/** The bytes that the agent of another node answers to a GET. @throws {Failure} its own, too. */
export type FromPeer = (node: string, path: string, signal: AbortSignal) => AsyncIterable<Buffer>;

/** Tells all agents the UID of the cluster's kube-system. */
export type RecordCluster = (uid: string, signal: AbortSignal) => Promise<void>;

/**
 * Wires what this agent is to others: its state on the disk, its port, and the agents of the other nodes.
 * @param ownRoutes what it answers for itself.
 */
export async function openAccess(
  configuration: Configuration,
  ownRoutes: (fromPeer: FromPeer, fences: Fences, record: RecordCluster) => Routes,
): Promise<OpenAccess> {
  const { node, port, listenHost: host, stateDirectory, certificateLifeMs } = configuration;
  const access = new AgentAccess({
    node,
    store: new AccessStore(join(stateDirectory, 'access')),
    lifeMs: certificateLifeMs,
  });
  const peers = new Peers({ node, register: () => access.register, credentials: () => access.credentials() });
  // A host that was chosen is the one to announce: the local mode's agents share one machine.
  const chosen = host === '::' || host === '0.0.0.0' ? undefined : [host];
  const announce = async () => {
    const towards = peers.others().flatMap(({ addresses }) => addresses);
    const known = access.register.nodes.find(({ name }) => name === node)?.addresses ?? [];
    return access.announce({ addresses: chosen ?? (await ownAddresses(towards, known)), port });
  };
  const routes = accessRoutes(
    { access, peers, announce, listener: () => listener.state },
    ownRoutes(
      (name, path, signal) => peers.bytes(name, path, signal),
      fencesOf({ access, peers }),
      (uid, signal) => recordCluster({ access, peers }, uid, signal),
    ),
  );
  const http2 = agentServer(routes, node);
  const listener = new TlsListener({
    node,
    host,
    port,
    http2,
    credentials: () => access.credentials(),
    isRevoked: (serial) => access.isRevoked(serial),
  });
  access.onChange(() => {
    if (access.isEnrolled) listener.refresh();
  });
  await access.open();
  const ended = new AbortController();
  const keeping = keepAccess({
    access,
    peers,
    announce,
    onLook: (nowMs) => listener.dropUntrusted(nowMs),
    signal: ended.signal,
  });
  return {
    routes,
    close: async () => {
      ended.abort();
      await listener.close();
      await keeping;
    },
  };
}
