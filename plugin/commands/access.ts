import type { Command } from 'commander';
import { Option } from 'commander';
import { exitCode } from '../../core/failure.ts';
import { helpEnd, reach, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

type Flags<More = unknown> = ReachFlags & { readonly output?: string } & More;

export function addAccess(program: Command, surroundings: Surroundings): void {
  const access = program
    .command('access')
    .summary('who may reach the agents while no API server answers')
    .description(
      'Access files lead straight to the agents, past the API server: for when etcd is dead, and the API server with it. Whoever holds one is root ' +
        'on the control plane.',
    )
    .helpCommand(false);
  addSave(access, surroundings);
  addShow(access, surroundings);
  addList(access, surroundings);
  addRevoke(access, surroundings);
}

function addSave(access: Command, surroundings: Surroundings): void {
  withReachFlags(access.command('save'))
    .summary('have an access file issued')
    .description(
      'Has an agent issue a certificate, and writes an access file with it, mode 0600. The file is used by itself when the API server of its ' +
        'cluster does not answer; one that lies elsewhere is named by --access.',
    )
    .argument('[file]', 'default: ~/.kube/kubectl-etcd/CLUSTER.json')
    .option('--name <name>', 'whose it is, as in the list; default: USER@HOST')
    .addOption(new Option('--life <time>', 'how long it is good: 12h, 90d, 1y').default('365d', '365d'))
    .option('--force', 'replace FILE where it exists')
    .option('-o, --output <format>', 'json or yaml; never the key')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['for the day on which nothing answers', 'kubectl etcd access save'],
          ['for the safe of the people on call', 'kubectl etcd access save on-call.json --name on-call --life 90d'],
          ['renew it, with the one that is still good', 'kubectl etcd access save --force'],
        ],
        [
          [exitCode.done, 'written'],
          [exitCode.refused, 'refused, nothing was touched (the file exists)'],
        ],
      ),
    )
    .action(
      async (
        file: string | undefined,
        flags: Flags<{ readonly name?: string; readonly life: string; readonly force?: boolean }>,
      ) => {
        await surroundings.run(async () => {
          const { runAccessSave } = await import('../access/run-save.ts');
          return await runAccessSave({ file, flags, surroundings, open: () => reach(flags, surroundings) });
        });
      },
    );
}

function addShow(access: Command, surroundings: Surroundings): void {
  withReachFlags(access.command('show'))
    .summary('whose an access file is, until when, and which nodes answer')
    .description(
      'Shows an access file without its key, and tries it: which agents answer. The one of --access, else the one that stands in for the API ' +
        'server of the kubeconfig.',
    )
    .argument('[file]', 'the access file')
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd(
        [['would I get through if the API server were dead?', 'kubectl etcd access show']],
        [
          [exitCode.done, 'good, and every agent answers'],
          [exitCode.degraded, 'good, and an agent does not answer'],
        ],
      ),
    )
    .action(async (file: string | undefined, flags: Flags) => {
      await surroundings.run(async () => {
        const { runAccessShow } = await import('../access/run-show.ts');
        const find = async () => {
          const { findAccess } = await import('../cluster/find-access.ts');
          return findAccess(file ?? flags.access, flags, surroundings.environment);
        };
        return await runAccessShow({ find, flags, surroundings });
      });
    });
}

function addList(access: Command, surroundings: Surroundings): void {
  withReachFlags(access.command('list'))
    .summary('the access files that were issued')
    .description('Lists every access file that was issued: to whom, by whom, until when, and whether it was revoked.')
    .option('-o, --output <format>', 'json, yaml or name')
    .addHelpText(
      'after',
      helpEnd([['who can reach the agents?', 'kubectl etcd access list']], [[exitCode.done, 'listed']]),
    )
    .action(async (flags: Flags) => {
      await surroundings.run(async () => {
        const { runAccessList } = await import('../access/run-list.ts');
        return await runAccessList({ flags, surroundings, open: () => reach(flags, surroundings) });
      });
    });
}

function addRevoke(access: Command, surroundings: Surroundings): void {
  withReachFlags(access.command('revoke'))
    .summary('withdraw an access file on all nodes')
    .description(
      'Withdraws every access file of that name on all nodes at once, and ends what is open with it. A node that is down hears of it when it is back.',
    )
    .argument('<name>', 'as in the list: a name, or a serial number')
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd(
        [['a laptop was stolen', 'kubectl etcd access revoke anna@laptop']],
        [
          [exitCode.done, 'every agent knows'],
          [exitCode.degraded, 'revoked, but an agent does not know yet: it is named'],
        ],
      ),
    )
    .action(async (name: string, flags: Flags) => {
      await surroundings.run(async () => {
        const { runAccessRevoke } = await import('../access/run-revoke.ts');
        return await runAccessRevoke({ name, flags, surroundings, open: () => reach(flags, surroundings) });
      });
    });
}
