import type { Command } from 'commander';
import { commonExits, helpEnd, reach, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

export function addVersion(program: Command, surroundings: Surroundings): void {
  withReachFlags(program.command('version'))
    .summary('versions of the plugin, the agents and etcd')
    .option('--client', 'the version of the plugin alone; asks nobody')
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd(
        [['do plugin and agents fit together?', 'kubectl etcd version']],
        ['0  all of one version', '3  an agent is missing, silent or of another version', ...commonExits],
      ),
    )
    .action(async (flags: ReachFlags & { client?: boolean; output?: string }) => {
      await surroundings.run(async () => {
        const { showVersion } = await import('../version/show-version.ts');
        return await showVersion({ flags, surroundings, open: () => reach(flags, surroundings) });
      });
    });
}
