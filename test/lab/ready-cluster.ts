/**
 * Copies of the disks of a ready cluster. kubeadm takes a minute and a half for three nodes; booting from copies takes a third of that.
 * Every lab from the same copies is the same cluster: the same certificates, the same kube-system UID, the same etcd ids.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cached, fingerprint, forgetOthers } from './cache.ts';
import { run } from './command.ts';
import { copyDisk, nodeFiles, upperOf } from './disk.ts';
import { kubectlOnNode, leaders } from './health.ts';
import { cutPower, runOnNode } from './machine.ts';
import { removeTree, unmountBelow } from './mounts.ts';
import type { Parts } from './parts.ts';
import { cacheDirectory } from './where.ts';
import type { EtcdVersion, Node } from './where.ts';

/** kubeadm's certificates last a year: older copies are not used any more. */
const useForDays = 180;

export interface ReadyCluster {
  readonly name: string;
  readonly path: string;
}

/** Where the copies of such a lab are or will be: another name for anything that makes another cluster. */
export async function readyCluster(
  shape: { readonly count: number; readonly etcd: EtcdVersion },
  parts: Parts,
): Promise<ReadyCluster> {
  const inputs = [parts.base, parts.kubernetes.path, parts.etcd.path].map((path) => basename(path));
  const entries = await readdir(nodeFiles, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sources = ['kubeadm.ts', 'disk.ts', 'where.ts', 'ready-cluster.ts'].map((name) =>
    join(import.meta.dirname, name),
  );
  const name = `${prefix(shape)}${await fingerprint(inputs, [...files.sort(), ...sources])}`;
  return { name, path: join(cacheDirectory, name) };
}

const prefix = (shape: { readonly count: number; readonly etcd: EtcdVersion }): string =>
  `ready-${shape.count}-etcd${shape.etcd}-`;

/** Whether there are copies, and young enough. */
export async function isKept(ready: ReadyCluster): Promise<boolean> {
  if (!existsSync(ready.path)) return false;
  const ageDays = (Date.now() - (await stat(ready.path)).mtimeMs) / 86_400_000;
  if (ageDays < useForDays) return true;
  await removeTree(ready.path);
  return false;
}

/** Gives a node the disk it had in the ready cluster. */
export async function thawDisk(ready: ReadyCluster, node: Node, parts: Parts): Promise<void> {
  await copyDisk(node, join(ready.path, node.name), parts);
}

/**
 * Stops a healthy cluster in good order, ends its nodes and keeps their disks under the ready cluster's name.
 *
 * The order matters for how fast the copies come up: controllers go first so that their leases can be deleted (a lease that nobody renews
 * must be watched for 15 s before another may lead); the API servers before etcd, because one that loses its etcd takes half a minute to give up;
 * and no container is left, because a kubelet would look after the dead ones first.
 */
export async function freeze(
  ready: ReadyCluster,
  nodes: readonly Node[],
  shape: { readonly count: number; readonly etcd: EtcdVersion },
): Promise<void> {
  const everywhere = async (...argv: readonly string[]): Promise<void> => {
    await Promise.all(nodes.map((node) => runOnNode(node, argv, { timeoutMs: 60_000 })));
  };
  await everywhere('systemctl', 'stop', 'kubelet');
  await everywhere('/opt/lab/stop-containers', 'KILL', ...leaders);
  const [first] = nodes;
  if (first !== undefined) {
    await runOnNode(first, [
      ...kubectlOnNode,
      '-n',
      'kube-system',
      'delete',
      'lease',
      '--ignore-not-found',
      ...leaders,
    ]);
  }
  await everywhere('/opt/lab/stop-containers', 'KILL', 'kube-apiserver');
  await everywhere('/opt/lab/stop-containers', 'TERM', 'etcd');
  await everywhere('/opt/lab/stop-containers', 'KILL', 'pause');
  await everywhere('systemctl', 'stop', 'containerd');
  await Promise.all(nodes.map(cutPower));
  await cached({
    name: ready.name,
    what: 'copies of the ready cluster',
    async make({ directory }) {
      for (const node of nodes) {
        await unmountBelow(node.root);
        const upper = upperOf(node);
        for (const scrap of ['var/log', 'run', 'tmp']) {
          await rm(join(upper, scrap), { recursive: true, force: true });
        }
        await mkdir(directory, { recursive: true });
        await run(['cp', '-a', '--sparse=always', upper, join(directory, node.name)], { node: node.name });
      }
    },
  });
  await forgetOthers({ prefix: prefix(shape), keep: ready.name });
}
