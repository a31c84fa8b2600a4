import { posix } from 'node:path';
import { isThere, renameDurably } from '../host/durable.ts';
import { Failure } from '../../core/failure.ts';
import type { DataPlaces } from '../../core/operation/steps.ts';
import {
  anyThere,
  dropFolder,
  makeFolder,
  moveAll,
  namesIn,
  refuseWhileHeld,
  takenBack,
  walFiles,
} from './move-data.ts';
import { besidePaths } from './step.ts';
import type { StepContext, StepDriver } from './step.ts';

/**
 * The old member goes aside, its write-ahead log first, and nothing comes in its place. What is moved is gathered in a folder `….moving`, which gets
 * its name when all of it is in it: as long as it is called so, what lies in the old place is old; from then on it is new, also where there was
 * nothing to move.
 */
export const setAsideStep: StepDriver<'set-aside'> = {
  apply: async ({ places, hadMember }, context) => {
    const [data, ...wal] = await piecesOf(places, context);
    await refuseWhileHeld(places, data.here('member'), context);
    if (await anyThere([data, ...wal].map(({ undone }) => undone))) throw takenBack(places, context.node);
    if (hadMember && !(await anyThere([data.here('member'), data.moving, data.kept]))) throw gone(places, context.node);
    for (const piece of [...wal, data]) await aside(piece);
  },

  undo: async ({ places }, context) => {
    const pieces = await piecesOf(places, context);
    await refuseWhileHeld(places, pieces[0].here('member'), context);
    for (const piece of pieces) await back(piece);
  },
};

/** A folder with what of it is the member's, and where that goes: on the same file system. Paths as this process finds them. */
interface Piece {
  readonly folder: string;
  readonly here: (name: string) => string;
  readonly names: () => Promise<string[]>;
  readonly moving: string;
  readonly kept: string;
  readonly undone: string;
}

async function piecesOf(places: DataPlaces, { root }: StepContext): Promise<[data: Piece, ...wal: Piece[]]> {
  const { kept, keptWal, undone, undoneWal } = besidePaths(places);
  const piece = async (
    folder: string,
    namesOf: (directory: string) => Promise<string[]>,
    to: { readonly kept: string; readonly undone: string },
  ): Promise<Piece> => {
    const directory = await root.here(folder);
    return {
      folder: directory,
      here: (name) => posix.join(directory, name),
      names: () => namesOf(directory),
      moving: await root.here(`${to.kept}.moving`),
      kept: await root.here(to.kept),
      undone: await root.here(to.undone),
    };
  };
  const member = async (directory: string) => (await namesIn(directory)).filter((name) => name === 'member');
  const data = await piece(places.dataDir, member, { kept, undone });
  if (places.walDir === undefined || keptWal === undefined || undoneWal === undefined) return [data];
  return [data, await piece(places.walDir, walFiles, { kept: keptWal, undone: undoneWal })];
}

async function aside({ folder, names, moving, kept }: Piece): Promise<void> {
  if (await isThere(kept)) return;
  await makeFolder(moving);
  await moveAll(await names(), folder, moving);
  await renameDurably(moving, kept);
}

/** What has come meanwhile goes to `undone`, gathered as above; then what was there before comes back. */
async function back({ folder, names, moving, kept, undone }: Piece): Promise<void> {
  if (await isThere(kept)) {
    const leaving = `${undone}.moving`;
    if (!(await isThere(undone))) {
      await makeFolder(leaving);
      await moveAll(await names(), folder, leaving);
      await renameDurably(leaving, undone);
    }
    await renameDurably(kept, moving);
  }
  await moveAll(await namesIn(moving), moving, folder);
  await dropFolder(moving);
  // Nothing had come.
  await dropFolder(undone);
}

function gone({ dataDir }: DataPlaces, node: string): Failure {
  return new Failure({
    reason: 'data-lost',
    what: `there is no member in ${dataDir} any more`,
    node,
    why: 'there was one when the operation was planned, and nobody has put it aside',
    next: 'see what has become of it; then kubectl etcd operation rollback, and begin anew',
  });
}
