/** Names, addresses and places of the lab. There is one lab a machine: its bridge and its addresses are the machine's. */
import { join, resolve } from 'node:path';

export const checkout = resolve(import.meta.dirname, '../..');

/** What is slow to make and the same for every lab of this machine; deleting it costs time only. */
export const cacheDirectory = resolve(process.env['KUBECTL_ETCD_CACHE'] ?? '/var/cache/kubectl-etcd');

/** The running lab's state and disks; `down` removes it. */
export const labDirectory = resolve(process.env['KUBECTL_ETCD_LAB'] ?? '/var/lib/kubectl-etcd-lab');

/** Not in the lab's directory, which comes and goes: a lock file that is removed while it is held excludes nobody. */
export const machineLock = '/run/lock/kubectl-etcd-lab.lock';

/** Marks what is ours among the machine's links, network namespaces, cgroups and nspawn machines. */
export const mark = 'kubectl-etcd-lab';

export const bridge = { name: 'labbr', address: '10.99.0.1', prefixLength: 24 } as const;
export const apiServerPort = 6443;
export const kubeconfigPath = join(labDirectory, 'admin.conf');
export const kubernetesVersion = 'v1.20.2';

/** The Debian release of the nodes, and of the machine that builds Kubernetes for them. */
export const nodeSuite = 'bookworm';

export const etcdVersions = ['3.4', '3.5', 'testing'] as const;
export type EtcdVersion = (typeof etcdVersions)[number];

/** The Debian release that carries each etcd, `testing` the newest there is (3.5.30 in 2026-11); all run on the C library of `nodeSuite`. */
export const etcdSuites: Readonly<Record<EtcdVersion, string>> = {
  '3.4': 'bookworm',
  '3.5': 'trixie',
  testing: 'testing',
};

/** Everything about a node that follows from its number. */
export interface Node {
  readonly name: string;
  readonly address: string;
  /** Holds its disk (`upper`, `work`), the disk mounted (`root`), containerd's state, the console's log and the record of its process. */
  readonly directory: string;
  readonly root: string;
  readonly networkNamespace: string;
  /** The host's end of its network cable, a port of the bridge. */
  readonly link: string;
  /** Below each hierarchy of /sys/fs/cgroup. */
  readonly cgroup: string;
}

/** Node number 1 is cp1. At most 9: the last digits of the addresses are one digit. */
export function nodeNumber(number: number): Node {
  const name = `cp${number}`;
  const directory = join(labDirectory, 'nodes', name);
  return {
    name,
    address: `10.99.0.${10 + number}`,
    directory,
    root: join(directory, 'root'),
    networkNamespace: `${mark}-${name}`,
    link: `lab-${name}`,
    cgroup: `${mark}/${name}`,
  };
}

/** The nodes cp1 to cp`count`. */
export function nodesOf(count: number): readonly Node[] {
  return Array.from({ length: count }, (_, index) => nodeNumber(index + 1));
}
