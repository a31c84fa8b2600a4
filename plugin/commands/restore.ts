import type { Command } from 'commander';
import { Option } from 'commander';
import { exitCode } from '../../core/failure.ts';
import type { RestoreFlags } from '../restore/run-restore.ts';
import { reachPast, withConsentFlags } from './operation.ts';
import { helpEnd, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

export function addRestore(program: Command, surroundings: Surroundings): void {
  withConsentFlags(withReachFlags(program.command('restore')))
    .summary('take a snapshot back onto every control-plane node')
    .description(
      'Restores SNAPSHOT on all members at once. First everything is looked at, the snapshot is brought to every node and verified there, what is there is ' +
        'saved, and the new data is built beside the old; then API servers and etcd are stopped, the data is exchanged by a rename, and all is started ' +
        'again, etcd first. The plan is shown and confirmed. Nothing is deleted: the old data stays on the nodes (kept list). What stops half-way is ' +
        'resumed or rolled back (operation list). Works with the API server down.',
    )
    .argument('<snapshot>', 'the file')
    .option('--dry-run', 'show the plan, and do nothing')
    .addOption(
      new Option(
        '--bump-revision <n>',
        'added to the revision, so that no cache takes new for old: auto, a number, or 0',
      ).default('auto', 'auto'),
    )
    .option('--different-cluster <name>', 'it is the snapshot of this other cluster, and that is meant')
    .option('--nodes <names>', 'onto these nodes alone (cp1,cp2); the others are left out, and fenced')
    .option('--dead <names>', 'these are powered off for good: they may be left out')
    .option(
      '--restart-kubelets',
      'restart the kubelets of the control-plane nodes at the end, so that they read everything anew',
    )
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['what would happen?', 'kubectl etcd restore prod-eu1-20261121T081500Z.db --dry-run'],
          ['take it back', 'kubectl etcd restore prod-eu1-20261121T081500Z.db'],
          ['cp3 is gone, and powered off', 'kubectl etcd restore prod-eu1.db --nodes cp1,cp2 --dead cp3'],
          ['in a script', 'kubectl etcd restore prod-eu1.db --yes --cluster-name prod-eu1'],
        ],
        [
          [exitCode.done, 'restored'],
          [exitCode.refused, 'refused, nothing was touched'],
          [exitCode.resumable, 'stopped half-way: resume it, or roll it back'],
        ],
      ),
    )
    .action(async (file: string, flags: ReachFlags & RestoreFlags) => {
      await surroundings.run(async () => {
        const { runRestore } = await import('../restore/run-restore.ts');
        return await runRestore({ file, flags, surroundings, open: () => reachPast(flags, surroundings) });
      });
    });
}
