import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { AgentReport } from '../../core/protocol/messages.ts';
import type { FoundAccess } from './access-directory.ts';
import { described, summary } from './run-save.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { reachByAccessFile } from '../link/access-file.ts';
import type { NodeView } from '../link/reach.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { renderTable } from '../report/table.ts';
import { reportsFrom } from '../status/observe.ts';

/** Whose the file is, until when, and which of its nodes answer: 3 where one does not. */
export async function runAccessShow(options: {
  readonly find: () => Promise<FoundAccess>;
  readonly flags: { readonly output?: string };
  readonly surroundings: Surroundings;
}): Promise<ExitCode> {
  const { find, flags, surroundings } = options;
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const { path, access } = await find();
  using progress = new Progress(terminal, 'reaching the agents');
  const reach = await reachByAccessFile(path, signal);
  const reports = await reportsFrom(reach, reach.nodes, signal);
  progress.end();
  const rows = reach.nodes.map((node) => ({ node, report: reports.get(node.name) }));
  if (format === 'json' || format === 'yaml') {
    const agents = rows.map(({ node, report }) => ({
      node: node.name,
      addresses: node.addresses,
      answers: isReport(report),
      problem: report instanceof Failure ? report.message : null,
    }));
    terminal.print(formatValue({ file: path, ...described(access), agents }, format));
  } else {
    const columns = [
      { header: 'NODE', cell: ({ node }: Row) => node.name },
      { header: 'ADDRESSES', cell: ({ node }: Row) => node.addresses.join(','), givesWay: true },
      { header: 'AGENT', cell: ({ report }: Row) => agentCell(report), givesWay: true },
    ];
    const lines = renderTable(columns, rows, { widthColumns: terminal.widthColumns, paint: terminal.paint });
    terminal.print([`${path}: ${summary(access)}`, '', ...lines].map((line) => `${line}\n`).join(''));
  }
  return rows.every(({ report }) => isReport(report)) ? exitCode.done : exitCode.degraded;
}

interface Row {
  readonly node: NodeView;
  readonly report: AgentReport | Failure | undefined;
}

function isReport(report: AgentReport | Failure | undefined): report is AgentReport {
  return report !== undefined && !(report instanceof Failure);
}

function agentCell(report: AgentReport | Failure | undefined): string {
  if (isReport(report)) return `answers (${report.version})`;
  return report === undefined ? 'was not asked' : [report.what, report.why].filter(Boolean).join(': ');
}
