import type { Command } from 'commander';
import { Option } from 'commander';
import { exitCode } from '../../core/failure.ts';
import { helpEnd, withConnectionFlags } from './surroundings.ts';
import type { Surroundings } from './surroundings.ts';
import type { InstallFlags } from '../install/run-install.ts';

export function addInstall(program: Command, surroundings: Surroundings): void {
  withConnectionFlags(program.command('install'))
    .summary('put an agent on every control-plane node')
    .description(
      'Creates the namespace kubectl-etcd with RBAC and a DaemonSet, and waits until the agent of every control-plane node answers. Makes the ' +
        "agents' own certificate authority, and writes an access file with which they are reached while the API server is down. Whoever holds " +
        'that, or may exec into the pods, is root on the control plane. May be run again: it enrols nodes that came later, brings image and ' +
        'name up to date, and renews what is old.',
    )
    .option(
      '--name <cluster>',
      'what to call this cluster in file names and questions; default: the name in the kubeconfig',
    )
    .option('--image <ref>', "the agent's image; default: that of the plugin's version")
    .option('--port <number>', 'where the agents listen for access files and each other; default: 2378')
    .addOption(new Option('--life <time>', 'how long the access file is good: 90d, 1y').default('365d', '365d'))
    .addOption(new Option('--timeout <seconds>', 'how long to wait for the agents').default('120', '120'))
    .addHelpText(
      'after',
      helpEnd(
        [
          ['install', 'kubectl etcd install --name prod-eu1'],
          [
            'from a registry of your own',
            'kubectl etcd install --name prod-eu1 --image registry.example.com/kubectl-etcd-agent:v0.1.0',
          ],
        ],
        [
          [exitCode.done, 'every agent answers and is enrolled'],
          [exitCode.degraded, 'installed, but not every agent answers and is enrolled'],
        ],
      ),
    )
    .action(async (flags: InstallFlags) => {
      await surroundings.run(async () => {
        const { runInstall } = await import('../install/run-install.ts');
        const { throughApiAlone } = await import('../cluster/api-failure.ts');
        return await throughApiAlone('install', () => runInstall({ flags, surroundings }));
      });
    });
}
