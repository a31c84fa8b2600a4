import type { ExitCode } from '../../core/failure.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import type { Plan } from '../../core/operation/plan.ts';
import { usualHolder } from '../access/access-directory.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { nodeNamed } from '../link/reach.ts';
import type { Reach } from '../link/reach.ts';
import { agreeAndCarryOut } from '../operation/agree-and-carry-out.ts';
import type { PlanFlags } from '../operation/agree-and-carry-out.ts';
import { newOperationId } from '../operation/kinds.ts';
import { phaseOf } from '../operation/plan-parts.ts';
import { keptOn } from '../operation/session.ts';
import { writtenApart, writtenApartLine } from '../recover/written-apart.ts';
import { parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { lookAtMembers } from './membership.ts';
import type { MembersLook } from './membership.ts';
import { mayRejoin } from './may-rejoin.ts';
import type { MayRejoin } from './may-rejoin.ts';
import { rehearsal, rejoinPhases } from './plan-rejoin.ts';
import { planLines } from './show-plan.ts';

export interface MemberFlags extends PlanFlags {
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
  const { signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const { reach, look } = await looked(open, surroundings, (at) => nodeNamed(at, node));
  const may = mayRejoin(node, look);
  const apart = await writtenWithoutOthers(
    reach,
    look.surveys.find((survey) => survey.node === node),
    signal,
  );
  const plan = planRejoin({ may, look, reach, now: new Date(), apart });
  const warnings = [...may.warnings, ...apart];
  const lines = planLines(plan, { says: `Bring back ${node} of ${reach.cluster.name}`, may: { ...may, warnings } });
  return await agreeAndCarryOut({ reach, plan, surroundings, format, flags, lines });
}

/** Every node that answers takes part, so that none takes up another operation meanwhile. */
function planRejoin(parts: {
  readonly may: MayRejoin;
  readonly look: MembersLook;
  readonly reach: Reach;
  readonly now: Date;
  readonly apart: readonly string[];
}): Plan {
  const { may, look, reach, now, apart } = parts;
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
    aftermath: apart.map((what) => ({ what })),
  };
}

/** What a node that a recovery has fenced had written for itself, before it met the fence: it goes aside with the old data. */
async function writtenWithoutOthers(
  reach: Reach,
  survey: NodeSurvey | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  if (survey?.fencedBy === undefined) return [];
  const { kept } = await keptOn(reach, survey.fencedBy, signal);
  const [fencing] = kept.values();
  const apart = fencing === undefined ? undefined : writtenApart(survey, fencing.plan);
  return apart === undefined ? [] : [writtenApartLine(survey.node, apart)];
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
