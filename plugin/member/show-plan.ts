import type { Plan } from '../../core/operation/plan.ts';
import { phaseTable } from '../operation/phase-table.ts';
import { formatSize } from '../report/units.ts';
import type { MayRejoin } from './may-rejoin.ts';

/** What a person reads before saying yes. */
export function planLines(plan: Plan, { says, may }: { readonly says: string; readonly may: MayRejoin }): string {
  const { facts, membership, warnings } = may;
  const { node, through, stale } = facts;
  const others = membership.members.filter(({ learner, id }) => !learner && !stale.some((gone) => gone.id === id));
  const well = others.filter(({ isWell }) => isWell).length;
  const listed = stale.map(({ name, id }) => `${name || 'never started'} (${id})`).join(', ');
  return [
    says,
    listed === '' ? '  no member is listed for it' : `  its member ${listed} is replaced by a new one`,
    `  ${well} of the ${others.length} others are well, and go on meanwhile`,
    ...(node.fencedBy === undefined
      ? []
      : [`  it is fenced by ${node.fencedBy}: lifted when its old data is out of the way`]),
    '',
    ...phaseTable(plan).map((line) => `  ${line}`),
    '',
    `  It takes ${formatSize(through.dbSizeBytes)} from the others. ` +
      (node.places.hasMember
        ? `Its old data (${formatSize(node.places.usedBytes)}) stays there until kubectl etcd kept delete.`
        : `There is no data in ${node.places.dataDir}.`),
    ...(stale.length === 0 ? [] : ['  Once its old member has left the cluster there is no way back to it, only on.']),
    ...warnings.map((warning) => `  warning: ${warning}`),
    '',
  ]
    .map((line) => `${line}\n`)
    .join('');
}
