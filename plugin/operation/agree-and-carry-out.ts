import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { consent } from '../report/ask.ts';
import type { ConsentFlags } from '../report/ask.ts';
import { formatValue } from '../report/output.ts';
import { carryOut } from './carry-out.ts';
import type { CarryOut } from './carry-out.ts';

export interface PlanFlags extends ConsentFlags {
  readonly dryRun?: boolean;
}

/**
 * Shows a plan, asks for the cluster's name, and carries out what was shown; with --dry-run it ends after showing. The one way from a plan to the deed.
 * @param lines the plan for people; @param document for programs, where more is to be said than the plan.
 */
export async function agreeAndCarryOut({
  flags,
  lines,
  document,
  ...parts
}: CarryOut & {
  readonly flags: PlanFlags;
  readonly lines: string;
  readonly document?: object;
}): Promise<ExitCode> {
  const { reach, plan, format, surroundings } = parts;
  const { terminal, signal } = surroundings;
  if (flags.dryRun === true) {
    terminal.print(format === 'json' || format === 'yaml' ? formatValue(document ?? plan, format) : lines);
    return exitCode.done;
  }
  terminal.note(lines);
  await consent(flags, { terminal, cluster: reach.cluster.name, signal });
  return await carryOut(parts);
}
