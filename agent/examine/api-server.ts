import type { NodeExamination } from '../../core/examination/messages.ts';
import { messageOf } from '../../core/failure.ts';
import type { ApiServerTls } from '../certificates/read.ts';
import { readFlags } from '../host/flags.ts';
import type { Manifests } from '../host/manifest-directory.ts';
import type { HostRoot } from '../host/root.ts';
import { containerRunning } from '../host/static-manifest.ts';
import { apiServerOf } from '../operation/workloads.ts';
import { askApiServer } from '../steps/api-server.ts';

export interface ApiServerOfNode {
  readonly etcdServers: readonly string[];
  /** Absent where it speaks plain HTTP to etcd. */
  readonly tls: ApiServerTls | undefined;
}

/** How the API server of this node goes to etcd, as its static manifest says. */
export function apiServersEtcd({ pods }: Manifests, node: string): ApiServerOfNode | undefined {
  for (const { pod } of pods) {
    const container = containerRunning(pod, 'kube-apiserver', node);
    if (container === undefined) continue;
    const flags = readFlags(container.argv[0]?.startsWith('-') === true ? container.argv : container.argv.slice(1));
    const file = (flag: string) => {
      const inside = flags.get(flag);
      return inside === undefined ? undefined : (container.hostPath(inside) ?? inside);
    };
    const certFile = file('etcd-certfile');
    const keyFile = file('etcd-keyfile');
    return {
      etcdServers: (flags.get('etcd-servers') ?? '').split(',').filter(Boolean),
      tls:
        certFile === undefined || keyFile === undefined
          ? undefined
          : { certFile, keyFile, caFile: file('etcd-cafile') },
    };
  }
  return undefined;
}

/** Whether the API server of this node serves, in its own words. Never fails, and never takes longer than the signal. */
export async function examineApiServer(
  manifests: Manifests,
  { root, node, signal }: { readonly root: HostRoot; readonly node: string; readonly signal: AbortSignal },
): Promise<NodeExamination['apiServer']> {
  const found = apiServerOf(manifests, node);
  if (found === undefined) return undefined;
  const { url } = found.place;
  const etcdServers = [...(apiServersEtcd(manifests, node)?.etcdServers ?? [])];
  try {
    const { status, body } = await askApiServer(found.place, { path: '/readyz' }, { root, signal });
    // One that lets nobody in whom it does not know is up.
    if ([200, 401, 403].includes(status)) return { url, etcdServers, state: 'ready' };
    const failed = body.split('\n').filter((line) => line.startsWith('[-]'));
    return { url, etcdServers, state: 'not-ready', why: (failed.join(', ') || `HTTP ${status}`).slice(0, 200) };
  } catch (thrown) {
    const why = signal.aborted ? 'no answer in time' : messageOf(thrown);
    return { url, etcdServers, state: 'silent', why: why.slice(0, 200) };
  }
}
