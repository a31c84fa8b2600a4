import type { Plan } from '../../core/operation/plan.ts';
import { phaseTable } from '../operation/phase-table.ts';
import { formatAge, formatSize } from '../report/units.ts';
import type { LostDocument } from './lost.ts';
import { lostLines } from './lost-lines.ts';
import type { ReadyNode } from './plan-restore.ts';
import type { SnapshotFacts } from './snapshot-facts.ts';

/** What a person reads before saying yes. */
export function planLines(shown: {
  readonly plan: Plan;
  readonly snapshot: SnapshotFacts;
  readonly nodes: readonly ReadyNode[];
  readonly warnings: readonly string[];
  readonly lost: LostDocument;
}): string {
  const { plan, snapshot, nodes, warnings, lost } = shown;
  const { manifest, revision, liveKeys, sizeBytes, file } = snapshot;
  const age =
    manifest === undefined ? '' : `, ${formatAge(Date.parse(plan.createdAt) - Date.parse(manifest.time))} ago`;
  const target = plan.phases.flatMap(({ steps }) => steps).find(({ does }) => does.kind === 'check');
  const atLeast = target?.does.kind === 'check' ? target.does.revisionAtLeast : revision;
  const used = nodes.reduce((sum, { places }) => sum + places.usedBytes, 0);
  return [
    `Restore ${file} (revision ${revision}${age}, ${liveKeys} keys, ${formatSize(sizeBytes)}) onto ${plan.nodes.join(', ')} of ${plan.cluster.name}`,
    '  the API server and etcd will be down; nothing is stopped before every node is ready',
    ...leftOutLines(plan),
    '',
    ...phaseTable(plan).map((line) => `  ${line}`),
    '',
    `  The restored revision is at least ${atLeast}. The old data (${formatSize(used)}) stays on the nodes until kubectl etcd kept delete.`,
    '',
    ...lostLines(lost).map((line) => `  ${line}`),
    ...snapshot.alarms.map(({ alarm }) => `  The snapshot carries the alarm ${alarm}: ${cureOf(alarm)}.`),
    ...(snapshot.clusterUid === undefined && manifest === undefined
      ? ['  warning: nothing in the snapshot says of which cluster it is']
      : []),
    ...warnings.map((warning) => `  warning: ${warning}`),
    '',
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function leftOutLines({ leftOut = [], nodes }: Plan): string[] {
  if (leftOut.length === 0) return [];
  const names = leftOut.map(({ node, declaredDead }) => (declaredDead ? `${node} (declared dead)` : node)).join(', ');
  return [
    `  left out and fenced: ${names}; the new cluster has ${nodes.length} ${nodes.length === 1 ? 'member' : 'members'}`,
  ];
}

function cureOf(alarm: string): string {
  return alarm === 'NOSPACE' ? 'the members are defragmented, and it is taken back' : 'it will be raised again';
}
