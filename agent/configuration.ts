import { hostname } from 'node:os';
import { defaultAgentPort } from '../core/access/names.ts';
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
  /** What outlives the agent: on the node's disk. */
  readonly stateDirectory: string;
  /** Where other machines reach the agent. */
  readonly port: number;
  readonly listenHost: string;
  /** How this very agent outlives its pod; undefined in a pod of the DaemonSet, and in the local mode. */
  readonly residence: string | undefined;
  /** The image of the keeper's pod, for a host that runs static pods and no systemd. */
  readonly image: string | undefined;
  /** What an agent that this one starts is to be told. */
  readonly variables: Readonly<Record<string, string>>;
  /** Of the agent's own certificate; undefined is the usual one. */
  readonly certificateLifeMs: number | undefined;
}

export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  return {
    node: environment['NODE_NAME'] ?? hostname(),
    hostRoot: environment['KUBECTL_ETCD_HOST_ROOT'] ?? '/',
    socketPath: environment['KUBECTL_ETCD_SOCKET'] ?? defaultSocketPath,
    processDirectory: environment['KUBECTL_ETCD_PROCESS_DIR'],
    stateDirectory: environment['KUBECTL_ETCD_STATE'] ?? '/var/lib/kubectl-etcd',
    port: Number(environment['KUBECTL_ETCD_PORT'] || defaultAgentPort),
    listenHost: environment['KUBECTL_ETCD_LISTEN'] ?? '::',
    residence: environment['KUBECTL_ETCD_RESIDENCE'],
    image: environment['KUBECTL_ETCD_IMAGE'] || undefined,
    variables: passedOn(environment),
    certificateLifeMs: secondsOf(environment['KUBECTL_ETCD_CERTIFICATE_LIFE_SECONDS']),
  };
}

/** What holds for this agent alone: where it sees the host. */
const own = ['KUBECTL_ETCD_HOST_ROOT', 'KUBECTL_ETCD_IMAGE'];

function passedOn(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && (name === 'NODE_NAME' || name.startsWith('KUBECTL_ETCD_')) && !own.includes(name)
        ? [[name, value]]
        : [],
    ),
  );
}

function secondsOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text) * 1000;
}
