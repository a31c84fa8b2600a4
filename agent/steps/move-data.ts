/** The renames by which a member's data goes aside and comes back; each either has happened or not, and can be gone through again. */
import { mkdir, readdir, rename, rmdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Failure, systemCode } from '../../core/failure.ts';
import type { DataPlaces } from '../../core/operation/steps.ts';
import { isThere, renameDurably } from '../host/durable.ts';
import { syncPath } from '../host/sync-tree.ts';
import { holderOf } from './data-holder.ts';
import type { StepContext } from './step.ts';

/** What etcd writes into its WAL directory, and nothing else that may lie in it: `lost+found`, or a folder of ours. */
export async function walFiles(directory: string): Promise<string[]> {
  return (await namesIn(directory)).filter((name) => /\.(?:wal|tmp|broken)$/.test(name));
}

/** None where there is no such folder. One that cannot be read is no empty one: what is in it would be mixed with what comes. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}

export async function moveAll(names: readonly string[], from: string, to: string): Promise<void> {
  if (names.length === 0) return;
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of names) {
    await refuseTaken(join(to, name));
    await rename(join(from, name), join(to, name));
  }
  await syncPath(to);
  await syncPath(from);
}

export async function moveDurably(from: string, to: string): Promise<void> {
  await refuseTaken(to);
  await renameDurably(from, to);
}

/** A rename would put one in the place of the other. */
async function refuseTaken(path: string): Promise<void> {
  if (!(await isThere(path))) return;
  throw new Failure({
    reason: 'data-came-back',
    what: `there is something in the place of what is to be moved: ${path}`,
    why: 'somebody has put it there meanwhile: an etcd that was started by hand, say',
    next: 'on the node: see what it is, and move it elsewhere; then resume or rollback',
  });
}

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await syncPath(posix.dirname(path));
}

/** Takes away a folder that has become empty; what somebody else has put into it stays. */
export async function dropFolder(path: string): Promise<void> {
  await rmdir(path).catch((thrown: unknown) => {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(thrown) ?? '')) throw thrown;
  });
}

export async function anyThere(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) if (await isThere(path)) return true;
  return false;
}

/** bbolt locks its file: who holds it is asked of the kernel, not of a runtime that may not know. */
export async function refuseWhileHeld(
  { dataDir }: Pick<DataPlaces, 'dataDir'>,
  member: string,
  { root, node }: Pick<StepContext, 'root' | 'node'>,
): Promise<void> {
  const pid = await holderOf(join(member, 'snap/db'), root);
  if (pid === undefined) return;
  throw new Failure({
    reason: 'data-in-use',
    what: `somebody still uses the data in ${dataDir}`,
    node,
    why: `the process ${pid} holds the lock on its database`,
    next: `on the node: ps -fp ${pid}; stop it, then resume`,
  });
}

export function takenBack({ dataDir }: DataPlaces, node: string): Failure {
  return new Failure({
    reason: 'being-rolled-back',
    what: `the old data of ${dataDir} has been brought back already, or is on its way`,
    node,
    next: 'kubectl etcd operation rollback goes on with that',
    exit: 5,
  });
}
