/** What the product is measured against: the written procedure, done by a script on all nodes at once, without a look at anything. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../lab/cluster.ts';
import { run } from '../lab/command.ts';
import type { Node } from '../lab/where.ts';
import { cleaningUp } from './cleaning-up.ts';
import { etcdctlSave, onNode } from './lab-parts.ts';
import { watchLab } from './lab-watch.ts';
import type { LabWatch } from './lab-watch.ts';
import { firstAndLast } from './restore-milestones.ts';
import type { Milestones } from './restore-milestones.ts';
import * as line from './runbook-lines.ts';
import type { RunbookPlaces } from './runbook-lines.ts';

const withinSeconds = 300;

/**
 * Saves the lab's etcd and restores it on all nodes, timed from the moment before the first manifest is moved.
 * @throws {Error} saying at which step and on which nodes it stopped; the old data is in its place again then.
 */
export async function runbookRound(lab: Lab): Promise<Milestones> {
  const token = `bench-${Date.now().toString(36)}`;
  const places = line.placesFor(token);
  await saveAndCopy(lab);
  // What is still on its way to the disk would be counted against the restore.
  await run(['sync']);
  await using watch = await watchLab(lab);
  return await orTakenBack(lab, places, () => restoreAll({ lab, places, token, watch }));
}

async function restoreAll({
  lab,
  places,
  token,
  watch,
}: {
  readonly lab: Lab;
  readonly places: RunbookPlaces;
  readonly token: string;
  readonly watch: LabWatch;
}): Promise<Milestones> {
  const initialCluster = lab.nodes.map((node) => `${node.name}=${peerUrl(node)}`).join(',');
  const begunMs = Date.now();
  const since = (atMs: number) => (atMs - begunMs) / 1000;
  await onAll(lab, 'moving the manifests away', () => line.park(places));
  await onAll(lab, 'waiting until etcd and the API server are gone', () => line.untilGone);
  const goneMs = Date.now();
  await onAll(lab, 'restoring the snapshot', (node) =>
    line.exchange(places, { name: node.name, peerUrl: peerUrl(node), initialCluster, token }),
  );
  const inPlaceMs = Date.now();
  await onAll(lab, 'waiting until etcd is healthy', () => line.untilEtcd);
  const etcdMs = Date.now();
  await onAll(lab, 'moving the other manifests back', () => line.unpark(places));
  const ready = await watch.untilReadyAgain(goneMs, { timeoutMs: withinSeconds * 1000 });
  const [first, last] = firstAndLast(
    ready,
    lab.nodes.map(({ name }) => name),
  );
  return {
    stopped: since(goneMs),
    inPlace: since(inPlaceMs),
    etcd: since(etcdMs),
    firstApiServer: since(first),
    lastApiServer: since(last),
  };
}

async function saveAndCopy(lab: Lab): Promise<void> {
  const [first, ...others] = lab.nodes;
  if (first === undefined) throw new Error('a lab without nodes');
  const { code, stderr } = await lab.on(first.name, etcdctlSave);
  if (code !== 0) throw new Error(`${first.name}: etcdctl does not save: ${stderr}`);
  for (const node of others) await copyFile(join(first.root, onNode), join(node.root, onNode));
}

/** With half of it done the lab would be of no use to anybody. */
async function orTakenBack<Value>(lab: Lab, places: RunbookPlaces, work: () => Promise<Value>): Promise<Value> {
  let done = false;
  return await cleaningUp(
    async () => {
      const value = await work();
      done = true;
      return value;
    },
    async () => {
      if (done) return;
      await onAll(lab, 'going back: moving the manifests away', () => line.parkRest(places));
      await onAll(lab, 'going back: waiting until etcd and the API server are gone', () => line.untilGone);
      await onAll(lab, 'going back: putting the old data back', () => line.takeBack(places));
      await onAll(lab, 'going back: putting the manifests back', () => line.unpark(places));
      await cleanNodes(lab);
    },
  );
}

/** Takes away what rounds have left, of this run and of one that was killed. */
export async function cleanNodes(lab: Lab): Promise<void> {
  await onAll(lab, 'deleting what the runbook has left', () => line.clean);
}

/** A line of the procedure on all nodes at once. @throws {Error} for every node that fails, when none is at it any more. */
async function onAll(lab: Lab, what: string, lineFor: (node: Node) => string): Promise<void> {
  const failed = await Promise.all(
    lab.nodes.map(async (node) => {
      const { code, stderr } = await lab.on(node.name, ['timeout', String(withinSeconds), 'sh', '-c', lineFor(node)]);
      if (code === 0) return [];
      const why = code === 124 ? `not within ${withinSeconds} s` : stderr.trim().split('\n').slice(-3).join(' | ');
      return [`${node.name}: ${why || `exit code ${code}`}`];
    }),
  );
  if (failed.flat().length > 0) throw new Error(`the runbook stopped at ${what}:\n  ${failed.flat().join('\n  ')}`);
}

const peerUrl = ({ address }: Node): string => `https://${address}:2380`;
