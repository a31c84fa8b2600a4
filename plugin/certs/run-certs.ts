import type { ExitCode } from '../../core/failure.ts';
import { usualHolder } from '../access/access-directory.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { observeAll } from '../doctor/observe.ts';
import type { Reach } from '../link/reach.ts';
import { agreeAndCarryOut } from '../operation/agree-and-carry-out.ts';
import type { PlanFlags } from '../operation/agree-and-carry-out.ts';
import { newOperationId } from '../operation/kinds.ts';
import { surveyNodes } from '../operation/survey-nodes.ts';
import { parseOutputFormat } from '../report/output.ts';
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

export interface RenewFlags extends PlanFlags {
  readonly output?: string;
}

/** `certs renew`: looks, shows the plan, asks, carries it out, and says what it took. */
export async function runRenew({
  node,
  flags,
  surroundings,
  open,
}: Parts & { readonly node: string | undefined; readonly flags: RenewFlags }): Promise<ExitCode> {
  const { signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const { observation, surveys, reach } = await looked({ surroundings, open }, async (at) => {
    const [seen, surveyed] = await Promise.all([observeAll(at, signal), surveyNodes(at, signal)]);
    return { observation: seen, surveys: surveyed.surveys, reach: at };
  });
  const id = newOperationId('certs-renew');
  const plan = planRenew({ id, now: new Date(), by: usualHolder(), observation, surveys, only: node });
  const lines = renewLines(plan, certificatesOf(observation));
  return await agreeAndCarryOut({ reach, plan, surroundings, format, flags, lines });
}

async function looked<Found>({ surroundings, open }: Parts, look: (reach: Reach) => Promise<Found>): Promise<Found> {
  using progress = new Progress(surroundings.terminal, 'reaching the nodes');
  const reach = await open();
  progress.wait(`looking at ${reach.nodes.length} ${reach.nodes.length === 1 ? 'node' : 'nodes'}`);
  return await look(reach);
}
