import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentAccess } from './access.ts';
import type { Peers } from './peers.ts';
import { spread } from './spread.ts';

const lookEveryMs = 60_000;
/** While a node was not told, and after a start: others may be starting too. */
const againAfterMs = 10_000;
/** All is told when it changes; this is for what got lost. */
const tellAllEveryMs = 10 * 60_000;

/**
 * What goes on by itself until `signal`: the certificate is renewed, the others hear of this node's addresses, and this one of what they know.
 * Nothing here fails: who cannot be reached is told later.
 */
export async function keepAccess(options: {
  readonly access: AgentAccess;
  readonly peers: Peers;
  /** Puts this node into its register; whether that was new. */
  readonly announce: () => Promise<boolean>;
  readonly onLook: (nowMs: number) => void;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { access, peers, onLook, signal } = options;
  let toldAtMs = -Infinity;
  let missing = true;
  while (!signal.aborted) {
    access.renewIfDue(Date.now());
    onLook(Date.now());
    if (access.isEnrolled) {
      const isNew = await options.announce().catch(() => false);
      if (isNew || missing || performance.now() - toldAtMs > tellAllEveryMs) {
        missing = await spread({ access, peers }, signal).then(
          ({ unreached }) => unreached.length > 0,
          () => true,
        );
        toldAtMs = performance.now();
      }
    }
    const nextMs = Math.min(access.isEnrolled && missing ? againAfterMs : lookEveryMs, access.renewsInMs(Date.now()));
    await timeToLook(access, nextMs, signal);
  }
}

/** The time has passed, or there is an authority at last. */
async function timeToLook(access: AgentAccess, afterMs: number, signal: AbortSignal): Promise<void> {
  const passed = new AbortController();
  const either = AbortSignal.any([signal, passed.signal]);
  const sleeping = sleep(afterMs, undefined, { signal: either, ref: false });
  const waited = access.isEnrolled ? [sleeping] : [sleeping, access.changed(either)];
  await Promise.race(waited).catch(() => undefined);
  passed.abort();
  await Promise.allSettled(waited);
}
