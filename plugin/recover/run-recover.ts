import type { ExitCode } from '../../core/failure.ts';
import { usualHolder } from '../access/access-directory.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { nodeNamed } from '../link/reach.ts';
import { lookAtMembers } from '../member/membership.ts';
import { agreeAndCarryOut } from '../operation/agree-and-carry-out.ts';
import type { PlanFlags } from '../operation/agree-and-carry-out.ts';
import { newOperationId } from '../operation/kinds.ts';
import { parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { runRestore } from '../restore/run-restore.ts';
import { formatStamp } from '../report/units.ts';
import { saveSnapshot } from '../snapshot/save.ts';
import { assertAnswers, chooseMethod, parseMethod } from './method.ts';
import { planRecover } from './plan-recover.ts';
import { recoverable } from './refusals.ts';
import type { Recoverable } from './refusals.ts';
import { planLines } from './show-plan.ts';

export interface RecoverFlags extends PlanFlags {
  readonly from?: string;
  readonly dead: readonly string[];
  readonly method?: string;
  readonly output?: string;
}

interface Parts {
  readonly flags: RecoverFlags;
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}

/** `recover`: looks at what every member holds, shows the plan, asks, and makes the best of them the first of a cluster that works again. */
export async function runRecover({ flags, surroundings, open }: Parts): Promise<ExitCode> {
  const { terminal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const asked = parseMethod(flags.method);
  const { reach, may, surveys } = await looked({ flags, surroundings, open });
  const chosen = chooseMethod(asked, { ...may.survivor, node: may.survivor.name }, surveys);
  if (chosen.why !== undefined) terminal.note(`--method ${chosen.method}: ${chosen.why}`);
  if (chosen.method === 'restore') return await byRestore({ flags, surroundings, reach, may });
  const plan = planRecover({
    ...may,
    ...{ id: newOperationId('recover'), now: new Date(), by: usualHolder(), cluster: reach.cluster },
  });
  const lines = planLines(plan, may);
  return await agreeAndCarryOut({ reach, plan, surroundings, format, flags, lines });
}

async function looked({ flags, surroundings, open }: Parts) {
  const { terminal, signal } = surroundings;
  using progress = new Progress(terminal, 'reaching the nodes');
  const reach = await open();
  if (flags.from !== undefined) nodeNamed(reach, flags.from);
  progress.wait(`looking at ${reach.nodes.length} nodes`);
  const { surveys, unreached, views } = await lookAtMembers(reach, signal);
  // An etcd may run where its agent is silent.
  const live = [...views.values()].flatMap(({ members }) => members);
  const may = recoverable({ from: flags.from, dead: flags.dead }, { known: reach.nodes, surveys, unreached, live });
  return { reach, may, surveys };
}

/** What the member has is saved through it, and restored with new ids and higher revisions onto all nodes that are there. */
async function byRestore(parts: {
  readonly flags: RecoverFlags;
  readonly surroundings: Surroundings;
  readonly reach: Reach;
  readonly may: Recoverable;
}): Promise<ExitCode> {
  const { flags, surroundings, reach, may } = parts;
  const { survivor, others, held } = may;
  const { terminal, signal } = surroundings;
  assertAnswers({ ...survivor, node: survivor.name });
  const file = `${reach.cluster.name}-recover-${formatStamp(new Date())}.db`;
  {
    using progress = new Progress(terminal, `saving what ${survivor.name} holds into ${file}`);
    const node = nodeNamed(reach, survivor.name);
    const onBytes = (saved: number, source: { readonly dbSizeBytes: number }) =>
      progress.bytes(saved, source.dbSizeBytes);
    await saveSnapshot({ reach, node, file, replace: false, signal, onSource: () => undefined, onBytes });
  }
  const onto = [survivor.name, ...others.map(({ name }) => name).filter((name) => !held.has(name))];
  const { yes, clusterName, dryRun, output } = flags;
  return await runRestore({
    file,
    flags: {
      ...{ bumpRevision: 'auto', nodes: onto.join(',') },
      ...(flags.dead.length === 0 ? {} : { dead: flags.dead.join(',') }),
      ...(yes === undefined ? {} : { yes }),
      ...(clusterName === undefined ? {} : { clusterName }),
      ...(dryRun === undefined ? {} : { dryRun }),
      ...(output === undefined ? {} : { output }),
    },
    surroundings,
    open: () => Promise.resolve(reach),
  });
}
