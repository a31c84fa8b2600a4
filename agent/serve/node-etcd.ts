import { Failure } from '../../core/failure.ts';
import type { Configuration } from '../configuration.ts';
import { chooseCredentials } from '../host/credentials.ts';
import { detectEtcd } from '../host/detect.ts';
import type { EtcdHost } from '../host/host.ts';
import { HostRoot } from '../host/root.ts';
import { StaticPodEtcd } from '../host/static-pod.ts';
import type { NodeEtcd } from './routes.ts';

/** etcd of this node for the routes: whichever driver finds it, with the credentials that go with what was found. */
export function nodeEtcd({ node, hostRoot, processDirectory }: Configuration): NodeEtcd {
  const root = new HostRoot(hostRoot);
  const host = () => detectEtcd({ root, node, processDirectory });
  return {
    find: async () => (await host()).find(),
    process: async () => (await host()).state(),
    endpoint: async () => {
      const { etcd, tls } = await (await host()).find();
      const url = etcd.clientUrl;
      return { url, credentials: tls === undefined ? {} : await chooseCredentials({ root, tls, clientUrl: url }) };
    },
    logs: async function* (query, signal) {
      const log = (await host().catch((thrown: unknown) => hostOfLogs(thrown, root, node))).logs({ ...query, signal });
      for await (const chunk of log as AsyncIterable<Buffer | string>) yield Buffer.from(chunk);
    },
  };
}

/** A manifest that was moved away leaves its containers' logs behind, and they are wanted most just then. */
function hostOfLogs(thrown: unknown, root: HostRoot, node: string): EtcdHost {
  if (thrown instanceof Failure && thrown.reason === 'etcd-not-found') return new StaticPodEtcd({ root, node });
  throw thrown;
}
