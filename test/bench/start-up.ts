/** What a person waits for before anything happens: the help, beside kubectl's own version; and `status` of three members. */
import { mkdir, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Lab } from '../lab/cluster.ts';
import { pluginProgram } from '../local/local-cluster.ts';
import { judged, seconds } from './results.ts';
import type { Table } from './results.ts';
import { median, runTimed } from './run-timed.ts';

/** Commands in turns, so that what else the machine does strikes all of them; the first round warms disk and compile cache and does not count. */
async function inTurns(
  commands: Readonly<Record<string, () => Promise<{ readonly seconds: number }>>>,
  rounds: number,
): Promise<Readonly<Record<string, number>>> {
  const took: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round += 1)
    for (const [name, run] of Object.entries(commands)) {
      const { seconds: one } = await run();
      if (round > 0) (took[name] ??= []).push(one);
    }
  return Object.fromEntries(Object.entries(took).map(([name, all]) => [name, median(all)]));
}

export async function measureStartUp(options: {
  readonly directory: string;
  readonly kubectl: string;
  readonly lab: Lab | undefined;
  readonly rounds: number;
}): Promise<Table> {
  const { directory, kubectl, lab, rounds } = options;
  // kubectl finds plugins by their name on PATH.
  const onPath = join(directory, 'bin');
  await mkdir(onPath, { recursive: true });
  await symlink(pluginProgram, join(onPath, 'kubectl-etcd'));
  const env = {
    ...process.env,
    PATH: [onPath, process.env['PATH']].join(delimiter),
    ...(lab === undefined ? {} : { KUBECONFIG: lab.kubeconfig }),
  };
  const names = {
    version: 'kubectl version --client',
    help: 'kubectl-etcd --help',
    throughKubectl: 'kubectl etcd --help',
    status: 'kubectl-etcd status, three members of the lab',
  };
  const took = await inTurns(
    {
      [names.version]: () => runTimed([kubectl, 'version', '--client'], { env }),
      [names.help]: () => runTimed([pluginProgram, '--help'], { env }),
      [names.throughKubectl]: () => runTimed([kubectl, 'etcd', '--help'], { env }),
      ...(lab === undefined ? {} : { [names.status]: () => runTimed([pluginProgram, 'status'], { env }) }),
    },
    rounds,
  );
  const of = (name: string) => took[name] ?? NaN;
  return {
    title: `Start-up (median of ${rounds}, in turns)`,
    columns: ['command', 'took'],
    rows: Object.entries(took).map(([name, time]) => [name, seconds(time)]),
    findings: [
      judged('help, against kubectl version --client', of(names.help) / of(names.version), 2),
      judged('help through kubectl, against the same', of(names.throughKubectl) / of(names.version), 2),
      ...(lab === undefined ? [] : [judged('status of three members', of(names.status), 0.6, 's')]),
    ],
  };
}
