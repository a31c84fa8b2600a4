import { posix } from 'node:path';
import type { ApiServerPlace, Workload } from '../../core/operation/steps.ts';
import type { FoundEtcd } from '../../core/protocol/messages.ts';
import { readFlags } from '../host/flags.ts';
import type { Manifests } from '../host/manifest-directory.ts';
import type { HostRoot } from '../host/root.ts';
import { containerRunning } from '../host/static-manifest.ts';
import type { PodContainer } from '../host/static-manifest.ts';
import { etcdManifests } from '../host/static-pod.ts';
import { findUnit } from '../host/systemd.ts';

const controlPlane = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
/** Beside what it belongs to, so that a rename leads there. */
export const asideName = 'kubectl-etcd';

/** etcd first, then what there is of the control plane: static pods, else units of systemd. */
export async function workloadsOf(
  etcd: FoundEtcd,
  manifests: Manifests | undefined,
  { root, node }: { readonly root: HostRoot; readonly node: string },
): Promise<Workload[]> {
  if (etcd.host === 'process') return [{ by: 'process', component: 'etcd' }];
  const own: Workload[] =
    etcd.host === 'static-pod' && manifests !== undefined ? etcdPods(manifests, node) : [etcdUnit(etcd)];
  return [...own, ...(await controlPlaneOf(manifests, { root, node }))];
}

/** What the static manifests and the units say, also where etcd itself cannot be made out. */
export async function setUpOn(
  manifests: Manifests | undefined,
  parts: { readonly root: HostRoot; readonly node: string },
): Promise<Workload[]> {
  const pods = manifests === undefined ? [] : etcdPods(manifests, parts.node);
  const unit = pods.length > 0 ? undefined : await findUnit(parts.root);
  const units: Workload[] =
    unit === undefined ? [] : [{ by: 'systemd', component: 'etcd', unit: posix.basename(unit) }];
  return [...pods, ...units, ...(await controlPlaneOf(manifests, parts))];
}

function etcdUnit({ source, environmentFile: file }: FoundEtcd): Workload {
  const unit = { by: 'systemd', component: 'etcd', unit: posix.basename(source) } as const;
  return file === undefined ? unit : { ...unit, environment: { file, aside: besideFile(file) } };
}

function besideFile(file: string): string {
  return posix.join(posix.dirname(file), asideName, posix.basename(file));
}

function etcdPods(manifests: Manifests, node: string): Workload[] {
  return etcdManifests(manifests, node).map(({ file, container }) => podWorkload('etcd', file, container, node));
}

/** Whether they are run by one and the same manifest, wherever that is aside. */
export function isSamePod(one: Workload, other: Workload): boolean {
  return one.by === 'static-pod' && other.by === 'static-pod' && one.file === other.file;
}

function podWorkload(
  component: string,
  file: string,
  { namespace, podName, name }: PodContainer,
  node: string,
): Workload {
  return {
    by: 'static-pod',
    component,
    file,
    // Beside the kubelet's folder, not in it.
    aside: posix.join(posix.dirname(posix.dirname(file)), asideName, posix.basename(file)),
    namespace,
    pod: `${podName}-${node}`,
    container: name,
  };
}

async function controlPlaneOf(
  manifests: Manifests | undefined,
  { root, node }: { readonly root: HostRoot; readonly node: string },
): Promise<Workload[]> {
  const others = await Promise.all(
    controlPlane.map(async (component): Promise<Workload[]> => {
      const pods = (manifests?.pods ?? []).flatMap(({ file, pod: manifest }) => {
        const container = containerRunning(manifest, component, node);
        return container === undefined ? [] : [podWorkload(component, file, container, node)];
      });
      if (pods.length > 0) return pods;
      const unit = `${component}.service`;
      return (await findUnit(root, unit)) === undefined ? [] : [{ by: 'systemd', component, unit }];
    }),
  );
  return others.flat();
}

export interface FoundApiServer {
  readonly place: ApiServerPlace;
  /** Those that it serves with and those that it shows to etcd and to kubelets. */
  readonly certificates: readonly string[];
}

/** The flags of the API server of this node, as its static manifest has them, and where a file that one names is on the host. */
export function apiServerFlags({ pods }: Manifests, node: string) {
  for (const { pod } of pods) {
    const container = containerRunning(pod, 'kube-apiserver', node);
    if (container === undefined) continue;
    const flags = readFlags(container.argv[0]?.startsWith('-') === true ? container.argv : container.argv.slice(1));
    const file = (flag: string) => {
      const inside = flags.get(flag);
      return inside === undefined ? undefined : container.hostPath(inside);
    };
    return { flags, file };
  }
  return undefined;
}

/** Where the API server of this node listens, as its static manifest says. */
export function apiServerOf(manifests: Manifests, node: string): FoundApiServer | undefined {
  const found = apiServerFlags(manifests, node);
  if (found === undefined) return undefined;
  const { flags, file } = found;
  const address = flags.get('advertise-address') ?? '127.0.0.1';
  const certificateFile = file('kubelet-client-certificate');
  const keyFile = file('kubelet-client-key');
  return {
    place: {
      url: `https://${address.includes(':') ? `[${address}]` : address}:${flags.get('secure-port') ?? '6443'}`,
      ...(certificateFile === undefined ? {} : { certificateFile }),
      ...(keyFile === undefined ? {} : { keyFile }),
    },
    certificates: [
      'tls-cert-file',
      'etcd-certfile',
      'etcd-cafile',
      'kubelet-client-certificate',
      'client-ca-file',
    ].flatMap((flag) => file(flag) ?? []),
  };
}
