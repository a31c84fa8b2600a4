import { once } from 'node:events';
import { unlink } from 'node:fs/promises';
import { programVersion } from '../../core/version.ts';
import type { Configuration } from '../configuration.ts';
import { openAccess } from '../access/open-access.ts';
import { examinationRoutes } from '../examine/routes.ts';
import { memberRoutes } from '../member/routes.ts';
import { Operations } from '../operation/operations.ts';
import { operationRoutes } from '../operation/routes.ts';
import { removedExit } from '../resident/places.ts';
import { residentRoutes } from '../resident/routes.ts';
import { nodeEtcd } from './node-etcd.ts';
import { agentRoutes } from './routes.ts';
import { agentServer, listenOnSocket } from './server.ts';

/** What is under way gets this long to end when the agent is told to stop; the kubelet waits 30 s. */
const lingerMs = 25_000;

/**
 * Serves until SIGTERM or SIGINT, or until the agent has been removed; then lets what is under way end.
 * @param inPod why this agent dies with its pod, where it does.
 * @returns the exit code.
 */
export async function serve(configuration: Configuration, inPod?: string): Promise<number> {
  const { node, socketPath } = configuration;
  const removed = Promise.withResolvers<number>();
  // A container that ends is started again, and would bring everything back.
  const onRemoved = () => configuration.residence !== undefined && removed.resolve(removedExit);
  const etcd = nodeEtcd(configuration);
  let operations: Operations | undefined;
  const say = (line: string) => process.stderr.write(`kubectl-etcd-agent: ${line}\n`);
  const access = await openAccess(configuration, (fromPeer, fences, recordCluster) => ({
    ...agentRoutes(etcd, node, {
      warnings: () => [
        ...(inPod === undefined ? [] : [diesWithPod(inPod)]),
        ...[operations?.fenceKeeper.keptStopped()?.what].filter((what) => what !== undefined),
      ],
      keptStopped: () => operations?.fenceKeeper.keptStopped(),
    }),
    ...residentRoutes(configuration, {
      onRemoved,
      openOperation: async () => (await operations?.store.open())?.plan.id,
    }),
    ...operationRoutes((operations = new Operations({ configuration, etcd, fromPeer, fences, recordCluster, say }))),
    ...examinationRoutes({ etcd, operations }),
    ...memberRoutes({ node, etcd: () => etcd.endpoint() }),
  }));
  const ended = new AbortController();
  void operations?.keep(ended.signal);
  const server = agentServer(access.routes, node);
  await listenOnSocket(server, socketPath, node);
  process.stdout.write(`kubectl-etcd-agent ${programVersion} on ${node}, listening on ${socketPath}\n`);
  const told = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]).then(() => 0);
  const exit = await Promise.race([told, removed.promise]);
  ended.abort();
  // The socket and the port first: an agent that takes over must not find them answering.
  await unlink(socketPath).catch(() => undefined);
  const closed = Promise.all([access.close(), new Promise((resolve) => server.close(resolve))]);
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, lingerMs).unref())]);
  return exit;
}

function diesWithPod(why: string): string {
  return `this agent ends with its pod, and does not come back while the API server is down: ${why}`;
}
