import type { Command } from 'commander';
import { exitCode } from '../../core/failure.ts';
import { helpEnd, reach, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

export function addDoctor(program: Command, surroundings: Surroundings): void {
  withReachFlags(program.command('doctor'))
    .summary('what is wrong, and which command mends it')
    .description(
      'Looks at everything, changes nothing, and says which command to run and why. Members, data, disks, clocks, certificates, manifests and agents of ' +
        'all nodes are looked at at once. Works without quorum and with the API server down. A node that does not answer within 3 s ' +
        'is a finding.',
    )
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['something is broken: what now?', 'kubectl etcd doctor'],
          [
            'from a monitoring system',
            'kubectl etcd doctor -o json | jq \'.findings[] | select(.severity != "info")\'',
          ],
        ],
        [
          [exitCode.done, 'nothing is wrong; there may be notes'],
          [exitCode.failed, 'something critical, with a quorum; or nothing could be found out'],
          [exitCode.degraded, 'warnings: somebody should act, nothing is urgent'],
          [exitCode.quorumLost, 'quorum lost'],
        ],
      ),
    )
    .action(async (flags: ReachFlags & { output?: string }) => {
      await surroundings.run(async () => {
        const { runDoctor } = await import('../doctor/run-doctor.ts');
        return await runDoctor({ flags, surroundings, open: () => reach(flags, surroundings) });
      });
    });
}
