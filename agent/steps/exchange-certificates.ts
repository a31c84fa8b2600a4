import { posix } from 'node:path';
import { chmod, stat } from 'node:fs/promises';
import { Failure } from '../../core/failure.ts';
import type { StepOf } from '../../core/operation/steps.ts';
import { freshFolder, keptFolder } from '../certificates/beside.ts';
import { isThere, renameDurably } from '../host/durable.ts';
import { syncPath } from '../host/sync-tree.ts';
import type { StepContext, StepDriver } from './step.ts';

/**
 * Old files aside, new ones in their place, a rename each. While a new file still waits, what lies in its place is old; once it has gone, what lies there is
 * new: so it can be gone through again, in both directions.
 */
export const exchangeCertificatesStep: StepDriver<'exchange-certificates'> = {
  apply: async (step, context) => {
    for (const each of await placesOf(step, context)) await exchange(each, context);
  },

  undo: async (step, context) => {
    for (const each of (await placesOf(step, context)).reverse()) await bringBack(each);
  },
};

interface Place {
  /** As this process finds them. */
  readonly file: string;
  readonly fresh: string;
  readonly old: string;
  readonly had: boolean;
  /** As the host calls it. */
  readonly called: string;
}

async function placesOf(
  { pairs }: StepOf<'exchange-certificates'>,
  { root, operation }: StepContext,
): Promise<Place[]> {
  const files = pairs.flatMap(({ certFile, keyFile, hadCert, hadKey }) => [
    { path: keyFile, had: hadKey },
    { path: certFile, had: hadCert },
  ]);
  return Promise.all(
    files.map(async ({ path, had }) => {
      const real = await root.canonical(path);
      const name = posix.basename(real);
      return {
        file: await root.here(real),
        fresh: await root.here(posix.join(freshFolder(real, operation), name)),
        old: await root.here(posix.join(keptFolder(real, operation), name)),
        ...{ had, called: path },
      };
    }),
  );
}

async function exchange({ file, fresh, old, had, called }: Place, { node }: StepContext): Promise<void> {
  const [hasFresh, hasOld, hasFile] = await Promise.all([isThere(fresh), isThere(old), isThere(file)]);
  if (!hasFresh) {
    if (hasFile && (hasOld || !had)) return;
    throw new Failure({
      reason: 'certificate-not-issued',
      what: `there is no new file for ${called}`,
      node,
      next: 'kubectl etcd operation rollback: nothing is lost',
    });
  }
  if (hasFile && (hasOld || !had)) throw cameBack(called, node);
  if (hasFile) {
    await renameDurably(file, old);
    // The key was nobody else's before either; a certificate in the same folder shall not tempt anybody.
    await chmod(old, 0o600);
    await syncPath(old);
  }
  await renameDurably(fresh, file);
}

async function bringBack({ file, fresh, old, had }: Place): Promise<void> {
  const [hasFresh, hasOld, hasFile] = await Promise.all([isThere(fresh), isThere(old), isThere(file)]);
  // The new one back to where it waits: taking the issuing back deletes it.
  if (!hasFresh && hasFile && (hasOld || !had)) await renameDurably(file, fresh);
  if (!hasOld) return;
  // The new one has the mode that the old one had.
  const like = await stat(fresh).catch(() => undefined);
  if (like !== undefined) await chmod(old, like.mode & 0o7777);
  await renameDurably(old, file);
}

function cameBack(called: string, node: string): Failure {
  return new Failure({
    reason: 'certificate-came-back',
    what: `there is a file ${called} again`,
    node,
    why: 'it was moved aside, and somebody has put another in its place',
    next: 'on the node: see which one is meant, and move the other away; then resume or rollback',
  });
}
