/** etcd and its tools from Debian's packages: for the image of the static pod, and for the lab's own use on the nodes. */
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { unpackPackages } from './packages.ts';
import { etcdSuites } from './where.ts';
import type { EtcdVersion } from './where.ts';

export interface EtcdBinaries {
  readonly path: string;
  /** etcd, etcdctl and (from 3.5 on) etcdutl. */
  readonly binaries: readonly string[];
  /** A layer of the nodes' disks: the tools in /opt/lab, off the PATH, because a node of kubeadm's has none. */
  readonly nodeLayer: string;
}

export async function etcdBinaries(version: EtcdVersion): Promise<EtcdBinaries> {
  const path = await cached({
    name: `etcd-${version}-1`,
    what: `etcd ${version} of Debian's ${etcdSuites[version]}`,
    async make({ directory }) {
      const unpacked = join(directory, 'packages');
      await unpackPackages({ suite: etcdSuites[version], packages: ['etcd-server', 'etcd-client'], into: unpacked });
      const tools = join(directory, 'node/opt/lab');
      await mkdir(tools, { recursive: true });
      for (const name of await readdir(join(unpacked, 'usr/bin'))) {
        if (name !== 'etcd') await copyFile(join(unpacked, 'usr/bin', name), join(tools, name));
      }
    },
  });
  const directory = join(path, 'packages/usr/bin');
  const names = (await readdir(directory)).sort();
  return { path, binaries: names.map((name) => join(directory, name)), nodeLayer: join(path, 'node') };
}
