import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { formatNames, formatValue, parseOutputFormat } from '../report/output.ts';
import { renderTable } from '../report/table.ts';
import { formatAge } from '../report/units.ts';
import { fenceLine, fencesNow } from './fenced.ts';
import { gatherAll, standing } from './gather.ts';
import type { Gathered } from './gather.ts';
import { documentOf, looked, nextLines } from './one-operation.ts';
import type { CommandParts } from './one-operation.ts';

/** `operation list` */
export async function runList({ surroundings, open, flags }: CommandParts): Promise<ExitCode> {
  const { terminal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml', 'name']);
  const { found, fences } = await lookedAtAll(surroundings, open);
  if (format === 'json' || format === 'yaml')
    terminal.print(formatValue({ operations: found.map(documentOf), fences }, format));
  else if (format === 'name')
    terminal.print(
      formatNames(
        'operation',
        found.map(({ plan }) => plan.id),
      ),
    );
  else if (found.length === 0) terminal.note('There are no operations.');
  else {
    const lines = renderTable(
      [
        { header: 'operation', cell: ({ plan }: Gathered) => plan.id },
        { header: 'what', cell: ({ plan }) => plan.title, givesWay: true },
        { header: 'state', cell: standing },
        {
          header: 'started',
          cell: ({ plan }) => `${formatAge(Date.now() - Date.parse(plan.createdAt))} ago, by ${plan.by}`,
        },
      ],
      found,
      { widthColumns: terminal.widthColumns, paint: terminal.paint },
    );
    terminal.print(lines.map((line) => `${line}\n`).join(''));
    for (const operation of found.filter((each) => each.open)) terminal.note(nextLines(operation));
  }
  if (format === 'table') for (const fence of fences) terminal.note(fenceLine(fence));
  return exitCode.done;
}

async function lookedAtAll(surroundings: Surroundings, open: () => Promise<Reach>) {
  const { signal } = surroundings;
  const { found } = await looked(surroundings, open, async (reach) => {
    const [operations, fences] = await Promise.all([gatherAll(reach, signal), fencesNow(reach, signal)]);
    return { operations, fences };
  });
  return { found: found.operations, fences: found.fences };
}
