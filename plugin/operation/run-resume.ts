import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { Plan } from '../../core/operation/plan.ts';
import { parseOutputFormat } from '../report/output.ts';
import { carryOut } from './carry-out.ts';
import type { Gathered } from './gather.ts';
import { assertOpen, assertReached, deadIn, lookedAtOne } from './one-operation.ts';
import type { OfOne } from './one-operation.ts';
import { putPlan } from './session.ts';
import { assertSilent } from './silent.ts';
import { withoutDead } from './without-dead.ts';

/** `operation resume`: goes on where it stopped; with `--dead`, without nodes that are gone for good. */
export async function runResume(
  options: OfOne<{ readonly output?: string; readonly dead?: string }>,
): Promise<ExitCode> {
  const { id, surroundings, flags } = options;
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const dead = deadIn(flags.dead);
  const { found, reach } = await lookedAtOne(options);
  assertOpen(found);
  assertReached(found, dead);
  if (found.state.undoing)
    throw new Failure({
      reason: 'being-rolled-back',
      what: `${id} is being rolled back`,
      next: `kubectl etcd operation rollback ${id} goes on with that`,
      exit: exitCode.refused,
    });
  const plan = dead.length === 0 ? found.plan : withoutDead(found.plan, dead, found.state.steps);
  if (dead.length > 0) {
    await assertSilent(reach, found.plan, dead, signal);
    terminal.note(
      `${id} goes on without ${dead.join(', ')}: fenced, and not a member of the new cluster. The others: ${plan.nodes.join(', ')}.`,
    );
  }
  await putPlan(reach, plan, holdersOfOlder(found, plan), signal);
  return await carryOut({
    ...{ reach, plan, surroundings, format },
    states: found.state.steps,
    takenUpOn: found.unknown.filter((node) => plan.nodes.includes(node)),
  });
}

/** Also those that were not told when somebody changed it before. */
function holdersOfOlder({ plans }: Gathered, plan: Plan): string[] {
  return plan.nodes.filter((node) => plans.has(node) && (plans.get(node)?.version ?? 0) < (plan.version ?? 0));
}
