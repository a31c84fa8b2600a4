import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.ts';
import type { StepOf } from '../../core/operation/steps.ts';
import { MemberClient } from '../etcd/member-client.ts';
import { GrpcError } from '../grpc/session.ts';
import { shownToOthers } from './check.ts';
import { namesIn } from './move-data.ts';
import type { StepContext, StepDriver } from './step.ts';

const answerWithinMs = 2_000;
const lookEveryMs = 200;
/** The kubelet's back-off after some crashes is a minute and more; one that has not come up by then does not. */
const downForMs = 90_000;
/** One that was killed by a probe may go on; one that ends again and again does so for a reason. */
const mostRestarts = 3;
const stalledAfterMs = 600_000;

/**
 * Waits until the etcd of this node has what another had a moment ago. A new member takes a snapshot of the whole database first, and serves nobody
 * meanwhile: then its files tell how far it is, and whether it still runs.
 */
export const catchUpStep: StepDriver<'catch-up'> = {
  apply: async (step, context) => {
    const { node, signal, progress } = context;
    const begunMs = performance.now();
    let movedAtMs = begunMs;
    let runningAtMs = begunMs;
    let last = '';
    const restartsBefore = (await context.etcdProcess()).restarts ?? 0;
    for (;;) {
      const goal = await appliedBy(step, context);
      const own = await ownStatus(context);
      if (own !== undefined && goal !== undefined && own.raftAppliedIndex >= goal.raftAppliedIndex)
        return { revision: own.header.revision, tookMs: Math.round(performance.now() - begunMs) };
      const nowMs = performance.now();
      const takenBytes = own === undefined ? await bytesTaken(step, context) : own.dbSize;
      const state = `${own?.raftAppliedIndex ?? 0} ${takenBytes}`;
      if (state !== last) movedAtMs = nowMs;
      last = state;
      const { state: process, restarts = 0, lastError } = await context.etcdProcess();
      const running = own !== undefined || process === 'running';
      if (running) runningAtMs = nowMs;
      const isDown = nowMs - runningAtMs > downForMs || restarts - restartsBefore > mostRestarts;
      if (isDown || nowMs - movedAtMs > stalledAfterMs)
        throw new Failure({
          reason: 'member-not-in-sync',
          what: `etcd does not catch up with ${step.ahead.name}`,
          node,
          why: isDown ? (lastError ?? `it is ${process}`) : `nothing has moved for ${stalledAfterMs / 60_000} min`,
          next: `kubectl etcd logs ${node}; then resume`,
        });
      if (own === undefined || goal === undefined)
        progress(running ? 'taking the data of the others' : 'waiting for etcd to run', takenBytes, step.sizeBytes);
      else progress(`catching up: ${own.raftAppliedIndex} of ${goal.raftAppliedIndex} entries`);
      await sleep(lookEveryMs, undefined, { signal });
    }
  },

  undo: () => Promise.resolve(),
};

async function ownStatus(context: StepContext) {
  try {
    using client = new MemberClient(await context.etcd());
    return await client.status(answerWithinMs);
  } catch (thrown) {
    if (!(thrown instanceof GrpcError)) throw thrown;
    return undefined;
  }
}

/** Undefined where it does not answer at the moment. */
async function appliedBy({ ahead }: StepOf<'catch-up'>, context: StepContext) {
  try {
    const { credentials } = await context.etcd();
    using client = new MemberClient({ url: ahead.url, credentials: shownToOthers(credentials) });
    return await client.status(answerWithinMs);
  } catch (thrown) {
    if (!(thrown instanceof GrpcError)) throw thrown;
    return undefined;
  }
}

/** A snapshot arrives as a temporary file, and becomes the database by a rename. */
async function bytesTaken({ places, sizeBytes }: StepOf<'catch-up'>, { root }: StepContext): Promise<number> {
  const folder = await root.here(`${places.dataDir}/member/snap`);
  const sizes = await Promise.all(
    (await namesIn(folder)).map(async (name) => (await lstat(join(folder, name)).catch(() => undefined))?.size ?? 0),
  );
  return Math.min(Math.max(0, ...sizes), sizeBytes);
}
