import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { Plan } from '../../core/operation/plan.ts';
import { usualHolder } from '../access/access-directory.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { nodeNamed } from '../link/reach.ts';
import type { Reach } from '../link/reach.ts';
import { carryOut } from '../operation/carry-out.ts';
import { newOperationId } from '../operation/kinds.ts';
import { phaseOf } from '../operation/plan-parts.ts';
import { consent } from '../report/ask.ts';
import type { ConsentFlags } from '../report/ask.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { lookAtMembers } from './membership.ts';
import type { MembersLook } from './membership.ts';
import { mayRejoin } from './may-rejoin.ts';
import type { MayRejoin } from './may-rejoin.ts';
import { rehearsal, rejoinPhases } from './plan-rejoin.ts';
import { planLines } from './show-plan.ts';

export interface MemberFlags extends ConsentFlags {
  readonly dryRun?: boolean;
  readonly output?: string;
}

/** `member rejoin`: looks, shows the plan, asks, and brings the node's member back with the data of the others. */
export async function runRejoin(options: {
  readonly node: string;
  readonly flags: MemberFlags;
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}): Promise<ExitCode> {
  const { node, flags, surroundings, open } = options;
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const { reach, look } = await looked(open, surroundings, (at) => nodeNamed(at, node));
  const may = mayRejoin(node, look);
  const plan = planRejoin({ may, look, reach, now: new Date() });
  const lines = planLines(plan, { says: `Bring back ${node} of ${reach.cluster.name}`, may });
  if (flags.dryRun === true) {
    terminal.print(format === 'json' || format === 'yaml' ? formatValue(plan, format) : lines);
    return exitCode.done;
  }
  terminal.note(lines);
  await consent(flags, { terminal, cluster: reach.cluster.name, signal });
  return await carryOut({ reach, plan, surroundings, format });
}

/** Every node that answers takes part, so that none takes up another operation meanwhile. */
function planRejoin(parts: {
  readonly may: MayRejoin;
  readonly look: MembersLook;
  readonly reach: Reach;
  readonly now: Date;
}): Plan {
  const { may, look, reach, now } = parts;
  const id = newOperationId('rejoin');
  const by = usualHolder();
  const facts = { ...may.facts, id, by };
  const { name, uid } = reach.cluster;
  const target = facts.node.name;
  return {
    format: 1,
    ...{ id, by, kind: 'rejoin', title: `rejoin ${target}`, createdAt: now.toISOString() },
    cluster: { name, ...(uid === undefined ? {} : { uid }) },
    nodes: look.surveys
      .filter(({ node, fencedBy }) => node === target || fencedBy === undefined)
      .map(({ node }) => node)
      .sort(),
    phases: [
      phaseOf('prepare', 'what will be moved and edited can be', [{ node: target, does: rehearsal(facts) }]),
      ...rejoinPhases(facts),
    ],
  };
}

export async function looked(
  open: () => Promise<Reach>,
  { terminal, signal }: Surroundings,
  assertKnown: (reach: Reach) => unknown,
): Promise<{ readonly reach: Reach; readonly look: MembersLook }> {
  using progress = new Progress(terminal, 'reaching the nodes');
  const reach = await open();
  assertKnown(reach);
  progress.wait(`looking at ${reach.nodes.length} nodes`);
  return { reach, look: await lookAtMembers(reach, signal) };
}
