import type { Plan } from '../../core/operation/plan.ts';
import { phaseTable } from '../operation/phase-table.ts';
import { renderTable } from '../report/table.ts';
import { formatSize } from '../report/units.ts';
import type { Candidate } from './choose-survivor.ts';
import { knownCommitted } from './rank.ts';
import type { Recoverable } from './refusals.ts';

/** What a person reads before saying yes. */
export function planLines(plan: Plan, { survivor, candidates, others, held, leftOut }: Recoverable): string {
  const { name, raft, places } = survivor;
  const back = others.filter((node) => !held.has(node.name)).map((node) => node.name);
  const above = raft.entriesAboveCommit ?? 0;
  return [
    `Recover ${plan.cluster.name} from ${name}: a cluster of this one member with what it holds (revision ${raft.revision})` +
      (back.length === 0 ? '' : `, then ${back.join(', ')} brought back`),
    '  etcd and the API servers are stopped on all nodes that are there; no snapshot is needed',
    ...(leftOut.length === 0 ? [] : [`  left out and fenced: ${leftOut.map(nameOf).join(', ')}`]),
    '',
    ...candidateTable(candidates, name).map((line) => `  ${line}`),
    '',
    ...phaseTable(plan).map((line) => `  ${line}`),
    '',
    `  The work is done on a copy (${formatSize(places.usedBytes)}); the old data stays on the nodes until kubectl etcd kept delete.`,
    '  What the others had and this member has not is gone for the cluster.',
    ...(above === 0
      ? []
      : [
          `  ${name} holds ${above} ${above === 1 ? 'entry' : 'entries'} of the log that it does not know to be committed: they are kept, as who wrote them may have been told so.`,
        ]),
    ...[...held].map(
      ([node, failures]) => `  warning: ${node} stays stopped: ${failures.map(({ what }) => what).join('; ')}`,
    ),
    '',
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function nameOf({ node, declaredDead }: Recoverable['leftOut'][number]): string {
  return declaredDead ? `${node} (declared dead)` : node;
}

function candidateTable(candidates: readonly Candidate[], chosen: string): string[] {
  return renderTable(
    [
      { header: 'node', cell: ({ node }: Candidate) => (node === chosen ? `${node} *` : node) },
      { header: 'committed', cell: ({ raft }) => String(knownCommitted(raft)) },
      {
        header: 'newest entry',
        cell: ({ raft: { lastEntry } }) =>
          lastEntry === undefined ? '' : `${lastEntry.index} of term ${lastEntry.term}`,
      },
      { header: 'revision', cell: ({ raft }) => String(raft.revision) },
      { header: 'read', cell: ({ raft }) => (raft.source === 'live' ? 'from etcd' : 'from its disk') },
    ],
    candidates,
  );
}
