/**
 * A node's disk: an overlay of the cached layers and of one directory that holds everything the node has written. That directory is what a
 * ready cluster's copy keeps and what a wipe removes. containerd's state is beside it, because an overlay does not stack on an overlay.
 */
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';
import { copySeed } from './containerd-seed.ts';
import { mountsBelow } from './mounts.ts';
import type { Parts } from './parts.ts';
import type { Node } from './where.ts';

/** What lies on every node, at the same paths as in the directory `node` here. */
export const nodeFiles = join(import.meta.dirname, 'node');

export function upperOf(node: Node): string {
  return join(node.directory, 'upper');
}

/** A new node's disk: the system, and what is the node's own. Not mounted yet. */
export async function makeDisk(node: Node, nodes: readonly Node[], parts: Parts): Promise<void> {
  const upper = upperOf(node);
  await mkdir(upper, { recursive: true });
  await cp(nodeFiles, upper, { recursive: true, verbatimSymlinks: true });
  for (const script of ['prepare-node', 'stop-containers']) await chmod(join(upper, 'opt/lab', script), 0o755);
  const hosts = nodes.map(({ address, name }) => `${address} ${name}\n`);
  await writeFile(join(upper, 'etc/hostname'), `${node.name}\n`);
  await writeFile(join(upper, 'etc/hosts'), `127.0.0.1 localhost\n${hosts.join('')}`);
  // nobody serves names: refused at once, instead of 5 s of silence in the kubelet's start
  await writeFile(join(upper, 'etc/resolv.conf'), 'nameserver 127.0.0.1\n');
  await writeFile(join(upper, 'opt/lab/node.env'), `NODE_NAME=${node.name}\nNODE_ADDRESS=${node.address}\n`);
  await makeContainerdState(node, parts);
}

/** A disk with the content of a kept one. `cp -a` keeps overlayfs' own marks (extended attributes, character devices for what was removed). */
export async function copyDisk(node: Node, keptUpper: string, parts: Parts): Promise<void> {
  await mkdir(node.directory, { recursive: true });
  await run(['cp', '-a', '--sparse=always', keptUpper, upperOf(node)], { node: node.name });
  await makeContainerdState(node, parts);
}

async function makeContainerdState(node: Node, parts: Parts): Promise<void> {
  const state = containerdStateOf(node);
  await rm(state, { recursive: true, force: true });
  await copySeed(parts.containerdSeed, state);
}

export function containerdStateOf(node: Node): string {
  return join(node.directory, 'containerd');
}

/** Mounts the disk at `node.root` where it is not mounted yet. */
export async function mountDisk(node: Node, parts: Parts): Promise<void> {
  if ((await mountsBelow(node.root)).includes(node.root)) return;
  const work = join(node.directory, 'work');
  if (existsSync(work)) await rm(work, { recursive: true });
  await mkdir(work);
  await mkdir(node.root, { recursive: true });
  const layers = [parts.etcd.nodeLayer, parts.kubernetes.nodeLayer, parts.base].join(':');
  // `index` would tie the upper directory to the inodes of the one it was copied from
  const options = `lowerdir=${layers},upperdir=${upperOf(node)},workdir=${work},index=off,redirect_dir=off,metacopy=off`;
  await run(['mount', '-t', 'overlay', 'overlay', '-o', options, node.root], { node: node.name });
}
