import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { usualHolder } from '../access/access-directory.ts';
import { consent } from '../report/ask.ts';
import type { ConsentFlags } from '../report/ask.ts';
import { standing } from './gather.ts';
import { assertOpen, lookedAtOne } from './one-operation.ts';
import type { OfOne } from './one-operation.ts';
import { close } from './session.ts';

/** `operation abandon`: closes it as it stands. */
export async function runAbandon(options: OfOne<ConsentFlags>): Promise<ExitCode> {
  const { id, surroundings, flags } = options;
  const { terminal, signal } = surroundings;
  const { found, reach } = await lookedAtOne(options);
  const { plan } = found;
  assertOpen(found);
  terminal.note(
    `${id} is ${standing(found)}. Nothing is put back: what was stopped stays so, and what was moved aside stays there.`,
  );
  await consent(flags, { terminal, cluster: plan.cluster.name, signal });
  const known = plan.nodes.filter((node) => found.journals.has(node));
  const failures = await close(reach, plan, known, 'abandoned', usualHolder());
  for (const failure of failures.values()) throw failure;
  for (const node of found.unreached.keys()) terminal.note(`warning: ${node} was not reached, and holds on to ${id}`);
  terminal.print(`Abandoned ${id}.\n`);
  return exitCode.done;
}
