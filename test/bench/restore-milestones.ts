/** What a restore by hand and one by the product have in common: the points that both pass between the first stop and the last API server. */
import * as v from 'valibot';
import { peakUntil, readyAgain } from './lab-watch.ts';
import type { Peak, Ready } from './lab-watch.ts';

/** Each in seconds since the moment before the first stop. */
export interface Milestones {
  /** etcd and the API server run on no node. */
  readonly stopped: number;
  /** The new data is in place on every node. */
  readonly inPlace: number;
  /** etcd is healthy everywhere; the product has checked more than that by then. */
  readonly etcd: number;
  readonly firstApiServer: number;
  readonly lastApiServer: number;
}

export interface ProductRound {
  readonly milestones: Milestones;
  /** As the product says it took: seconds, by phase. */
  readonly phases: ReadonlyMap<string, number>;
  readonly apiServerDown: number;
  readonly etcdDown: number;
  /** The most of any agent before the first stop, and in all. */
  readonly preparingBytes: number;
  readonly agentBytes: number;
  readonly pluginBytes: number;
}

/** What `restore -o json` says when it is done, as far as it is wanted here. */
export const restoreReport = v.object({
  operation: v.string(),
  apiServerDownMs: v.number(),
  etcdDownMs: v.number(),
  phases: v.array(
    v.object({
      name: v.string(),
      begunAt: v.pipe(
        v.string(),
        v.isoTimestamp(),
        v.transform((text) => Date.parse(text)),
      ),
      tookMs: v.number(),
    }),
  ),
});
export type RestoreReport = v.InferOutput<typeof restoreReport>;

/** When the product began a phase. @throws {Error} where it has none of this name. */
export function begunAtMs({ phases }: RestoreReport, name: string): number {
  const found = phases.find((phase) => phase.name === name);
  if (found === undefined)
    throw new Error(`the restore had no phase ${name}, but ${phases.map((phase) => phase.name).join(', ')}`);
  return found.begunAt;
}

/** The product's figures: where its own phases begin, and for all else what was seen from outside. */
export function productRound(
  report: RestoreReport,
  seen: {
    readonly ready: readonly Ready[];
    readonly peaks: readonly Peak[];
    readonly nodes: readonly string[];
    readonly pluginBytes: number;
  },
): ProductRound {
  const { ready, peaks, nodes, pluginBytes } = seen;
  const firstStopMs = begunAtMs(report, 'stop-control-plane');
  const since = (atMs: number) => (atMs - firstStopMs) / 1000;
  const [firstApiServer, lastApiServer] = firstAndLast(readyAgain(ready, begunAtMs(report, 'stop-etcd')), nodes);
  return {
    milestones: {
      stopped: since(begunAtMs(report, 'exchange')),
      inPlace: since(begunAtMs(report, 'start-etcd')),
      etcd: since(begunAtMs(report, 'start-api-server')),
      firstApiServer: since(firstApiServer),
      lastApiServer: since(lastApiServer),
    },
    phases: new Map(report.phases.map(({ name, tookMs }) => [name, tookMs / 1000])),
    apiServerDown: report.apiServerDownMs / 1000,
    etcdDown: report.etcdDownMs / 1000,
    preparingBytes: peakUntil(peaks, nodes, firstStopMs),
    agentBytes: Math.max(...peaks.map(({ bytes }) => bytes)),
    pluginBytes,
  };
}

/** @throws {Error} where one of the nodes is not among them. */
export function firstAndLast(times: ReadonlyMap<string, number>, nodes: readonly string[]): [number, number] {
  const missing = nodes.filter((node) => !times.has(node));
  if (missing.length > 0) throw new Error(`the API server of ${missing.join(', ')} was not seen ready again`);
  return [Math.min(...times.values()), Math.max(...times.values())];
}
