import type { Command } from 'commander';
import { exitCode } from '../../core/failure.ts';
import { helpEnd, reach, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

export function addStatus(program: Command, surroundings: Surroundings): void {
  withReachFlags(program.command('status'))
    .summary('members, leader, health, sizes, lag, and how many members may still be lost')
    .description(
      'Shows every member of etcd: one row a member, also for one that does not answer. Works without quorum.',
    )
    .option('-o, --output <format>', 'wide, json, yaml or name')
    .option('-w, --watch', 'show it again whenever something has changed, until Ctrl-C')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['is etcd well, and how many members may be lost?', 'kubectl etcd status'],
          ['with endpoints, raft terms and indexes', 'kubectl etcd status -o wide'],
          ['for a script: how many more may be lost', "kubectl etcd status -o json | jq '.quorum.canLose'"],
        ],
        [
          [exitCode.done, 'healthy'],
          [exitCode.degraded, 'degraded: a member or an alarm needs attention, quorum is there'],
          [exitCode.quorumLost, 'quorum lost'],
        ],
      ),
    )
    .action(async (flags: ReachFlags & { output?: string; watch?: boolean }) => {
      await surroundings.run(async () => {
        const { showStatus, watchStatus } = await import('../status/show.ts');
        const show = { flags, surroundings, open: () => reach(flags, surroundings) };
        return flags.watch === true ? await watchStatus(show) : await showStatus(show);
      });
    });
}
