import { constants } from 'node:fs';
import { cp, open, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { openFile } from '../../core/snapshot/source.ts';
import { readSummary } from '../../core/snapshot/summary.ts';
import { SnapshotHash } from '../../core/snapshot/checksum.ts';
import { openSnapshot } from '../etcd/snapshot.ts';
import { syncPath, syncTree } from '../host/sync-tree.ts';
import { isThere } from '../host/durable.ts';
import type { StepContext, StepDriver } from './step.ts';
import type { StepOf } from '../../core/operation/steps.ts';

/**
 * What is there before anything is touched, once more: a snapshot of this member, which needs no quorum; where it does not answer, a copy of its
 * database and its write-ahead log. It stays when the operation is done, and `kept list` shows it.
 */
export const safeguardStep: StepDriver<'safeguard'> = {
  apply: async (step, context) => {
    const saved = join(context.folder, step.file);
    if ((await isThere(saved)) || (await isThere(copyOf(saved)))) return undefined;
    try {
      return await saveFromMember(step, context);
    } catch (thrown) {
      if (context.signal.aborted || !(thrown instanceof Failure)) throw thrown;
      return await copyFiles(step, context, thrown);
    }
  },

  // It is no harm, and may be all there is.
  undo: () => Promise.resolve(),
};

async function saveFromMember({ file }: StepOf<'safeguard'>, { etcd, node, folder, signal, progress }: StepContext) {
  const { source, bytes, end } = await openSnapshot(await etcd(), node, signal);
  const path = join(folder, file);
  const part = `${path}.part`;
  const hash = new SnapshotHash();
  {
    await using handle = await open(part, 'w', 0o600);
    for await (const piece of bytes) {
      hash.update(piece);
      for (let at = 0; at < piece.length;) at += (await handle.write(piece, at)).bytesWritten;
      progress('saving what is there', hash.sizeBytes, source.dbSizeBytes);
    }
    await handle.sync();
  }
  const { sizeBytes, trailer, contentSha256 } = hash.finish();
  if (trailer !== 'matches' || contentSha256 !== end().sha256)
    throw new Failure({ reason: 'snapshot-damaged', what: 'what etcd sent does not agree with its checksum', node });
  await using saved = await openFile(part);
  const { revision } = await readSummary(saved);
  await rename(part, path);
  await syncPath(folder);
  return { file, sizeBytes, revision };
}

/** Of a member that does not answer. The database alone lacks what is only in the write-ahead log. */
async function copyFiles({ file, places }: StepOf<'safeguard'>, context: StepContext, because: Failure) {
  const { root, folder, progress } = context;
  const member = await root.here(`${places.dataDir}/member`);
  if (!(await isThere(member))) return { nothing: `there is no member in ${places.dataDir}` };
  progress('copying what is there');
  const copy = join(folder, copyOf(file));
  const part = `${copy}.part`;
  await rm(part, { recursive: true, force: true });
  // Shares the blocks where the file system can.
  const options = { recursive: true, preserveTimestamps: true, mode: constants.COPYFILE_FICLONE } as const;
  await cp(member, join(part, 'member'), options);
  if (places.walDir !== undefined) {
    const wal = await root.here(places.walDir);
    // Where it is a mount point, what earlier operations keep lies in it as well.
    const filter = (path: string) => path === wal || basename(path) !== '.kubectl-etcd';
    await cp(wal, join(part, 'wal'), { ...options, filter });
  }
  await syncTree(part);
  await rename(part, copy);
  await syncPath(folder);
  return { file: copyOf(file), because: because.message };
}

function copyOf(file: string): string {
  return `${file}.copy`;
}
