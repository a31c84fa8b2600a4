import type { Configuration } from '../configuration.ts';
import type { MemberEndpoint } from '../etcd/member-client.ts';
import { chooseCredentials } from '../host/credentials.ts';
import type { EtcdHost } from '../host/host.ts';
import { ProcessEtcd } from '../host/process.ts';
import { HostRoot } from '../host/root.ts';
import type { NodeEtcd } from './routes.ts';

/** etcd of this node for the routes: whichever driver finds it, with the credentials that go with what was found. */
export function nodeEtcd({ hostRoot, processDirectory }: Configuration): NodeEtcd {
  const root = new HostRoot(hostRoot);
  const host = (): Promise<EtcdHost> =>
    Promise.resolve(new ProcessEtcd({ root, folder: processDirectory ?? '' }));
  return {
    find: async () => (await (await host()).find()).etcd,
    process: async () => (await host()).state(),
    endpoint: async (): Promise<MemberEndpoint> => {
      const { etcd, tls } = await (await host()).find();
      const url = etcd.clientUrl;
      return { url, credentials: tls === undefined ? {} : await chooseCredentials({ root, tls, clientUrl: url }) };
    },
    logs: async function* ({ previous, tailLines, follow }, signal) {
      for await (const chunk of (await host()).logs({ previous, tailLines, follow, signal }) as AsyncIterable<Buffer | string>)
        yield Buffer.from(chunk);
    },
  };
}
