/** The written procedure for restoring etcd under kubeadm, line by line as a person types it as root on a node. */
import { etcdctlOnNode } from '../lab/health.ts';
import { onNode, ownMember } from './lab-parts.ts';

/** Where things are on a node. */
export interface RunbookPlaces {
  readonly manifests: string;
  /** Where the manifests wait: outside of the kubelet's directory, on its file system. */
  readonly parked: string;
  readonly dataDirectory: string;
  /** The old data, when it has been moved aside. */
  readonly old: string;
  readonly snapshot: string;
  readonly etcdutl: string;
}

const parkedPrefix = '/root/parked.bench-';
const oldPrefix = '/var/lib/etcd.bench-';

export function placesFor(token: string): RunbookPlaces {
  return {
    manifests: '/etc/kubernetes/manifests',
    parked: `${parkedPrefix}${token}`,
    dataDirectory: '/var/lib/etcd',
    old: `${oldPrefix}${token}`,
    snapshot: onNode,
    etcdutl: '/opt/lab/etcdutl',
  };
}

export interface NewMember {
  readonly name: string;
  readonly peerUrl: string;
  /** `cp1=https://10.0.0.11:2380,cp2=...` */
  readonly initialCluster: string;
  readonly token: string;
}

const addedRevisions = 1_000_000_000;

/** All manifests away. */
export const park = ({ parked, manifests }: RunbookPlaces): string =>
  `mkdir -p ${parked} && mv ${manifests}/*.yaml ${parked}/`;

export const untilGone = 'while pgrep -x etcd >/dev/null || pgrep -x kube-apiserver >/dev/null; do sleep 0.1; done';

/**
 * The old data aside, new data from the snapshot, and etcd's manifest back with all members in it. Its initial-cluster-state is left alone: with
 * data in the directory etcd does not look at it, and a node that is wiped later must not take `new` for its own.
 */
export function exchange({ old, dataDirectory, parked, manifests, ...at }: RunbookPlaces, member: NewMember): string {
  const { name, peerUrl, initialCluster, token } = member;
  const manifest = `${parked}/etcd.yaml`;
  return [
    `mv ${dataDirectory} ${old}`,
    `${at.etcdutl} snapshot restore ${at.snapshot} --name ${name} --initial-cluster ${initialCluster} --initial-cluster-token ${token} ` +
      `--initial-advertise-peer-urls ${peerUrl} --data-dir ${dataDirectory} --bump-revision ${addedRevisions} --mark-compacted`,
    `sed -i 's#--initial-cluster=[^" ]*#--initial-cluster=${initialCluster}#' ${manifest}`,
    `{ grep -qF -- '--initial-cluster=${initialCluster}' ${manifest} || { echo 'its manifest has no --initial-cluster' >&2; false; }; }`,
    `mv ${manifest} ${manifests}/`,
  ].join(' && ');
}

export const untilEtcd = `until ${[...etcdctlOnNode, ownMember].join(' ')} --command-timeout=2s endpoint health >/dev/null 2>&1; do sleep 0.2; done`;

/** The other manifests back, or all that are still parked. */
export const unpark = ({ parked, manifests }: RunbookPlaces): string => `mv ${parked}/*.yaml ${manifests}/`;

/** What was parked before and what runs again, so that nothing runs. */
export const parkRest = ({ parked, manifests }: RunbookPlaces): string =>
  `mkdir -p ${parked} && for each in ${manifests}/*.yaml; do [ ! -e "$each" ] || mv "$each" ${parked}/ || exit 1; done`;

/** The old data in its place again, where it was moved. Nothing must run. */
export const takeBack = ({ old, dataDirectory }: RunbookPlaces): string =>
  `[ ! -e ${old} ] || { rm -rf ${dataDirectory} && mv ${old} ${dataDirectory}; }`;

/** What any round has left. Only of a cluster that is healthy: nothing that is needed lies there any more. */
export const clean = `rm -rf ${parkedPrefix}* ${oldPrefix}* ${onNode}`;
