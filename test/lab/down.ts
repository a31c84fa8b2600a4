/** `hack/lab down`: ends what `up` started, and takes everything away but the cache. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeCgroup } from './cgroups.ts';
import { withLock } from './lock.ts';
import { cutPower } from './machine.ts';
import { removeTree } from './mounts.ts';
import { disconnectNode, lowerBridge, refuseAnotherLab } from './network.ts';
import { say } from './progress.ts';
import { labDirectory, machineLock, mark, nodeNumber } from './where.ts';

/** Takes the lab down, also one that is half up or half down. @throws {Failure} `another-lab` where what runs is not ours. */
export async function down(): Promise<void> {
  await withLock({ path: machineLock, protects: 'the lab' }, async () => {
    await refuseAnotherLab();
    await takeDown();
    say('down');
  });
}

/** The same for who holds the lock. What is there is asked of the disk, not of the state: a crash may have left more than the state knows. */
export async function takeDown(): Promise<void> {
  const names = await readdir(join(labDirectory, 'nodes')).catch(() => []);
  const nodes = names.flatMap((name) => /^cp([1-9])$/.exec(name)?.[1] ?? []).map((digit) => nodeNumber(Number(digit)));
  await Promise.all(nodes.map(cutPower));
  for (const node of nodes) await disconnectNode(node);
  await lowerBridge();
  await removeCgroup(mark);
  await removeTree(join(labDirectory, 'nodes'));
  await removeTree(labDirectory);
}
