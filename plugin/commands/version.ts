import type { Command } from 'commander';
import { exitCode } from '../../core/failure.ts';
import { helpEnd, reach, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

export function addVersion(program: Command, surroundings: Surroundings): void {
  withReachFlags(program.command('version'))
    .summary('versions of the plugin, the agents and etcd')
    .description('Prints the version of the plugin, and on every control-plane node those of the agent and of etcd.')
    .option('--client', 'the version of the plugin alone; asks nobody')
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd(
        [['do plugin and agents fit together?', 'kubectl etcd version']],
        [
          [exitCode.done, 'all of one version'],
          [exitCode.degraded, 'an agent is missing, silent or of another version'],
        ],
      ),
    )
    .action(async (flags: ReachFlags & { client?: boolean; output?: string }) => {
      await surroundings.run(async () => {
        const { showVersion } = await import('../version/show-version.ts');
        return await showVersion({ flags, surroundings, open: () => reach(flags, surroundings) });
      });
    });
}
