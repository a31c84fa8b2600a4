import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { MemberAnswer } from '../../core/protocol/messages.ts';
import { programVersion } from '../../core/version.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { askable } from '../link/reach.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { renderTable } from '../report/table.ts';
import { reportsFrom, surveyFromAny } from '../status/observe.ts';
import { joinMembersToNodes } from '../status/join-nodes.ts';

interface NodeVersions {
  readonly node: string;
  readonly agent: string | null;
  readonly etcd: string | null;
  /** Why a version is not known. */
  readonly problem: string | null;
}

/** The plugin's version, and of every node its agent's and its etcd's. */
export async function showVersion(options: {
  readonly flags: { readonly client?: boolean; readonly output?: string };
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}): Promise<ExitCode> {
  const { flags, surroundings } = options;
  const { terminal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const nodes = flags.client === true ? undefined : await askNodes(options);
  const value = { plugin: programVersion, ...(nodes === undefined ? {} : { nodes }) };
  if (format === 'json' || format === 'yaml') terminal.print(formatValue(value, format));
  else
    terminal.print(
      [`plugin ${programVersion}`, ...(nodes === undefined ? [] : ['', ...versionTable(nodes, terminal.widthColumns)])]
        .map((line) => `${line}\n`)
        .join(''),
    );
  const astray = (nodes ?? []).some(({ agent }) => agent !== programVersion);
  if (astray)
    terminal.note('\nagents that are missing or of another version: kubectl etcd install brings them to this one');
  return astray ? exitCode.degraded : exitCode.done;
}

async function askNodes({
  surroundings,
  open,
}: {
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}): Promise<NodeVersions[]> {
  const { terminal, signal } = surroundings;
  using progress = new Progress(terminal, 'reaching the cluster');
  const reach = await open();
  progress.wait(`asking ${reach.nodes.length} nodes`);
  const [reports, survey] = await Promise.all([
    reportsFrom(reach, askable(reach), signal),
    surveyFromAny(reach, signal).catch(() => undefined),
  ]);
  signal.throwIfAborted();
  const nodeOf = survey === undefined ? new Map<string, string>() : joinMembersToNodes(survey, reach.nodes, new Map());
  return reach.nodes.map(({ name, agent }) => {
    const report = reports.get(name);
    const member = survey?.members.find((each) => nodeOf.get(each.id) === name);
    const etcd = member?.status?.version ?? null;
    if (report === undefined) return { node: name, agent: null, etcd, problem: 'no agent' };
    if (report instanceof Failure)
      return { node: name, agent: agent?.version ?? null, etcd, problem: report.why ?? report.what };
    return {
      node: name,
      agent: report.version,
      etcd,
      problem: report.noEtcd?.what ?? (etcd === null ? silentEtcd(member) : null),
    };
  });
}

function silentEtcd(member: MemberAnswer | undefined): string {
  return member?.error === undefined ? 'etcd does not answer' : `etcd does not answer: ${member.error}`;
}

function versionTable(nodes: readonly NodeVersions[], widthColumns: number | undefined): string[] {
  return renderTable(
    [
      { header: 'NODE', cell: ({ node }) => node },
      { header: 'AGENT', cell: ({ agent }) => agent ?? '' },
      { header: 'ETCD', cell: ({ etcd }) => etcd ?? '' },
      // A column only where it has something to say; it gives way on a narrow terminal, as -o json has the whole of it.
      ...(nodes.some(({ problem }) => problem !== null)
        ? [{ header: 'PROBLEM', cell: ({ problem }: NodeVersions) => problem ?? '', givesWay: true }]
        : []),
    ],
    nodes,
    { widthColumns },
  );
}
