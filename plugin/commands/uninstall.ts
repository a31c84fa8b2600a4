import type { Command } from 'commander';
import { Option } from 'commander';
import { exitCode } from '../../core/failure.ts';
import { helpEnd, withConnectionFlags } from './surroundings.ts';
import type { Surroundings } from './surroundings.ts';
import type { ConnectionFlags } from '../cluster/connection.ts';

export function addUninstall(program: Command, surroundings: Surroundings): void {
  withConnectionFlags(program.command('uninstall'))
    .summary('take the agents away again')
    .description('Deletes the DaemonSet, its namespace and its RBAC. Snapshots and etcd are not touched.')
    .addOption(new Option('--timeout <seconds>', 'how long to wait until all is gone').default('120', '120'))
    .addHelpText(
      'after',
      helpEnd([['uninstall', 'kubectl etcd uninstall']], [[exitCode.done, 'gone, or was not there']]),
    )
    .action(async (flags: ConnectionFlags & { timeout: string }) => {
      await surroundings.run(async () => {
        const { runUninstall } = await import('../install/run-uninstall.ts');
        const { throughApiAlone } = await import('../cluster/api-failure.ts');
        return await throughApiAlone('uninstall', () => runUninstall({ flags, surroundings }));
      });
    });
}
