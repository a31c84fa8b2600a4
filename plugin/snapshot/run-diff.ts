import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { failureFrom } from '../../core/protocol/failure-record.ts';
import type { Difference, DifferenceGroup } from '../../core/snapshot/difference.ts';
import { openFile } from '../../core/snapshot/source.ts';
import type { DiffFlags } from '../commands/snapshot-diff.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { openSession } from '../link/reach.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { renderTable } from '../report/table.ts';
import type { Column } from '../report/table.ts';
import { rankOf } from '../restore/importance.ts';
import { lostLines } from '../restore/lost-lines.ts';
import { compareWithLive } from '../restore/lost.ts';
import type { Compared, LostDocument } from '../restore/lost.ts';
import { memberFrom } from './choose-member.ts';
import { indexFor } from './read-flags.ts';

/** More rows than this say nothing to a person; JSON has them all. */
const mostRows = 40;

/** `snapshot diff`. */
export async function runDiff(options: {
  readonly file: string;
  readonly flags: DiffFlags;
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}): Promise<ExitCode> {
  const { flags, surroundings } = options;
  const { terminal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const compared = await compare(options);
  if (compared.live === null) throw failureFrom(compared.unreadable, undefined);
  if (format === 'json' || format === 'yaml') terminal.print(formatValue(compared, format));
  else terminal.print(lines(compared, terminal).join('\n') + '\n');
  const { node, revision, unconfirmed } = compared.live;
  if (unconfirmed !== undefined)
    terminal.note(
      [
        `warning: ${node} could not confirm that it has every acknowledged write`,
        `  why   ${unconfirmed}`,
        `  compared with what this member had applied, up to revision ${revision}`,
      ].join('\n'),
    );
  return exitCode.done;
}

async function compare({ file, flags, surroundings, open }: Parameters<typeof runDiff>[0]): Promise<LostDocument> {
  const { terminal, signal } = surroundings;
  // A name that is mistyped is said before anything is reached.
  await (await openFile(file))[Symbol.asyncDispose]();
  using progress = new Progress(terminal, 'reaching the cluster');
  const reach = await open();
  progress.wait('choosing a member');
  const node = await memberFrom(reach, flags.from, signal);
  using session = await openSession(reach, node, signal);
  progress.wait(`reading ${file}`);
  return await compareWithLive({
    ...{ session, snapshotFile: file, signal, clusterUid: reach.cluster.uid, etcdPrefix: flags.etcdPrefix },
    ...indexFor(flags, surroundings),
    onProgress: (doneBytes, totalBytes) => progress.bytes(doneBytes, totalBytes),
    onLive: () => progress.wait(`comparing with etcd on ${node.name}`),
  });
}

interface Row extends DifferenceGroup {
  readonly change: string;
}

function lines(compared: Compared, terminal: Surroundings['terminal']): string[] {
  const { lost, broughtBack, setBack } = compared;
  const rows = [
    ...rowsOf('lost', lost),
    ...rowsOf('brought back', broughtBack),
    ...(setBack === null ? [] : rowsOf('set back', setBack)),
  ];
  const columns: Column<Row>[] = [
    { header: 'change', cell: (row) => row.change },
    { header: 'resource', cell: (row) => row.resource },
    { header: 'namespace', cell: (row) => row.namespace ?? '' },
    { header: 'objects', cell: (row) => String(row.keys) },
    { header: 'names', cell: names, givesWay: true },
  ];
  const shown = rows.slice(0, mostRows);
  const more = rows.length - shown.length;
  return [
    ...lostLines(compared),
    ...(rows.length === 0 ? [] : ['', ...renderTable(columns, shown, terminal)]),
    ...(more > 0 ? [`and ${more} more: -o json`] : []),
  ];
}

/** What matters first. */
function rowsOf(change: string, { groups, others }: Difference): Row[] {
  const rows = groups.map((group) => ({ change, ...group }));
  rows.sort((one, other) => rankOf(one.resource) - rankOf(other.resource) || other.keys - one.keys);
  return others.keys === 0 ? rows : [...rows, { change, resource: '(no object)', ...others }];
}

function names({ keys, examples }: Row): string {
  return `${examples.join(', ')}${keys > examples.length ? ', …' : ''}`;
}
