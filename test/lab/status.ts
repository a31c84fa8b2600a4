/** `hack/lab status`: the lab as it is at this moment, asked of the machine and of the cluster. */
import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { ailments } from './health.ts';
import { describeShape } from './lab-shape.ts';
import { conditionAilments, conditionOf } from './node-condition.ts';
import { readState } from './state.ts';
import { kubeconfigPath, nodesOf } from './where.ts';

/** Prints it; 0 when the lab is up and healthy, 3 when something is wrong, 1 when there is none. Takes 3 s where a node is silent. */
export async function printStatus(): Promise<ExitCode> {
  const state = await readState();
  if (state === undefined) {
    process.stdout.write('no lab: hack/lab up\n');
    return exitCode.failed;
  }
  const nodes = await Promise.all(
    nodesOf(state.count).map(async (node) => ({ node, condition: await conditionOf(node) })),
  );
  const hurt = nodes.flatMap(({ node, condition }) => conditionAilments(node.name, condition));
  // of a node that is off, one need not hear that it does not answer
  const sound = nodes.filter(({ node, condition }) => conditionAilments(node.name, condition).length === 0);
  const wrong = [...hurt, ...(sound.length === 0 ? [] : await ailments(sound.map(({ node }) => node)))];
  if (state.phase === 'starting') wrong.push('`up` has not finished');
  const verdict = wrong.length === 0 ? 'healthy' : 'not healthy';
  const rows = nodes.map(({ node, condition }) => [
    ...[node.name, node.address, String(condition.init ?? 'off')],
    ...[condition.unplugged ? 'unplugged' : 'plugged', condition.disk],
  ]);
  const lines = [
    `${verdict}: ${describeShape(state)}, ${kubeconfigPath}`,
    ...[['NODE', 'ADDRESS', 'INIT', 'CABLE', 'DISK'], ...rows].map(tableRow),
    ...wrong,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return wrong.length === 0 ? exitCode.done : exitCode.degraded;
}

function tableRow(cells: readonly string[]): string {
  const widths = [7, 14, 9, 11];
  return cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('');
}
