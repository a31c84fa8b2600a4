import { allSteps } from '../../core/operation/plan.ts';
import type { Plan } from '../../core/operation/plan.ts';
import { phaseTimes, spanMs } from '../../core/operation/times.ts';
import type { Reach } from '../link/reach.ts';
import { formatValue } from '../report/output.ts';
import type { OutputFormat } from '../report/output.ts';
import type { Terminal } from '../report/terminal.ts';
import { formatDuration } from '../report/units.ts';
import { wordsOf } from './kinds.ts';
import { keptOn } from './session.ts';

/** What an operation took, when it is done. */
export async function printReport(parts: {
  readonly reach: Reach;
  readonly plan: Plan;
  readonly terminal: Terminal;
  readonly format: OutputFormat;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { reach, plan, terminal, format, signal } = parts;
  const { kept } = await keptOn(reach, plan.id, signal);
  const journals = new Map([...kept].map(([node, { journal }]) => [node, journal]));
  const times = phaseTimes(plan, journals);
  const took = {
    wholeMs: spanMs(times, times[0]?.phase.name ?? '', times.at(-1)?.phase.name ?? ''),
    apiServerDownMs: spanMs(times, 'stop-control-plane', 'start-api-server'),
    etcdDownMs: spanMs(times, 'stop-etcd', 'check'),
  };
  const warnings = [...journals.values()]
    .flat()
    .flatMap((record) => (record.event === 'done' ? warningIn(record.result) : []));
  if (format === 'json' || format === 'yaml') {
    const phases = times.map(({ phase, begunMs, endedMs }) => ({
      name: phase.name,
      begunAt: new Date(begunMs).toISOString(),
      tookMs: endedMs === undefined ? null : endedMs - begunMs,
    }));
    terminal.print(
      formatValue(
        {
          operation: plan.id,
          title: plan.title,
          outcome: 'done',
          ...took,
          phases,
          warnings,
          aftermath: plan.aftermath ?? [],
        },
        format,
      ),
    );
    return;
  }
  const downtimes = [
    took.apiServerDownMs === undefined ? '' : `API server down ${formatDuration(took.apiServerDownMs)}`,
    took.etcdDownMs === undefined ? '' : `etcd down ${formatDuration(took.etcdDownMs)}`,
  ].filter(Boolean);
  terminal.print(
    `${wordsOf(plan).done} in ${formatDuration(took.wholeMs ?? 0)}${downtimes.length === 0 ? '' : `: ${downtimes.join(', ')}`}. ` +
      `Operation ${plan.id}${keptWords(plan)}\n`,
  );
  for (const warning of warnings) terminal.note(`warning: ${warning}`);
  for (const { what, next } of plan.aftermath ?? [])
    terminal.note(`Aftermath: ${what}${next === undefined ? '' : `: ${next}`}`);
}

function keptWords(plan: Plan): string {
  const kinds = new Set(allSteps(plan).map(({ does }) => does.kind));
  const kept =
    kinds.has('exchange') || kinds.has('set-aside')
      ? 'the old data is'
      : kinds.has('exchange-certificates')
        ? 'the old certificates are'
        : undefined;
  return kept === undefined ? '' : `; ${kept} kept on the nodes: kubectl etcd kept list`;
}

function warningIn(result: unknown): string[] {
  if (typeof result !== 'object' || result === null || !('warning' in result)) return [];
  return [String(result.warning)];
}
