import type { Command } from 'commander';
import { Option } from 'commander';
import { exitCode } from '../../core/failure.ts';
import type { RecoverFlags } from '../recover/run-recover.ts';
import { reachPast, withConsentFlags } from './operation.ts';
import { helpEnd, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

export function addRecover(program: Command, surroundings: Surroundings): void {
  withConsentFlags(withReachFlags(program.command('recover')))
    .summary('quorum is lost: go on with the member that holds most')
    .description(
      'Makes a working cluster of what is left when quorum is lost. Every member that can be reached is asked what it holds, where its etcd does not run ' +
        'from its disk; the one that knows most to be committed is taken. A copy of its data becomes a cluster of that one member, takes the place of the ' +
        'old data by a rename, and is checked before an API server starts; then the other nodes that are there are brought back one by one. Refused ' +
        'while quorum exists, or while members that are neither reached nor declared dead could be one. Nothing is deleted. Needs no snapshot, and no API server.',
    )
    .option('--from <node>', 'go on with the member of this node')
    .addOption(
      new Option('--dead <node>', 'it is powered off for good, or must not come back as it was; may be given again')
        .argParser((value: string, before: readonly string[]) => [...before, ...value.split(',')])
        .default([], 'none'),
    )
    .option('--method <way>', 'force-new-cluster, or restore: new ids and revisions above all that were seen')
    .option('--dry-run', 'show the plan, and do nothing')
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['what would happen?', 'kubectl etcd recover --dry-run'],
          ['two of three machines are gone, and powered off', 'kubectl etcd recover --dead cp2 --dead cp3'],
          ['two of three lost their data; their machines are there', 'kubectl etcd recover'],
          ['in a script', 'kubectl etcd recover --dead cp2 --dead cp3 --yes --cluster-name prod-eu1'],
        ],
        [
          [exitCode.done, 'recovered'],
          [exitCode.refused, 'refused, nothing was touched'],
          [exitCode.resumable, 'stopped half-way: resume it, or roll it back'],
        ],
      ),
    )
    .action(async (flags: ReachFlags & RecoverFlags) => {
      await surroundings.run(async () => {
        const { runRecover } = await import('../recover/run-recover.ts');
        return await runRecover({ flags, surroundings, open: () => reachPast(flags, surroundings) });
      });
    });
}
