import { once } from 'node:events';
import { unlink } from 'node:fs/promises';
import { programVersion } from '../../core/version.ts';
import type { Configuration } from '../configuration.ts';
import { openAccess } from '../access/open-access.ts';
import { nodeEtcd } from './node-etcd.ts';
import { agentRoutes } from './routes.ts';
import { agentServer, listenOnSocket } from './server.ts';

/** What is under way gets this long to end when the agent is told to stop; the kubelet waits 30 s. */
const lingerMs = 25_000;

/** Serves until SIGTERM or SIGINT; then lets what is under way end. @returns the exit code. */
export async function serve(configuration: Configuration): Promise<number> {
  const { node, socketPath } = configuration;
  const access = await openAccess(configuration, agentRoutes(nodeEtcd(configuration), node));
  const server = agentServer(access.routes, node);
  await listenOnSocket(server, socketPath, node);
  process.stdout.write(`kubectl-etcd-agent ${programVersion} on ${node}, listening on ${socketPath}\n`);
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  // The socket and the port first: an agent that takes over must not find them answering.
  await unlink(socketPath).catch(() => undefined);
  const closed = Promise.all([access.close(), new Promise((resolve) => server.close(resolve))]);
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, lingerMs).unref())]);
  return 0;
}
