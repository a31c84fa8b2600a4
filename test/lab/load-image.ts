/** `hack/lab image`: the agent's image in every node's containerd, where the manifests' imagePullPolicy finds it. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAgentImage } from './agent-image.ts';
import { withLock } from './lock.ts';
import { runOnNode } from './machine.ts';
import { say } from './progress.ts';
import { currentState } from './state.ts';
import { labDirectory, machineLock, nodesOf } from './where.ts';

/**
 * Loads a docker-archive into every node, or the agent's image as dist/ has it now; returns its reference, or the archive's path.
 * Pods that run keep the image they began with: delete them.
 */
export async function loadAgentImage(archive: string | undefined): Promise<string> {
  return await withLock({ path: machineLock, protects: 'the lab' }, () => load(archive));
}

async function load(archive: string | undefined): Promise<string> {
  const state = await currentState();
  const own = join(labDirectory, 'agent-image.tar');
  const reference = archive === undefined ? await writeAgentImage(own) : archive;
  if (archive === undefined) say(`built ${reference}`);
  await Promise.all(
    nodesOf(state.count).map(async (node) => {
      await runOnNode(node, ['ctr', '-n', 'k8s.io', 'images', 'import', '-'], {
        stdinFile: archive ?? own,
        timeoutMs: 120_000,
      });
      say(`${node.name} has ${reference}`);
    }),
  );
  await rm(own, { force: true });
  return reference;
}
