import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.ts';
import { openFile } from '../../core/snapshot/source.ts';
import { verifySnapshot } from '../../core/snapshot/verify.ts';
import { isThere } from '../host/durable.ts';
import { syncPath } from '../host/sync-tree.ts';
import type { StepOf } from '../../core/operation/steps.ts';
import type { StepContext, StepDriver } from './step.ts';

const awayForMs = 30_000;
const againAfterMs = 500;
const syncedEveryBytes = 32 * 1024 ** 2;

/** A snapshot comes onto the node and every page of it is verified there: what was sent well may have been written badly. */
export const receiveStep: StepDriver<'receive'> = {
  apply: async (step, context) => {
    const { file, from } = step;
    const path = join(context.folder, file);
    if (!(await isThere(path))) {
      if (from === undefined)
        throw new Failure({
          reason: 'file-not-sent',
          what: 'the snapshot has not arrived here',
          node: context.node,
          next: 'run the command with the snapshot again',
        });
      await fetched(step, from, context);
    }
    await using source = await openFile(path);
    const verdict = await verifySnapshot({
      source,
      signal: context.signal,
      onProgress: (done, total) => context.progress('verifying', done, total),
    });
    if (verdict.sound && verdict.sha256 === step.sha256) return;
    // Not this file again, when it is asked for once more.
    await rm(path, { force: true });
    throw new Failure({
      reason: 'snapshot-damaged',
      what: 'the snapshot that was stored on this node is damaged',
      node: context.node,
      why: verdict.problems[0]?.text ?? 'its sha256 is another',
      next: 'look at the disk of this node; the command can be run again',
    });
  },

  undo: async ({ file }, { folder }) => {
    await rm(join(folder, file), { force: true });
    await rm(join(folder, `${file}.part`), { force: true });
  },
};

/** From the agent of another node, which may just be starting anew. */
async function fetched(step: StepOf<'receive'>, from: string, context: StepContext): Promise<void> {
  const endMs = performance.now() + awayForMs;
  for (;;)
    try {
      const onBytes = (doneBytes: number) => context.progress(`from ${from}`, doneBytes, step.sizeBytes);
      await takeIn(step, context.fetch(from, step.file), context, onBytes);
      return;
    } catch (thrown) {
      const away = thrown instanceof Failure && ['agent-unreachable', 'agent-silent'].includes(thrown.reason);
      if (!away || performance.now() > endMs) throw thrown;
      context.progress(`waiting for the agent of ${from}`);
      await sleep(againAfterMs, undefined, { signal: context.signal });
    }
}

/** Stores what arrives; under its name only when its length and its sha256 are those that were announced. */
export async function takeIn(
  step: { readonly file: string; readonly sizeBytes: number; readonly sha256: string },
  bytes: AsyncIterable<Buffer>,
  { folder, node }: Pick<StepContext, 'folder' | 'node'>,
  onBytes: (doneBytes: number) => void,
): Promise<void> {
  const path = join(folder, step.file);
  const part = `${path}.part`;
  const hash = createHash('sha256');
  let arrivedBytes = 0;
  let syncedBytes = 0;
  {
    await using handle = await open(part, 'w', 0o600);
    for await (const piece of bytes) {
      hash.update(piece);
      arrivedBytes += piece.length;
      // What has no end would fill the disk.
      if (arrivedBytes > step.sizeBytes) break;
      for (let at = 0; at < piece.length;) at += (await handle.write(piece, at)).bytesWritten;
      // Little by little: all at once at the end, etcd's own writes would wait for a gigabyte of ours.
      if (arrivedBytes - syncedBytes > syncedEveryBytes) {
        await handle.datasync();
        syncedBytes = arrivedBytes;
      }
      onBytes(arrivedBytes);
    }
    await handle.sync();
  }
  if (arrivedBytes !== step.sizeBytes || hash.digest('hex') !== step.sha256)
    throw new Failure({
      reason: 'stream-damaged',
      what: 'what arrived is not the snapshot that was announced',
      node,
      why: `${arrivedBytes} of ${step.sizeBytes} bytes`,
      next: 'run the command again',
    });
  await rename(part, path);
  await syncPath(folder);
}
