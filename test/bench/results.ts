/** What was measured, as the Markdown that is kept: one table a question, each with what was aimed at. */
import { cpus, totalmem } from 'node:os';

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the figures say, one sentence a line: ratios and whether the aim is met. */
  readonly findings: readonly string[];
}

export interface Circumstances {
  readonly time: Date;
  readonly versions: readonly string[];
  /** Load of the machine before the run: figures of a busy machine are worth little. */
  readonly loadBefore: number;
  readonly small: boolean;
}

/** The whole page. */
export function renderResults(circumstances: Circumstances, tables: readonly Table[]): string {
  const { time, versions, loadBefore, small } = circumstances;
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 1024 ** 3)} GiB of memory`;
  return [
    '# Figures',
    '',
    `Written by \`hack/bench\` on ${time.toISOString().slice(0, 16).replace('T', ' ')} UTC, all in one run${small ? ', **with small sizes: to try it, not to judge by**' : ''}.`,
    '',
    `- machine: ${machine}; load before the run ${loadBefore.toFixed(1)}; everything, the cluster too, shares it`,
    ...versions.map((version) => `- ${version}`),
    '',
    ...tables.flatMap(renderTable),
  ].join('\n');
}

function renderTable({ title, columns, rows, findings }: Table): string[] {
  const widths = columns.map((name, column) =>
    Math.max(3, ...[name, ...rows.map((row) => row[column] ?? '')].map((cell) => cell.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [
    `## ${title}`,
    '',
    line(columns),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    '',
    ...findings.map((finding) => `- ${finding}`),
    '',
  ];
}

export const seconds = (value: number): string => (value < 2 ? `${value.toFixed(2)} s` : `${value.toFixed(1)} s`);
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** `0.87 x etcdctl alone (aim: at most 1.25): met` */
export function judged(what: string, ratio: number, atMost: number, unit = 'x'): string {
  return `${what}: ${ratio.toFixed(2)} ${unit}, aim at most ${atMost} ${unit}: ${ratio <= atMost ? 'met' : '**missed**'}`;
}
