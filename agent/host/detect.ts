import { Failure } from '../../core/failure.ts';
import type { EtcdHost } from './host.ts';
import { readManifests } from './manifest-directory.ts';
import type { Manifests } from './manifest-directory.ts';
import { readFlags } from './flags.ts';
import { ProcessEtcd } from './process.ts';
import type { HostRoot } from './root.ts';
import { containerRunning } from './static-manifest.ts';
import { etcdManifests, StaticPodEtcd } from './static-pod.ts';
import { findUnit, SystemdEtcd } from './systemd.ts';

export interface DetectOptions {
  readonly root: HostRoot;
  /** The node's name as the kubelet uses it. */
  readonly node: string;
  /** Local mode: the folder with etcd.json. Nothing else is looked at then. */
  readonly processDirectory?: string | undefined;
}

/**
 * Finds out how etcd is run on this node: a static pod, else a systemd unit.
 * @throws {Failure} `etcd-external` where the API server of this node uses an etcd elsewhere; `etcd-not-found`, saying where it looked.
 */
export async function detectEtcd({ root, node, processDirectory }: DetectOptions): Promise<EtcdHost> {
  if (processDirectory !== undefined) return new ProcessEtcd({ root, folder: processDirectory });
  const manifests = await readManifests(root);
  if (manifests !== undefined && etcdManifests(manifests, node).length > 0) return new StaticPodEtcd({ root, node });
  const unit = await findUnit(root);
  if (unit !== undefined) return new SystemdEtcd({ root, node, unit });
  throw notFound(manifests, node);
}

function notFound(manifests: Manifests | undefined, node: string): Failure {
  const servers = manifests === undefined ? undefined : etcdServers(manifests, node);
  const looked = [
    manifests === undefined
      ? 'there is no static manifest directory'
      : `no static manifest in ${manifests.folder} runs etcd`,
    ...(manifests?.unreadable ?? []).map(({ message }) => message),
    'there is no systemd unit etcd.service',
  ].join('; ');
  if (servers === undefined) {
    const next = 'run the agent on the nodes that run etcd: kubectl get nodes -l node-role.kubernetes.io/control-plane';
    return new Failure({ reason: 'etcd-not-found', what: 'there is no etcd on this node', node, why: looked, next });
  }
  if (servers.every(isLoopback)) {
    return new Failure({
      reason: 'etcd-not-found',
      what: 'there is no etcd on this node',
      node,
      why: `its API server expects one at ${servers.join(', ')}, but ${looked}`,
      next: 'put the manifest back if it was moved away; kubectl etcd logs shows what the last container said',
    });
  }
  return new Failure({
    reason: 'etcd-external',
    what: 'etcd does not run on this node',
    node,
    why: `the API server's --etcd-servers point to ${servers.join(', ')}, and ${looked}`,
    next: `for an external etcd, run the agent on its own machines`,
  });
}

/** What --etcd-servers of the API server's static manifest says. */
function etcdServers({ pods }: Manifests, node: string): readonly string[] | undefined {
  for (const { pod } of pods) {
    const argv = containerRunning(pod, 'kube-apiserver', node)?.argv;
    const servers = readFlags(argv?.[0]?.startsWith('-') === true ? argv : (argv?.slice(1) ?? [])).get('etcd-servers');
    if (servers !== undefined && servers !== '') return servers.split(',');
  }
  return undefined;
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname);
}
