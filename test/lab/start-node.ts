/** From a disk to a running node. */
import { Failure } from '../../core/failure.ts';
import { mountDisk } from './disk.ts';
import { boot } from './machine.ts';
import { connectNode } from './network.ts';
import { diskOf } from './node-condition.ts';
import type { Parts } from './parts.ts';
import type { Node } from './where.ts';

/** Mounts the node's disk, gives it a network, with its cable as it was, and boots it. @throws {Failure} `no-disk` */
export async function startNode(node: Node, made: Parts): Promise<void> {
  const disk = diskOf(node);
  if (disk === 'missing' || disk === 'half-wiped') {
    throw new Failure({
      ...{ reason: 'no-disk', what: `the disk is ${disk}`, node: node.name },
      next: disk === 'missing' ? 'hack/lab up' : `hack/lab wipe ${node.name}`,
    });
  }
  await mountDisk(node, made);
  await connectNode(node);
  await boot(node);
}
