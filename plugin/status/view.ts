import { formatNames, formatValue } from '../report/output.ts';
import type { OutputFormat } from '../report/output.ts';
import { renderTable } from '../report/table.ts';
import type { Cell, Column } from '../report/table.ts';
import { oneLine, paintNothing } from '../report/text.ts';
import type { Paint } from '../report/text.ts';
import { formatShare, formatSize } from '../report/units.ts';
import type { MemberRow, Problem, StatusDocument } from './document.ts';

export interface StatusView {
  readonly format: OutputFormat;
  /** The terminal's width; undefined where it is none. */
  readonly widthColumns?: number | undefined;
  readonly paint?: Paint;
}

/** The document as text for standard output, in the format that was asked for. */
export function renderStatus(document: StatusDocument, view: StatusView): string {
  switch (view.format) {
    case 'json':
    case 'yaml':
      return formatValue(document, view.format);
    case 'name':
      return formatNames('member', document.members.map(nameOf));
    case 'table':
    case 'wide':
      return forPerson(document, view);
  }
}

/** The answer first, then the table, then what to do. */
function forPerson(document: StatusDocument, view: StatusView): string {
  const { paint = paintNothing } = view;
  const table = document.members.length === 0 ? [] : ['', ...memberTable(document.members, view)];
  const problems = document.problems.length === 0 ? [] : ['', ...document.problems.map(problemLine)];
  return [headline(document, paint), ...table, ...problems].map((line) => `${line}\n`).join('');
}

/** Who asks for the wide table wants all of it: only the usual one is cut. */
function memberTable(members: readonly MemberRow[], { format, paint, widthColumns }: StatusView): string[] {
  const painted = paint === undefined ? {} : { paint };
  return format === 'wide'
    ? renderTable([...usualColumns, ...wideColumns], members, painted)
    : renderTable(usualColumns, members, { ...painted, widthColumns });
}

function headline({ cluster, quorum, members }: StatusDocument, paint: Paint): string {
  const name = `CLUSTER ${oneLine(cluster.name)}`;
  if (quorum === null) return `${name}   ${paint('red', 'MEMBERS UNKNOWN')}`;
  const learners = members.filter(({ learner }) => learner).length;
  const also = learners === 0 ? '' : ` and ${learners} ${learners === 1 ? 'learner' : 'learners'}`;
  const lost = quorum.voting < quorum.needed;
  const margin = quorum.canLose === 0 ? 'may lose none' : `may lose ${quorum.canLose}`;
  const quorumText = lost ? paint('red', `QUORUM LOST (needs ${quorum.needed})`) : `QUORUM ${quorum.needed}, ${margin}`;
  return `${name}   MEMBERS ${quorum.healthy} of ${quorum.members} healthy${also}   ${quorumText}`;
}

function problemLine({ node, what, next }: Problem): string {
  const text = `${node === null ? '' : `${node}: `}${what}`;
  return oneLine(next === null ? text : `${text}: ${next}`);
}

const usualColumns: readonly Column<MemberRow>[] = [
  { header: 'NODE', cell: ({ node }) => node ?? '' },
  { header: 'MEMBER', cell: ({ id }) => id ?? '' },
  { header: 'ROLE', cell: roleOf },
  { header: 'STATUS', cell: statusCell, givesWay: true },
  { header: 'VERSION', cell: ({ version }) => version ?? '' },
  { header: 'DB SIZE (IN USE)', cell: sizeCell },
  { header: 'LAG', cell: ({ lag, leader }) => (leader ? '' : numberCell(lag)) },
  { header: 'REVISION', cell: ({ revision }) => numberCell(revision) },
];

const wideColumns: readonly Column<MemberRow>[] = [
  { header: 'NAME', cell: ({ name }) => name },
  { header: 'ENDPOINT', cell: ({ endpoint }) => endpoint ?? '' },
  { header: 'PEER', cell: ({ peerUrls }) => peerUrls.join(',') },
  { header: 'RAFT TERM', cell: ({ raftTerm }) => numberCell(raftTerm) },
  { header: 'RAFT INDEX', cell: ({ raftIndex }) => numberCell(raftIndex) },
  { header: 'IN USE', cell: ({ dbInUseBytes }) => (dbInUseBytes === null ? '' : formatSize(dbInUseBytes)) },
  { header: 'AGENT', cell: agentCell },
];

function roleOf({ leader, learner, knowsLeader, version, started }: MemberRow): string {
  if (learner) return 'learner';
  if (version === null || !started) return '';
  if (!knowsLeader) return 'no leader';
  return leader ? 'leader' : 'follower';
}

function statusCell({ healthy, status }: MemberRow): Cell {
  return healthy ? status : { text: status, style: 'red' };
}

function sizeCell({ dbSizeBytes, dbInUseBytes }: MemberRow): string {
  if (dbSizeBytes === null) return '';
  const size = formatSize(dbSizeBytes);
  return dbInUseBytes === null ? size : `${size} (${formatShare(dbInUseBytes, dbSizeBytes)})`;
}

function agentCell({ agent }: MemberRow): string {
  if (agent === null) return '';
  return agent.ready ? (agent.version ?? 'ready') : `not ready${agent.reason === null ? '' : `: ${agent.reason}`}`;
}

function numberCell(value: number | null): string {
  return value === null ? '' : String(value);
}

/** A member that never started has no name; its id stands in. */
function nameOf({ name, id }: MemberRow): string {
  return name === '' ? (id ?? '') : name;
}
