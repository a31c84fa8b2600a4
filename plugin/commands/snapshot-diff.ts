import type { Command } from 'commander';
import { exitCode } from '../../core/failure.ts';
import { helpEnd, reach, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

export type DiffFlags = ReachFlags & {
  readonly from?: string;
  readonly output?: string;
  readonly etcdPrefix: string;
  readonly index: boolean;
};

export function addDiff(snapshot: Command, surroundings: Surroundings): void {
  withReachFlags(snapshot.command('diff'))
    .summary('say what a restore of a snapshot would change')
    .description(
      'Compares the keys of a snapshot with those that etcd has now: what a restore would lose, what it would bring back, and what it would set ' +
        'back to an older state. Changes nothing, and works without quorum.',
    )
    .argument('<file>', 'the snapshot, or the database file of a stopped member')
    .option('--from <node>', 'compare with the member on this node')
    .option('--no-index', 'leave no index of the keys in the cache directory, and use none')
    .option('--etcd-prefix <prefix>', "the API server's prefix in etcd", '/registry')
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['what would be lost if this were restored?', 'kubectl etcd snapshot diff backup.db'],
          [
            'the namespaces that were deleted since',
            "kubectl etcd snapshot diff backup.db -o json | jq -r '.broughtBack.namespaces[]'",
          ],
        ],
        [[exitCode.done, 'compared, with differences or without']],
      ),
    )
    .action(async (file: string, flags: DiffFlags) => {
      await surroundings.run(async () => {
        const { runDiff } = await import('../snapshot/run-diff.ts');
        return await runDiff({ file, flags, surroundings, open: () => reach(flags, surroundings) });
      });
    });
}
