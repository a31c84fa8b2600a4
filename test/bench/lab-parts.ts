/** Where the lab's etcd, agents and their processes are, for whoever measures them. */
import { readFile } from 'node:fs/promises';
import type { Lab } from '../lab/cluster.ts';
import { processesIn } from '../lab/cgroups.ts';
import { etcdctlOnNode } from '../lab/health.ts';
import type { GrpcTarget } from '../../agent/grpc/session.ts';

export interface LabMeasurement {
  readonly lab: Lab;
  /** For files, on this machine. */
  readonly directory: string;
  /** What etcd is filled to. */
  readonly databaseBytes: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/** Where etcdctl saves to, on the node. */
export const onNode = '/var/lib/kubectl-etcd-bench.db';
/** A node's own member, as one asks it on that node. */
export const ownMember = '--endpoints=https://127.0.0.1:2379';
/** What one types on a node, to be run there. */
export const etcdctlSave = [...etcdctlOnNode, ownMember, 'snapshot', 'save', onNode];

/** The first node's member and the certificates that the API server there shows to it. */
export async function labEtcd(lab: Lab): Promise<GrpcTarget> {
  const [node] = lab.nodes;
  const pem = async (path: string) => {
    const { stdout, code, stderr } = await lab.on(node?.name ?? '', ['cat', `/etc/kubernetes/pki/${path}`]);
    if (code !== 0) throw new Error(stderr);
    return Buffer.from(stdout);
  };
  const [ca, certificate, key] = await Promise.all(
    ['etcd/ca.crt', 'apiserver-etcd-client.crt', 'apiserver-etcd-client.key'].map(pem),
  );
  if (ca === undefined || certificate === undefined || key === undefined) throw new Error('no certificates');
  return { url: `https://${node?.address ?? ''}:2379`, credentials: { ca, certificate, key } };
}

/** @throws {Error} where no agent runs on the node: `hack/lab image` and `kubectl etcd install` come first. */
export async function podOfAgent(lab: Lab, node: string): Promise<string> {
  const { stdout } = await lab.kubectl([
    ...['-n', 'kubectl-etcd', 'get', 'pods', '-l', 'app.kubernetes.io/name=kubectl-etcd-agent'],
    ...['--field-selector', `spec.nodeName=${node},status.phase=Running`, '-o', 'jsonpath={.items[0].metadata.name}'],
  ]);
  if (stdout === '') throw new Error(`no agent runs on ${node}: hack/lab image, then kubectl etcd install`);
  return stdout;
}

/** The agent's processes on a node that run `command`, by their ids on this machine. */
export async function agentProcesses(
  node: Lab['nodes'][number],
  command: 'serve' | 'keep' | 'bridge',
): Promise<number[]> {
  const inside = await processesIn(node.cgroup);
  const found: number[] = [];
  for (const pid of inside) {
    const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const program = argv.findIndex((argument) => argument.endsWith('/kubectl-etcd-agent.cjs'));
    if (program > 0 && argv[program + 1] === command) found.push(pid);
  }
  return found;
}

/** The agent that serves on a node. @throws {Error} where there is none. */
export async function agentOf(node: Lab['nodes'][number]): Promise<number> {
  const [pid] = await agentProcesses(node, 'serve');
  if (pid === undefined) throw new Error(`no agent runs on ${node.name}: hack/lab image, then kubectl etcd install`);
  return pid;
}
