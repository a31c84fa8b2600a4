/** How a node is, asked of the machine: its power, its cable, its disk. What it does in the cluster is health.ts's to say. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { upperOf } from './disk.ts';
import { initOf } from './machine.ts';
import { isUnplugged } from './network.ts';
import type { Node } from './where.ts';

export interface NodeCondition {
  /** The id of its init on this machine; undefined while it is off. */
  readonly init: number | undefined;
  readonly unplugged: boolean;
  /** `fresh`: kubeadm has not been here. `half-wiped`: a wipe died; `missing`: an `up` did. */
  readonly disk: 'joined' | 'fresh' | 'half-wiped' | 'missing';
}

export async function conditionOf(node: Node): Promise<NodeCondition> {
  return { init: await initOf(node), unplugged: await isUnplugged(node), disk: diskOf(node) };
}

/** There while a node's disk is being made anew, so that nobody boots half of one. */
export const wipeMark = (node: Node): string => join(node.directory, 'wiping');

export function diskOf(node: Node): NodeCondition['disk'] {
  if (existsSync(wipeMark(node))) return 'half-wiped';
  if (!existsSync(upperOf(node))) return 'missing';
  return existsSync(join(upperOf(node), 'etc/kubernetes/kubelet.conf')) ? 'joined' : 'fresh';
}

/** What is wrong with a node, as clauses that end in the verb that puts it right. */
export function conditionAilments(name: string, { init, unplugged, disk }: NodeCondition): readonly string[] {
  if (disk === 'missing') return [`${name} has no disk: hack/lab up`];
  if (disk === 'half-wiped') return [`${name} is half wiped: hack/lab wipe ${name}`];
  return [
    ...(init === undefined ? [`${name} is off: hack/lab boot ${name}`] : []),
    ...(unplugged ? [`${name} is unplugged: hack/lab plug ${name}`] : []),
    ...(disk === 'fresh' ? [`${name} is a fresh machine: kubeadm join, or hack/lab down and up`] : []),
  ];
}
