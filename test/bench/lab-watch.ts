/** Looks at the lab from outside while it is restored: when each API server is ready, and how much memory each agent has had. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../lab/cluster.ts';
import { until } from '../lab/command.ts';
import { apiServerAilment } from '../lab/health.ts';
import type { Node } from '../lab/where.ts';
import { agentOf } from './lab-parts.ts';
import { peakBytes, resetPeak } from './peak-memory.ts';

/** An API server was asked, and said that it is ready. By the machine's clock, which is that of the nodes too. */
export interface Ready {
  readonly node: string;
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
}

/** The most memory that an agent has had since the watch began. */
export interface Peak {
  readonly node: string;
  readonly atMs: number;
  readonly bytes: number;
}

const everyMs = 200;
const answerWithinMs = 1_000;

/** @throws {Error} where a node has no agent. */
export async function watchLab({ nodes }: Lab): Promise<LabWatch> {
  const agents = await Promise.all(nodes.map(async (node) => ({ node, pid: await agentOf(node) })));
  for (const { pid } of agents) await resetPeak(pid);
  return new LabWatch(agents);
}

export class LabWatch implements AsyncDisposable {
  readonly ready: Ready[] = [];
  readonly peaks: Peak[] = [];
  readonly #nodes: readonly string[];
  readonly #stop = new AbortController();
  readonly #looking: Promise<unknown>;

  constructor(agents: readonly { readonly node: Node; readonly pid: number }[]) {
    this.#nodes = agents.map(({ node }) => node.name);
    this.#looking = Promise.all(
      agents.flatMap(({ node, pid }) => [
        this.#again(async (askedAtMs) => {
          const ailment = await apiServerAilment(node, answerWithinMs);
          if (ailment === undefined) this.ready.push({ node: node.name, askedAtMs, answeredAtMs: Date.now() });
        }),
        this.#again(async () => {
          const bytes = await peakBytes(pid);
          // Of one that has ended nothing is known any more, and `peakUntil` says so.
          if (bytes !== undefined) this.peaks.push({ node: node.name, atMs: Date.now(), bytes });
        }),
      ]),
    );
  }

  /** Waits until every API server is ready after all of them were gone. @returns when, by node. @throws {Failure} `timed-out` */
  async untilReadyAgain(goneAtMs: number, options: { readonly timeoutMs: number }): Promise<Map<string, number>> {
    await until(
      'every API server to be ready again',
      () => {
        const again = readyAgain(this.ready, goneAtMs);
        const missing = this.#nodes.filter((node) => !again.has(node));
        return Promise.resolve(missing.length === 0 ? true : `${missing.join(', ')} is not`);
      },
      { ...options, everyMs },
    );
    return readyAgain(this.ready, goneAtMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  async #again(look: (nowMs: number) => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const begunMs = Date.now();
      await look(begunMs);
      // Ended by the signal, it is over all the same.
      await sleep(Math.max(0, begunMs + everyMs - Date.now()), undefined, { signal }).catch(() => undefined);
    }
  }
}

/**
 * When each API server was ready first, of those times that it was asked after all were gone. Before that an answer proves nothing: an API
 * server that is about to be stopped says not ready and ready again while etcd loses its leader.
 */
export function readyAgain(ready: readonly Ready[], goneAtMs: number): Map<string, number> {
  const first = new Map<string, number>();
  for (const { node, askedAtMs, answeredAtMs } of ready)
    if (askedAtMs >= goneAtMs) first.set(node, Math.min(answeredAtMs, first.get(node) ?? Infinity));
  return first;
}

/** The most that any of the agents had until then: what was read first afterwards. @throws {Error} where an agent was not there then. */
export function peakUntil(peaks: readonly Peak[], nodes: readonly string[], untilMs: number): number {
  return Math.max(
    ...nodes.map((node) => {
      const next = peaks.find((peak) => peak.node === node && peak.atMs >= untilMs);
      if (next === undefined)
        throw new Error(`the agent of ${node} did not last: journalctl -u kubectl-etcd-agent there`);
      return next.bytes;
    }),
  );
}
