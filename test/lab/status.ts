/** `hack/lab status`: the lab as it is at this moment, asked of the machine and of the cluster. */
import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { ailments } from './health.ts';
import { initOf } from './machine.ts';
import { readState } from './state.ts';
import { kubeconfigPath, nodesOf } from './where.ts';

/** Prints it; 0 when the lab is up and healthy, 3 when something is wrong, 1 when there is none. */
export async function printStatus(): Promise<ExitCode> {
  const state = await readState();
  if (state === undefined) {
    process.stdout.write('no lab: hack/lab up\n');
    return exitCode.failed;
  }
  const nodes = nodesOf(state.count);
  const wrong = [...(await ailments(nodes))];
  if (state.phase === 'starting') wrong.push('`up` has not finished');
  process.stdout.write(
    `${wrong.length === 0 ? 'healthy' : 'not healthy'}: ${state.count} nodes, etcd ${state.etcd}, ${kubeconfigPath}\n`,
  );
  process.stdout.write('NODE   ADDRESS       INIT\n');
  for (const node of nodes) {
    process.stdout.write(`${node.name.padEnd(7)}${node.address.padEnd(14)}${(await initOf(node)) ?? 'off'}\n`);
  }
  for (const ailment of wrong) process.stdout.write(`${ailment}\n`);
  return wrong.length === 0 ? exitCode.done : exitCode.degraded;
}
