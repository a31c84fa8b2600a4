import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { membersReply } from '../../core/protocol/messages.ts';
import type { MembersReply } from '../../core/protocol/messages.ts';
import { path } from '../../core/protocol/paths.ts';
import { askAny } from '../access/ask-agents.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { formatNames, formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { renderTable } from '../report/table.ts';
import type { Column } from '../report/table.ts';
import { formatSize } from '../report/units.ts';
import { lookAtMembers, readMembership } from './membership.ts';
import type { MembersLook, PlacedMember } from './membership.ts';

/** A line of `member list`: what etcdctl shows, with the node. */
interface Row {
  readonly id: string;
  readonly name: string;
  readonly node: string | null;
  readonly status: 'started' | 'unstarted';
  readonly role: 'leader' | 'voter' | 'learner';
  readonly healthy: boolean;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly version: string | null;
  readonly dbSizeBytes: number | null;
  readonly why: string | null;
}

const usualColumns: readonly Column<Row>[] = [
  { header: 'id', cell: ({ id }) => id },
  { header: 'name', cell: ({ name }) => name },
  { header: 'node', cell: ({ node }) => node ?? '' },
  { header: 'status', cell: ({ status }) => status },
  { header: 'role', cell: ({ role }) => role },
  {
    header: 'healthy',
    cell: ({ healthy, why }) => (healthy ? 'yes' : `no: ${why ?? 'it confirms no read'}`),
    givesWay: true,
  },
];
const wideColumns: readonly Column<Row>[] = [
  { header: 'version', cell: ({ version }) => version ?? '' },
  { header: 'db size', cell: ({ dbSizeBytes }) => (dbSizeBytes === null ? '' : formatSize(dbSizeBytes)) },
  { header: 'peer urls', cell: ({ peerUrls }) => peerUrls.join(',') },
  { header: 'client urls', cell: ({ clientUrls }) => clientUrls.join(',') },
];

/** `member list`: as a member with a quorum has them; where there is none, as the first that answers has. */
export async function runMemberList(options: {
  readonly flags: { readonly output?: string };
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}): Promise<ExitCode> {
  const { surroundings, open } = options;
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(options.flags.output, ['wide', 'json', 'yaml', 'name']);
  const { members, clusterId, leader } = await listed(open, surroundings);
  signal.throwIfAborted();
  const rows = members.map((member) => rowOf(member, leader));
  if (format === 'json' || format === 'yaml')
    terminal.print(formatValue({ etcdClusterId: clusterId, members: rows }, format));
  else if (format === 'name')
    terminal.print(
      formatNames(
        'member',
        rows.map(({ name, id }) => name || id),
      ),
    );
  else {
    const columns = format === 'wide' ? [...usualColumns, ...wideColumns] : usualColumns;
    const width = format === 'wide' ? undefined : terminal.widthColumns;
    const lines = renderTable(columns, rows, { widthColumns: width, paint: terminal.paint });
    terminal.print(lines.map((line) => `${line}\n`).join(''));
  }
  return exitCode.done;
}

async function listed(open: () => Promise<Reach>, { terminal, signal }: Surroundings) {
  using progress = new Progress(terminal, 'reaching the nodes');
  const reach = await open();
  progress.wait(`asking ${reach.nodes.length} nodes`);
  const look = await lookAtMembers(reach, signal);
  try {
    return readMembership(look);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || !['no-quorum', 'two-clusters'].includes(thrown.reason)) throw thrown;
    terminal.note(`warning: ${thrown.message}`);
    terminal.note('warning: this is what one of the members remembers');
    return await remembered(look, reach, signal);
  }
}

/** A list that may be old, or another's: that with the most members. @throws {Failure} where no member answers at all. */
async function remembered(look: MembersLook, reach: Reach, signal: AbortSignal) {
  const [first] = [...look.views.values()].sort((one, other) => other.members.length - one.members.length);
  const view: MembersReply = first ?? (await askAny(reach, { target: path.members, schema: membersReply }, signal));
  const members: PlacedMember[] = view.members.map((member) => ({ ...member, isWell: false }));
  return { members, clusterId: view.etcdClusterId, leader: '0' };
}

function rowOf(member: PlacedMember, leader: string): Row {
  const { id, name, node, learner, isWell, peerUrls, clientUrls, status, error } = member;
  return {
    ...{ id, name, peerUrls, clientUrls },
    node: node ?? null,
    status: name === '' ? 'unstarted' : 'started',
    role: learner ? 'learner' : id === leader ? 'leader' : 'voter',
    healthy: isWell,
    version: status?.version ?? null,
    dbSizeBytes: status?.dbSizeBytes ?? null,
    why: error ?? null,
  };
}
