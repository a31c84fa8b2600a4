/** How long things took, from the journals: by the clocks of the nodes, which agree to a second or so. */
import type { JournalRecord } from './journal.ts';
import type { Phase, Plan } from './plan.ts';

export interface PhaseTime {
  readonly phase: Phase;
  readonly begunMs: number;
  /** Undefined where it has not ended. */
  readonly endedMs: number | undefined;
}

/** Phases that have begun, in the plan's order. Of steps that were done more than once the last time counts. */
export function phaseTimes(plan: Plan, journals: ReadonlyMap<string, readonly JournalRecord[]>): PhaseTime[] {
  const begun = new Map<string, number>();
  const ended = new Map<string, number>();
  for (const record of [...journals.values()].flat()) {
    if (record.event === 'begun' && !begun.has(record.step)) begun.set(record.step, Date.parse(record.at));
    if (record.event === 'done') ended.set(record.step, Date.parse(record.at));
  }
  return plan.phases.flatMap((phase) => {
    const starts = phase.steps.flatMap(({ id }) => begun.get(id) ?? []);
    if (starts.length === 0) return [];
    const ends = phase.steps.flatMap(({ id }) => ended.get(id) ?? []);
    return [
      {
        phase,
        begunMs: Math.min(...starts),
        endedMs: ends.length === phase.steps.length ? Math.max(...ends) : undefined,
      },
    ];
  });
}

/** From the beginning of one phase to the end of another; undefined where either is not known. */
export function spanMs(times: readonly PhaseTime[], from: string, to: string): number | undefined {
  const begunMs = times.find(({ phase }) => phase.name === from)?.begunMs;
  const endedMs = times.find(({ phase }) => phase.name === to)?.endedMs;
  return begunMs === undefined || endedMs === undefined ? undefined : endedMs - begunMs;
}
