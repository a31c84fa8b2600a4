import type { ExitCode } from '../../core/failure.ts';
import { Failure } from '../../core/failure.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { diagnose } from './diagnose.ts';
import { observeAll } from './observe.ts';
import { renderDiagnosis } from './view.ts';

/** `doctor`: looks at everything, changes nothing, says what is wrong and what mends it; the exit code is how bad it is. */
export async function runDoctor(options: {
  readonly flags: { readonly output?: string };
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}): Promise<ExitCode> {
  const { terminal, signal } = options.surroundings;
  const format = parseOutputFormat(options.flags.output, ['json', 'yaml']);
  const observation = await observed(options, signal);
  const { diagnosis, exit } = diagnose(observation);
  terminal.print(renderDiagnosis(diagnosis, { format, paint: terminal.paint }));
  return exit;
}

async function observed({ surroundings, open }: Parameters<typeof runDoctor>[0], signal: AbortSignal) {
  using progress = new Progress(surroundings.terminal, 'reaching the cluster');
  const reach = await open();
  if (reach.nodes.length === 0)
    throw new Failure({
      reason: 'no-control-plane-nodes',
      what: 'the cluster has no control-plane nodes that Kubernetes knows of',
      next: 'etcd of a managed cluster is in the hands of its provider; else label the nodes that run etcd',
    });
  progress.wait(`looking at ${reach.nodes.length} ${reach.nodes.length === 1 ? 'node' : 'nodes'}`);
  return await observeAll(reach, signal);
}
