import type { Command } from 'commander';
import { exitCode } from '../../core/failure.ts';
import { helpEnd, reach, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

export function addLogs(program: Command, surroundings: Surroundings): void {
  withReachFlags(program.command('logs'))
    .summary("etcd's own log on a node")
    .description("Prints etcd's own log as it lies on the node, also when etcd no longer runs there.")
    .argument('<node>', 'the control-plane node')
    .option('-p, --previous', 'of the last container that died')
    .option('-f, --follow', 'go on printing until Ctrl-C')
    .option('--tail <lines>', 'only the last lines')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['why did etcd die on cp3?', 'kubectl etcd logs cp3 --previous --tail 50'],
          ['watch it', 'kubectl etcd logs cp1 -f --tail 10'],
        ],
        [[exitCode.done, 'printed']],
      ),
    )
    .action(async (node: string, flags: ReachFlags & { previous?: boolean; follow?: boolean; tail?: string }) => {
      await surroundings.run(async () => {
        const { printLogs } = await import('../logs/print-logs.ts');
        return await printLogs({ node, flags, surroundings, open: () => reach(flags, surroundings) });
      });
    });
}
