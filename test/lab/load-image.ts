/** `hack/lab image`: the agent's image in the containerd of every node that is on, where the manifests' imagePullPolicy finds it. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { writeAgentImage } from './agent-image.ts';
import { withLock } from './lock.ts';
import { initOf, runOnNode } from './machine.ts';
import { say } from './progress.ts';
import { currentState } from './state.ts';
import { labDirectory, machineLock, nodesOf } from './where.ts';
import type { Node } from './where.ts';

/**
 * Loads a docker-archive into every node that is on, or the agent's image as dist/ has it now, and names the others; returns its reference, or
 * the archive's path. Pods that run keep the image they began with: delete them.
 * @throws {Failure} `node-off` where none is on
 */
export async function loadAgentImage(archive: string | undefined): Promise<string> {
  return await withLock({ path: machineLock, protects: 'the lab' }, () => load(archive));
}

async function load(archive: string | undefined): Promise<string> {
  const { on, off } = await nodesByPower();
  if (on.length === 0)
    throw new Failure({ reason: 'node-off', what: 'no node is running', next: `hack/lab boot ${names(off)}` });
  const own = join(labDirectory, 'agent-image.tar');
  const reference = archive === undefined ? await writeAgentImage(own) : archive;
  if (archive === undefined) say(`built ${reference}`);
  await Promise.all(
    on.map(async (node) => {
      await runOnNode(node, ['ctr', '-n', 'k8s.io', 'images', 'import', '-'], {
        stdinFile: archive ?? own,
        timeoutMs: 120_000,
      });
      say(`${node.name} has ${reference}`);
    }),
  );
  await rm(own, { force: true });
  if (off.length > 0) say(`not on, and without it: hack/lab boot ${names(off)}, then hack/lab image again`);
  return reference;
}

async function nodesByPower(): Promise<{ readonly on: readonly Node[]; readonly off: readonly Node[] }> {
  const { count } = await currentState();
  const nodes = await Promise.all(
    nodesOf(count).map(async (node) => ({ node, isOn: (await initOf(node)) !== undefined })),
  );
  const those = (wanted: boolean) => nodes.filter(({ isOn }) => isOn === wanted).map(({ node }) => node);
  return { on: those(true), off: those(false) };
}

function names(nodes: readonly Node[]): string {
  return nodes.map(({ name }) => name).join(' ');
}
