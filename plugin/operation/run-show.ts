import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { phaseTimes } from '../../core/operation/times.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { renderTable } from '../report/table.ts';
import { formatDuration } from '../report/units.ts';
import { fenceLine, fencesNow } from './fenced.ts';
import { standing } from './gather.ts';
import type { Gathered } from './gather.ts';
import { documentOf, lookedAtOne, nextLines } from './one-operation.ts';
import type { OfOne } from './one-operation.ts';

/** `operation show` */
export async function runShow(options: OfOne): Promise<ExitCode> {
  const { surroundings, flags } = options;
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const { found, reach } = await lookedAtOne(options);
  const fences = (await fencesNow(reach, signal)).filter(({ operation }) => operation === found.plan.id);
  if (format === 'json' || format === 'yaml') {
    const journals = Object.fromEntries(found.journals);
    terminal.print(formatValue({ ...documentOf(found), plan: found.plan, journals, fences }, format));
    return exitCode.done;
  }
  terminal.print(showLines(found));
  if (found.open) terminal.note(nextLines(found));
  for (const fence of fences) terminal.note(fenceLine(fence));
  return exitCode.done;
}

function showLines(operation: Gathered): string {
  const { plan, journals, state } = operation;
  const times = phaseTimes(plan, journals);
  const rows = plan.phases.map((phase) => {
    const time = times.find((each) => each.phase === phase);
    const steps = phase.steps.map(({ id, node }) => ({ node, state: state.steps.get(id) ?? 'open' }));
    const [different] = steps.filter((step) => step.state !== steps[0]?.state);
    const whole =
      different === undefined
        ? (steps[0]?.state ?? 'open')
        : steps.map((step) => `${step.node} ${step.state}`).join(', ');
    const took = time?.endedMs === undefined ? '' : formatDuration(time.endedMs - time.begunMs);
    return { name: phase.name, on: [...new Set(phase.steps.map(({ node }) => node))].join(' '), whole, took };
  });
  const failures = [...journals].flatMap(([node, records]) =>
    records.flatMap((record) =>
      'failure' in record
        ? [
            `${record.at} ${node}: ${record.failure.what}${record.failure.why === undefined ? '' : `: ${record.failure.why}`}`,
          ]
        : [],
    ),
  );
  return [
    `${plan.id}   ${plan.title}   ${standing(operation)}`,
    `by ${plan.by} at ${plan.createdAt}, cluster ${plan.cluster.name}`,
    '',
    ...renderTable(
      [
        { header: 'phase', cell: ({ name }: (typeof rows)[number]) => name },
        { header: 'on', cell: ({ on }) => on },
        { header: 'state', cell: ({ whole }) => whole },
        { header: 'took', cell: ({ took }) => took },
      ],
      rows,
    ),
    ...((plan.aftermath ?? []).length === 0
      ? []
      : [
          '',
          'Aftermath:',
          ...(plan.aftermath ?? []).map(({ what, next }) => `  ${what}${next === undefined ? '' : `: ${next}`}`),
        ]),
    ...(failures.length === 0 ? [] : ['', 'What failed:', ...failures.map((line) => `  ${line}`)]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}
