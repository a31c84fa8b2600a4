/** `hack/lab up`: whatever state the lab is in, afterwards it is up, or there is a sentence that says why not. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, exitCode, messageOf } from '../../core/failure.ts';
import { makeDisk } from './disk.ts';
import { takeDown } from './down.ts';
import { setProbes } from './etcd-probes.ts';
import { ailments, untilHealthy, untilScheduling } from './health.ts';
import { describeShape } from './lab-shape.ts';
import type { LabShape } from './lab-shape.ts';
import { withLock } from './lock.ts';
import { makeCluster } from './kubeadm.ts';
import { plugIn, raiseBridge, refuseAnotherLab } from './network.ts';
import { conditionOf } from './node-condition.ts';
import { parts } from './parts.ts';
import type { Parts } from './parts.ts';
import { say } from './progress.ts';
import { freeze, isKept, readyCluster, thawDisk } from './ready-cluster.ts';
import { startNode } from './start-node.ts';
import { readState, writeState } from './state.ts';
import type { LabState } from './state.ts';
import { apiServerPort, kubeconfigPath, machineLock, nodesOf } from './where.ts';
import type { Node } from './where.ts';

/** Brings the lab up. @throws {Failure} `other-lab-up` (refused) where a lab of another shape runs. */
export async function up(shape: LabShape): Promise<void> {
  await withLock({ path: machineLock, protects: 'the lab' }, () => bringUp(shape));
}

async function bringUp(shape: LabShape): Promise<void> {
  await refuseAnotherLab();
  const state = await readState();
  if (state !== undefined) {
    refuseAnotherShape(state, shape);
    if (await isRepaired(state)) return;
    await takeDown();
  }
  const made = await parts(shape.etcd);
  const nodes = nodesOf(shape.count);
  const ready = await readyCluster(shape, made);
  if (!(await isKept(ready))) {
    await writeState({ ...shape, phase: 'starting' });
    await makeReadyCluster({ shape, nodes, made });
    await freeze(ready, nodes, shape);
    await takeDown();
  }
  await writeState({ ...shape, phase: 'starting' });
  await raiseBridge();
  await Promise.all(nodes.map((node) => thawDisk(ready, node, made)));
  await Promise.all(nodes.map((node) => setProbes(node, shape.probes)));
  say(`${nodes.length} disks copied from ${ready.path}`);
  await Promise.all(nodes.map((node) => start(node, made)));
  await untilHealthy(nodes, { timeoutMs: 180_000 });
  say('every API server is ready, every member of etcd healthy');
  await untilScheduling(nodes, { timeoutMs: 60_000 });
  await writeKubeconfig(nodes);
  await writeState({ ...shape, phase: 'ready' });
  say(`up: ${describeShape(shape)}`);
}

function refuseAnotherShape(state: LabState, shape: LabShape): void {
  if (state.count === shape.count && state.etcd === shape.etcd && state.probes === shape.probes) return;
  throw new Failure({
    reason: 'other-lab-up',
    what: `a lab with ${describeShape(state)} is up, not one with ${describeShape(shape)}`,
    next: 'hack/lab down, then up again',
    exit: exitCode.refused,
  });
}

/**
 * Whether the lab that is there serves now, after booting what is off (a power cut, the machine's restart).
 * One that never was ready, or does not come back, is not worth saving: its data is a test's.
 */
async function isRepaired(state: LabState): Promise<boolean> {
  if (state.phase === 'starting') {
    say('an `up` ended before the lab was ready: starting anew');
    return false;
  }
  const nodes = nodesOf(state.count);
  const conditions = await Promise.all(nodes.map(async (node) => ({ node, ...(await conditionOf(node)) })));
  const off = conditions.filter(({ init }) => init === undefined).map(({ node }) => node);
  if (off.length === 0 && (await ailments(nodes)).length === 0) {
    say(`already up: ${describeShape(state)}`);
    return true;
  }
  if (conditions.some(({ disk }) => disk !== 'joined')) {
    say('a node was wiped: starting anew');
    return false;
  }
  try {
    await Promise.all(nodes.map(plugIn));
    if (off.length > 0) {
      const made = await parts(state.etcd);
      await raiseBridge();
      await Promise.all(off.map((node) => start(node, made)));
    }
    say('waiting for the lab that is there to be healthy');
    await untilHealthy(nodes, { timeoutMs: 90_000 });
    say(`up again: ${describeShape(state)}`);
    return true;
  } catch (thrown) {
    say(`${messageOf(thrown)}: starting anew`);
    return false;
  }
}

async function makeReadyCluster(options: {
  readonly shape: LabShape;
  readonly nodes: readonly Node[];
  readonly made: Parts;
}): Promise<void> {
  const { nodes, made } = options;
  say(`making a cluster with ${describeShape(options.shape)}, to keep copies of (once a machine)`);
  await raiseBridge();
  for (const node of nodes) await makeDisk(node, nodes, made);
  await Promise.all(nodes.map((node) => start(node, made)));
  await makeCluster(nodes);
  await untilHealthy(nodes, { timeoutMs: 120_000 });
  await untilScheduling(nodes, { timeoutMs: 60_000 });
}

async function start(node: Node, made: Parts): Promise<void> {
  await startNode(node, made);
  say(`${node.name} booted`);
}

/** kubeadm's file names the first node, which this machine cannot resolve; its address is in the certificate. Full power: 0600. */
async function writeKubeconfig(nodes: readonly Node[]): Promise<void> {
  const [first] = nodes;
  if (first === undefined) return;
  const original = await readFile(join(first.root, 'etc/kubernetes/admin.conf'), 'utf8');
  const content = original.replace(/server: https:\/\/\S+/, `server: https://${first.address}:${apiServerPort}`);
  await writeFile(`${kubeconfigPath}.part`, content, { mode: 0o600 });
  await rename(`${kubeconfigPath}.part`, kubeconfigPath);
}
