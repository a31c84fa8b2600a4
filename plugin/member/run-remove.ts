import type { ExitCode } from '../../core/failure.ts';
import type { Plan } from '../../core/operation/plan.ts';
import { usualHolder } from '../access/access-directory.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { agreeAndCarryOut } from '../operation/agree-and-carry-out.ts';
import { newOperationId } from '../operation/kinds.ts';
import { phaseTable } from '../operation/phase-table.ts';
import { parseOutputFormat } from '../report/output.ts';
import type { MembersLook } from './membership.ts';
import { mayRemove, removePhases } from './plan-remove.ts';
import type { MayRemove } from './plan-remove.ts';
import { looked } from './run-rejoin.ts';
import type { MemberFlags } from './run-rejoin.ts';

/** `member remove`: takes a member out of the cluster for good, and sees to it that nothing is left running in its place. */
export async function runRemove(options: {
  readonly target: string;
  readonly flags: MemberFlags;
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}): Promise<ExitCode> {
  const { target, flags, surroundings, open } = options;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const { reach, look } = await looked(open, surroundings, () => undefined);
  const may = mayRemove(target, look);
  const plan = planRemove(target, { may, look, reach, now: new Date() });
  const lines = planLines(plan, may);
  return await agreeAndCarryOut({ reach, plan, surroundings, format, flags, lines });
}

function planRemove(
  target: string,
  parts: { readonly may: MayRemove; readonly look: MembersLook; readonly reach: Reach; readonly now: Date },
): Plan {
  const { may, look, reach, now } = parts;
  const id = newOperationId('member-remove');
  const { name, uid } = reach.cluster;
  const own = may.survey?.node;
  return {
    format: 1,
    ...{ id, by: usualHolder(), kind: 'member-remove', title: `remove the member of ${own ?? target}` },
    createdAt: now.toISOString(),
    cluster: { name, ...(uid === undefined ? {} : { uid }) },
    // A fenced one takes up nothing: it is stopped already.
    nodes: look.surveys
      .filter(({ fencedBy }) => fencedBy === undefined)
      .map(({ node }) => node)
      .sort(),
    phases: removePhases(id, may),
    aftermath:
      own === undefined
        ? []
        : [
            {
              what: `the control plane of ${own} is stopped, as it had its etcd for itself: nothing starts it again`,
              next: `kubeadm reset there, or: kubectl delete node ${own}`,
            },
          ],
  };
}

function planLines(plan: Plan, { members, membership, warnings }: MayRemove): string {
  const leaving = members.map(({ name, id }) => `${name || 'never started'} (${id})`).join(', ');
  const left = membership.members.length - members.length;
  return [
    `Take ${leaving} out of ${plan.cluster.name}: ${left} ${left === 1 ? 'member is' : 'members are'} left`,
    '',
    ...phaseTable(plan).map((line) => `  ${line}`),
    '',
    '  Once it has left the cluster there is no way back to it; its data stays on its node until kubectl etcd kept delete.',
    ...warnings.map((warning) => `  warning: ${warning}`),
    '',
  ]
    .map((line) => `${line}\n`)
    .join('');
}
