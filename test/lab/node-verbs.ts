/** What happens to machines on bad days. Each verb can be said again, also after a crash of its own, and does nothing where nothing is left to do. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDisk, upperOf } from './disk.ts';
import { describeShape, usage } from './lab-shape.ts';
import { withLock } from './lock.ts';
import { cutPower, initOf } from './machine.ts';
import { unmountBelow } from './mounts.ts';
import { disconnectNode, isUnplugged, plugIn, unplug } from './network.ts';
import { wipeMark } from './node-condition.ts';
import { parts } from './parts.ts';
import { say } from './progress.ts';
import { startNode } from './start-node.ts';
import { currentState } from './state.ts';
import type { LabState } from './state.ts';
import { machineLock, nodesOf } from './where.ts';
import type { Node } from './where.ts';

/** Does it and returns what it did, as a clause about the node. Bounded: at most 20 s for processes to end, 60 s for a boot. */
type NodeVerb = (node: Node, lab: LabState) => Promise<string>;

export const nodeVerbs: Readonly<Record<'power-cut' | 'boot' | 'wipe' | 'unplug' | 'plug', NodeVerb>> = {
  /** Nobody is told: its packets stop before its processes do. What they wrote stays on the disk, synced or not (see README.md). */
  'power-cut': async (node) => {
    const wasOn = (await initOf(node)) !== undefined;
    // also for a node that is off: a verb that died may have left a supervisor, a cgroup or a namespace
    await cutPower(node);
    await disconnectNode(node);
    return wasOn ? 'its power is cut' : 'was off already';
  },

  /** Returns when containerd listens; the cluster takes longer to come back. */
  boot: async (node, lab) => {
    if ((await initOf(node)) !== undefined) return 'was running already';
    const made = await parts(lab.etcd);
    await cutPower(node);
    await startNode(node, made);
    return (await isUnplugged(node)) ? 'booted, unplugged as it was' : 'booted';
  },

  /** Its cable stays as it is. The other members still know the one that it was. */
  wipe: async (node, lab) => {
    const made = await parts(lab.etcd);
    await cutPower(node);
    await writeFile(wipeMark(node), '');
    await unmountBelow(node.root);
    await rm(upperOf(node), { recursive: true, force: true });
    await rm(join(node.directory, 'work'), { recursive: true, force: true });
    await makeDisk(node, nodesOf(lab.count), made);
    await rm(wipeMark(node));
    await startNode(node, made);
    return 'wiped, and booted as a fresh machine';
  },

  unplug: async (node) => {
    const was = await isUnplugged(node);
    await unplug(node);
    return was ? 'was unplugged already' : 'unplugged';
  },

  plug: async (node) => {
    const was = await isUnplugged(node);
    await plugIn(node);
    return was ? 'plugged in' : 'was plugged in already';
  },
};
export type NodeVerbName = keyof typeof nodeVerbs;

export function isNodeVerb(word: string): word is NodeVerbName {
  return Object.hasOwn(nodeVerbs, word);
}

/**
 * Does it to all the nodes named, at once, and says one line for each.
 * @throws {Failure} `usage` for a name that is no node's, before anything is done; what failed on one node, when it is done on the others.
 */
export async function doToNodes(verb: NodeVerbName, names: readonly string[]): Promise<void> {
  if (names.length === 0) throw usage(`${verb} takes a node, or several`);
  await withLock({ path: machineLock, protects: 'the lab' }, async () => {
    const lab = await currentState();
    const nodes = [...new Set(names)].map((name) => namedNode(name, lab));
    const outcomes = await Promise.allSettled(
      nodes.map(async (node) => {
        say(`${node.name}: ${await nodeVerbs[verb](node, lab)}`);
      }),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  });
}

/** @throws {Failure} `usage` */
export function namedNode(name: string, lab: LabState): Node {
  const node = nodesOf(lab.count).find((candidate) => candidate.name === name);
  if (node === undefined) throw usage(`there is no node ${name} in this lab of ${describeShape(lab)}`);
  return node;
}
