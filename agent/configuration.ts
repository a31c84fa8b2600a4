import { hostname } from 'node:os';
import { defaultSocketPath } from '../core/protocol/paths.ts';

/** Everything the agent is told from outside: the environment, read once. */
export interface Configuration {
  /** The name of the node as Kubernetes knows it. */
  readonly node: string;
  /** Where the host's root file system is seen from here: `/host` in the pod. */
  readonly hostRoot: string;
  readonly socketPath: string;
  /** Local mode: the folder that describes an etcd run as a plain process. */
  readonly processDirectory: string | undefined;
}

export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  return {
    node: environment['NODE_NAME'] ?? hostname(),
    hostRoot: environment['KUBECTL_ETCD_HOST_ROOT'] ?? '/',
    socketPath: environment['KUBECTL_ETCD_SOCKET'] ?? defaultSocketPath,
    processDirectory: environment['KUBECTL_ETCD_PROCESS_DIR'],
  };
}
