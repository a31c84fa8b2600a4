import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { allSteps } from '../../core/operation/plan.ts';
import type { Plan } from '../../core/operation/plan.ts';
import { usualHolder } from '../access/access-directory.ts';
import { consent } from '../report/ask.ts';
import type { ConsentFlags } from '../report/ask.ts';
import { takeBack } from './carry-out.ts';
import type { Gathered } from './gather.ts';
import { assertOpen, assertReached, deadIn, lookedAtOne } from './one-operation.ts';
import type { OfOne } from './one-operation.ts';
import { wordsOf } from './kinds.ts';
import { takeUp } from './session.ts';
import { assertSilent } from './silent.ts';
import { mayHaveServed, onlyOn } from './without-dead.ts';

/**
 * `operation rollback`: brings back what was there before, as long as no API server has served the new data; with `--dead`, on the nodes that are
 * there. One that is dead keeps the operation open on its own disk: the same command undoes it there, should it come back.
 */
export async function runRollback(
  options: OfOne<ConsentFlags & { readonly force?: boolean; readonly dead?: string }>,
): Promise<ExitCode> {
  const { id, surroundings, flags } = options;
  const { terminal, signal } = surroundings;
  const dead = deadIn(flags.dead);
  const { found, reach } = await lookedAtOne(options);
  const { plan, state } = found;
  assertOpen(found);
  assertReached(found, dead);
  if (mayHaveServed(plan, dead, state) && flags.force !== true) throw alreadyServed(plan);
  if (state.touched && nothingBefore(plan)) throw emptyBefore(plan);
  if (dead.length > 0) await assertSilent(reach, plan, dead, signal);
  await consent(flags, { terminal, cluster: plan.cluster.name, signal });
  // Nodes that know nothing of it have nothing to undo, and nothing else must begin there meanwhile.
  await takeUp(reach, plan, { nodes: found.unknown, by: usualHolder(), signal });
  const part = onlyOn(
    plan,
    plan.nodes.filter((node) => !dead.includes(node)),
  );
  await takeBack(
    { reach, plan: part, surroundings, format: 'table', states: state.steps },
    everTouched(found) ? 'rolled-back' : 'withdrawn',
  );
  terminal.print(`Rolled back ${id}: ${part.nodes.join(', ')} are as they were.\n`);
  for (const node of dead)
    terminal.note(
      `${node} may have the new data, and has ${id} open. When it is back: kubectl etcd operation rollback ${id}`,
    );
  const lifted = allSteps(part).some(({ does }) => does.kind === 'fence');
  for (const { node } of lifted ? (plan.leftOut ?? []) : [])
    terminal.note(`${node} is not fenced any more. What its agent has stopped there stays so: kubectl etcd status`);
  return exitCode.done;
}

/** Also where all of that has been undone again, by a rollback that was interrupted. */
function everTouched({ plan, journals }: Gathered): boolean {
  const touching = new Set(
    plan.phases.filter(({ touches }) => touches === true).flatMap(({ steps }) => steps.map(({ id }) => id)),
  );
  return [...journals.values()].flat().some((record) => record.event === 'begun' && touching.has(record.step));
}

function alreadyServed({ id, kind }: Plan): Failure {
  const { noWayBack, lostByForce } = wordsOf({ kind });
  return new Failure({
    reason: 'already-served',
    what: `${id}: ${noWayBack}`,
    why: lostByForce,
    next: [
      `go on: kubectl etcd operation resume ${id}`,
      `go back all the same: kubectl etcd operation rollback ${id} --force`,
    ].join('\n'),
    exit: exitCode.refused,
  });
}

/** Whether no node had a member when the operation was planned. */
function nothingBefore(plan: Plan): boolean {
  const exchanges = allSteps(plan).flatMap(({ does }) => (does.kind === 'exchange' ? [does] : []));
  return exchanges.length > 0 && exchanges.every(({ hadMember }) => !hadMember);
}

function emptyBefore({ id }: Plan): Failure {
  return new Failure({
    reason: 'nothing-before',
    what: `there is nothing to go back to: no node had data when ${id} was begun`,
    why: 'etcd would make a new, empty cluster, and what runs would be taken for gone',
    next: `go on: kubectl etcd operation resume ${id}`,
    exit: exitCode.refused,
  });
}
