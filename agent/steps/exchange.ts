import { rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { DataPlaces } from '../../core/operation/steps.ts';
import { isThere, renameDurably } from '../host/durable.ts';
import {
  anyThere,
  dropFolder,
  makeFolder,
  moveAll,
  moveDurably,
  namesIn,
  refuseWhileHeld,
  takenBack,
  walFiles,
} from './move-data.ts';
import { besidePaths } from './step.ts';
import type { StepContext, StepDriver } from './step.ts';

/**
 * The commit: the old member goes aside, and the new one takes its place. `member` is one rename; a WAL directory of its own may be a mount point,
 * and goes file by file, before it. What is found on the disk says how far it is: once the folder of what is kept is there, it has begun, also where
 * there is nothing to keep; and what has been taken back does not begin again.
 */
export const exchangeStep: StepDriver<'exchange'> = {
  apply: async ({ places }, context) => {
    const at = await resolved(places, context);
    await refuseWhileHeld(places, at.member, context);
    if (await anyThere([at.undone, ...(at.wal === undefined ? [] : [at.wal.leaving, at.wal.undone])]))
      throw takenBack(places, context.node);
    const built = join(at.built, 'member');
    // Both or neither, before anything moves: a new database beside an old log is worse than either.
    if (at.wal !== undefined && !(await anyThere([at.wal.built, at.wal.kept]))) throw lost(places, context.node);
    if (!(await anyThere([built, at.kept]))) throw lost(places, context.node);
    if (at.wal !== undefined) await exchangeFiles(at.wal);
    if (await isThere(built)) {
      await makeFolder(at.kept);
      if (await isThere(at.member)) await moveDurably(at.member, join(at.kept, 'member'));
      await moveDurably(built, at.member);
    } else if (!(await isThere(at.member))) throw lost(places, context.node);
    await rm(at.built, { recursive: true, force: true });
  },

  undo: async ({ places }, context) => {
    const at = await resolved(places, context);
    await refuseWhileHeld(places, at.member, context);
    const undone = join(at.undone, 'member');
    const exchanged = (await isThere(at.kept)) && !(await isThere(join(at.built, 'member')));
    if (exchanged && (await isThere(at.member)) && !(await isThere(undone))) await moveDurably(at.member, undone);
    const kept = join(at.kept, 'member');
    if (await isThere(kept)) await moveDurably(kept, at.member);
    await dropFolder(at.kept);
    if (at.wal !== undefined) await bringBackFiles(at.wal);
  },
};

interface WalPlaces {
  readonly wal: string;
  readonly built: string;
  readonly entering: string;
  readonly kept: string;
  readonly leaving: string;
  readonly undone: string;
}

/** As this process finds them. */
async function resolved(places: DataPlaces, { root }: StepContext) {
  const beside = besidePaths(places);
  const here = (path: string) => root.here(path);
  const { walDir } = places;
  const { builtWal, keptWal, undoneWal } = beside;
  const wal: WalPlaces | undefined =
    walDir === undefined || builtWal === undefined || keptWal === undefined || undoneWal === undefined
      ? undefined
      : {
          wal: await here(walDir),
          built: await here(builtWal),
          entering: await here(`${builtWal}.entering`),
          kept: await here(keptWal),
          leaving: await here(`${undoneWal}.leaving`),
          undone: await here(undoneWal),
        };
  return {
    member: await here(posix.join(places.dataDir, 'member')),
    built: await here(beside.built),
    kept: await here(beside.kept),
    undone: await here(beside.undone),
    wal,
  };
}

/**
 * Two stages, each of which can be gone through again: while `built` is there, what lies in the directory is old and goes aside; from its rename
 * to `entering` on, what lies there is new.
 */
async function exchangeFiles({ wal, built, entering, kept }: WalPlaces): Promise<void> {
  if (await isThere(built)) {
    await makeFolder(kept);
    await moveAll(await walFiles(wal), wal, kept);
    await renameDurably(built, entering);
  }
  await moveAll(await namesIn(entering), entering, wal);
  await dropFolder(entering);
}

/** The same backwards: until `leaving` is called `undone`, what lies in the directory is new; from then on it is old. */
async function bringBackFiles({ wal, built, entering, kept, leaving, undone }: WalPlaces): Promise<void> {
  const begun = (await isThere(kept)) && !(await isThere(built));
  if (begun && !(await isThere(undone))) {
    if (await isThere(entering)) await renameDurably(entering, leaving);
    await makeFolder(leaving);
    await moveAll(await walFiles(wal), wal, leaving);
    await renameDurably(leaving, undone);
  }
  await moveAll(await namesIn(kept), kept, wal);
  await dropFolder(kept);
}

function lost({ dataDir, besideData }: DataPlaces, node: string): Failure {
  return new Failure({
    reason: 'data-lost',
    what: `there is no member in ${dataDir}, and none that was built for it`,
    node,
    why: `somebody has taken away what was in ${besideData}`,
    next: 'kubectl etcd operation rollback brings back what was kept',
  });
}
