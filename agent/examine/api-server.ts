import type { NodeExamination } from '../../core/examination/messages.ts';
import { messageOf } from '../../core/failure.ts';
import type { ApiServerTls } from '../certificates/read.ts';
import type { Manifests } from '../host/manifest-directory.ts';
import type { HostRoot } from '../host/root.ts';
import { apiServerFlags, apiServerOf } from '../operation/workloads.ts';
import { askApiServer } from '../steps/api-server.ts';

export interface ApiServerOfNode {
  readonly etcdServers: readonly string[];
  /** Absent where it speaks plain HTTP to etcd. */
  readonly tls: ApiServerTls | undefined;
}

/** How the API server of this node goes to etcd, as its static manifest says. */
export function apiServersEtcd(manifests: Manifests, node: string): ApiServerOfNode | undefined {
  const found = apiServerFlags(manifests, node);
  if (found === undefined) return undefined;
  const { flags, file } = found;
  // What is on no volume of the host is said to be missing there, by the name that the flag has.
  const named = (flag: string) => file(flag) ?? flags.get(flag);
  const certFile = named('etcd-certfile');
  const keyFile = named('etcd-keyfile');
  return {
    etcdServers: (flags.get('etcd-servers') ?? '').split(',').filter(Boolean),
    tls:
      certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile, caFile: named('etcd-cafile') },
  };
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
