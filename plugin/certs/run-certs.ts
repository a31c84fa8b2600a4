import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { usualHolder } from '../access/access-directory.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { observeAll } from '../doctor/observe.ts';
import type { Reach } from '../link/reach.ts';
import { carryOut } from '../operation/carry-out.ts';
import { newOperationId } from '../operation/kinds.ts';
import { surveyNodes } from '../operation/survey-nodes.ts';
import { consent } from '../report/ask.ts';
import type { ConsentFlags } from '../report/ask.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { certificatesOf, exitCodeOfCertificates } from './check.ts';
import { planRenew } from './plan-renew.ts';
import { renderCertificates, renewLines } from './view.ts';

interface Parts {
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}

/** `certs check`: every certificate of etcd on every node; the exit code says whether one needs attention. */
export async function runCheck({
  flags,
  surroundings,
  open,
}: Parts & { readonly flags: { readonly output?: string } }): Promise<ExitCode> {
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['wide', 'json', 'yaml']);
  const { observation } = await looked({ surroundings, open }, async (reach) => ({
    observation: await observeAll(reach, signal),
  }));
  const document = certificatesOf(observation);
  const { widthColumns, paint } = terminal;
  terminal.print(renderCertificates(document, { format, widthColumns, paint }));
  return exitCodeOfCertificates(document);
}

export interface RenewFlags extends ConsentFlags {
  readonly dryRun?: boolean;
  readonly output?: string;
}

/** `certs renew`: looks, shows the plan, asks, carries it out, and says what it took. */
export async function runRenew({
  node,
  flags,
  surroundings,
  open,
}: Parts & { readonly node: string | undefined; readonly flags: RenewFlags }): Promise<ExitCode> {
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const { observation, surveys, reach } = await looked({ surroundings, open }, async (at) => {
    const [seen, surveyed] = await Promise.all([observeAll(at, signal), surveyNodes(at, signal)]);
    return { observation: seen, surveys: surveyed.surveys, reach: at };
  });
  const id = newOperationId('certs-renew');
  const plan = planRenew({ id, now: new Date(), by: usualHolder(), observation, surveys, only: node });
  const lines = renewLines(plan, certificatesOf(observation));
  if (flags.dryRun === true) {
    terminal.print(format === 'json' || format === 'yaml' ? formatValue(plan, format) : lines);
    return exitCode.done;
  }
  terminal.note(lines);
  await consent(flags, { terminal, cluster: reach.cluster.name, signal });
  return await carryOut({ reach, plan, surroundings, format });
}

async function looked<Found>({ surroundings, open }: Parts, look: (reach: Reach) => Promise<Found>): Promise<Found> {
  using progress = new Progress(surroundings.terminal, 'reaching the nodes');
  const reach = await open();
  progress.wait(`looking at ${reach.nodes.length} ${reach.nodes.length === 1 ? 'node' : 'nodes'}`);
  return await look(reach);
}
