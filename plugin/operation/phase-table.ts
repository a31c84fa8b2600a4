import type { Plan } from '../../core/operation/plan.ts';
import { renderTable } from '../report/table.ts';

/** The phases of a plan, a line each: what a person reads before saying yes. */
export function phaseTable({ phases }: Pick<Plan, 'phases'>): string[] {
  const rows = phases.map(({ name, what, steps }, at) => ({
    phase: `${at + 1} ${name}`,
    on: [...new Set(steps.map(({ node }) => node))].join(' '),
    what,
  }));
  return renderTable(
    [
      { header: 'phase', cell: (row: (typeof rows)[number]) => row.phase },
      { header: 'on', cell: (row) => row.on },
      { header: 'what', cell: (row) => row.what },
    ],
    rows,
  );
}
