import { setTimeout as sleep } from 'node:timers/promises';
import { standingFences } from '../../core/access/register.ts';
import type { AgentAccess } from './access.ts';
import type { Peers } from './peers.ts';
import { spread } from './spread.ts';

const lookEveryMs = 60_000;
/** While a node was not told, and after a start: others may be starting too. */
const againAfterMs = 10_000;
/** While a node is fenced and may not know: it is to be stopped within 10 s of being reached, and stopping takes some of them. */
const fencedAgainAfterMs = 3_000;
/** Changes come in bursts: a revocation, and what the others answer to it. */
const settledAfterMs = 3_000;
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
  let toldAllAtMs = -Infinity;
  /** The register that each of the others was told last. */
  let told = new Map<string, string>();
  while (!signal.aborted) {
    access.renewIfDue(Date.now());
    onLook(Date.now());
    if (access.isEnrolled) {
      await options.announce().catch(() => false);
      if (performance.now() - toldAllAtMs > tellAllEveryMs) {
        told = new Map();
        toldAllAtMs = performance.now();
      }
      // Whoever changed it has told those that were there; who was away hears of it from here on.
      const untold = untoldOf(peers, told, access);
      if (untold.length > 0) {
        const text = JSON.stringify(access.register);
        const reached = await spread({ access, peers }, signal, untold).catch(() => ({ told: [] }));
        for (const node of reached.told) told.set(node, text);
      }
    }
    const againMs = standingFences(access.register).length > 0 ? fencedAgainAfterMs : againAfterMs;
    const missing = access.isEnrolled && untoldOf(peers, told, access).length > 0;
    const nextMs = Math.min(missing ? againMs : lookEveryMs, access.renewsInMs(Date.now()));
    await timeToLook(access, nextMs, signal);
  }
}

function untoldOf(peers: Peers, told: ReadonlyMap<string, string>, { register }: AgentAccess): string[] {
  const text = JSON.stringify(register);
  return peers
    .others()
    .map(({ name }) => name)
    .filter((name) => told.get(name) !== text);
}

/** The time has passed, or something has changed: at once where that may be the first authority, else when the changes have settled. */
async function timeToLook(access: AgentAccess, afterMs: number, signal: AbortSignal): Promise<void> {
  const wasEnrolled = access.isEnrolled;
  const passed = new AbortController();
  const either = AbortSignal.any([signal, passed.signal]);
  const sleeping = sleep(afterMs, undefined, { signal: either, ref: false });
  const changing = access
    .changed(either)
    .then(() => (wasEnrolled ? sleep(settledAfterMs, undefined, { signal: either, ref: false }) : undefined));
  const waited = [sleeping, changing];
  await Promise.race(waited).catch(() => undefined);
  passed.abort();
  await Promise.allSettled(waited);
}
