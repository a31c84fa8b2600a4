import type { Command } from 'commander';
import { exitCode } from '../../core/failure.ts';
import { reachPast, withConsentFlags } from './operation.ts';
import { helpEnd, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

type Flags = ReachFlags & {
  readonly output?: string;
  readonly yes?: boolean;
  readonly clusterName?: string;
  readonly all?: boolean;
};

export function addKept(program: Command, surroundings: Surroundings): void {
  const kept = program
    .command('kept')
    .summary('what operations have moved aside on the nodes')
    .description(
      'Operations delete nothing: old data and manifests are moved aside on their nodes. Here they are listed, and deleted.',
    )
    .helpCommand(false);
  const runs = () => import('../kept/run-kept.ts');

  withReachFlags(kept.command('list'))
    .summary('what is kept, by node, with its size')
    .description('Lists what operations have moved aside or saved before they began.')
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd(
        [['what takes the room?', 'kubectl etcd kept list']],
        [
          [exitCode.done, 'listed'],
          [exitCode.degraded, 'listed, but for nodes that could not be asked'],
        ],
      ),
    )
    .action(async (flags: Flags) => {
      await surroundings.run(async () =>
        (await runs()).runKeptList({ flags, surroundings, open: () => reachPast(flags, surroundings) }),
      );
    });

  withConsentFlags(withReachFlags(kept.command('delete')))
    .summary('delete what operations keep')
    .description('Deletes what the named operations have moved aside, on all nodes. There is no way back.')
    .argument('[id...]', 'operations, as kept list has them')
    .option('--all', 'of all operations')
    .addHelpText(
      'after',
      helpEnd(
        [['the restore went well, and the backup too', 'kubectl etcd kept delete r-7kq2m']],
        [
          [exitCode.done, 'deleted'],
          [exitCode.refused, 'refused, nothing was deleted: not confirmed, or the operation is not finished'],
        ],
      ),
    )
    .action(async (ids: string[], flags: Flags) => {
      await surroundings.run(async () =>
        (await runs()).runKeptDelete({ ids, flags, surroundings, open: () => reachPast(flags, surroundings) }),
      );
    });
}
