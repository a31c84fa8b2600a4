import { formatValue } from '../report/output.ts';
import type { OutputFormat } from '../report/output.ts';
import { oneLine, paintNothing } from '../report/text.ts';
import type { Paint, Style } from '../report/text.ts';
import type { Diagnosis } from './diagnose.ts';
import type { Finding, Severity } from './finding.ts';

const styles: Readonly<Record<Severity, Style>> = { critical: 'red', warning: 'yellow', info: 'dim' };
const indent = ' '.repeat(10);

/** The diagnosis as text for standard output: the answer first, then each finding with its evidence and what to type. */
export function renderDiagnosis(
  diagnosis: Diagnosis,
  { format, paint = paintNothing }: { readonly format: OutputFormat; readonly paint?: Paint },
): string {
  if (format === 'json' || format === 'yaml') return formatValue(diagnosis, format);
  const lines = [headline(diagnosis), ...diagnosis.findings.flatMap((finding) => ['', ...linesOf(finding, paint)])];
  return lines.map((line) => `${line}\n`).join('');
}

function headline({ cluster, critical, warnings, infos, quorum }: Diagnosis): string {
  const name = oneLine(cluster.name);
  const notes = infos === 0 ? [] : [counted(infos, 'note')];
  if (critical + warnings > 0) {
    const counts = [
      ...(critical === 0 ? [] : [`${critical} critical`]),
      ...(warnings === 0 ? [] : [counted(warnings, 'warning')]),
      ...notes,
    ];
    return `${name}: ${counts.join(', ')}`;
  }
  const members = `${quorum.voting} of ${counted(quorum.voters, 'member')} vote`;
  return [`${name}: nothing is wrong (${members})`, ...notes].join('; ');
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function linesOf({ severity, what, evidence, commands }: Finding, paint: Paint): string[] {
  const [only, ...more] = commands;
  const toDo =
    more.length === 0 ? (only === undefined ? [] : [`-> ${only}`]) : commands.map((each, at) => `${at + 1}. ${each}`);
  return [
    `${paint(styles[severity], severity.toUpperCase())}${indent.slice(severity.length)}${oneLine(what)}`,
    ...evidence.map((line) => `${indent}${oneLine(line)}`),
    ...toDo.map((line) => `${indent}${oneLine(line)}`),
  ];
}
