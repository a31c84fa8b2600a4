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

/** One part's: when and on what it was measured, and its tables. */
export function renderSection(circumstances: Circumstances, tables: readonly Table[]): string {
  const { time, versions, loadBefore, small } = circumstances;
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 1024 ** 3)} GiB of memory`;
  return [
    `Measured on ${time.toISOString().slice(0, 16).replace('T', ' ')} UTC, in one run${small ? ', **with small sizes: to try it, not to judge by**' : ''}:`,
    '',
    `- machine: ${machine}; load before the run ${loadBefore.toFixed(1)}; everything, the cluster too, shares it`,
    ...versions.map((version) => `- ${version}`),
    '',
    ...tables.flatMap(renderTable),
  ].join('\n');
}

const title =
  '# Figures\n\nWritten by `hack/bench`: it replaces the parts that it measures, and leaves the others as they are.\n';

/** The whole page, each part behind a mark with its name. */
export function renderResults(sections: ReadonlyMap<string, string>): string {
  return [title, ...[...sections].map(([part, section]) => `<!-- ${part} -->\n\n${section}`)].join('\n');
}

/** The parts of a page as `renderResults` wrote it. */
export function readSections(page: string): Map<string, string> {
  const [, ...marked] = page.split(/^<!-- ([a-z-]+) -->\n\n/m);
  const sections = new Map<string, string>();
  for (let at = 0; at + 1 < marked.length; at += 2)
    sections.set(marked[at] ?? '', (marked[at + 1] ?? '').replace(/\n+$/, '\n'));
  return sections;
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
