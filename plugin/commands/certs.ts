import type { Command } from 'commander';
import { exitCode } from '../../core/failure.ts';
import type { RenewFlags } from '../certs/run-certs.ts';
import { reachPast, withConsentFlags } from './operation.ts';
import { helpEnd, reach, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

export function addCerts(program: Command, surroundings: Surroundings): void {
  const certs = program
    .command('certs')
    .summary("etcd's certificates: check, renew")
    .description(
      'The certificates by which members, API servers and agents know each other. When they have expired nobody reaches etcd any more, its members each ' +
        'other included.',
    )
    .helpCommand(false);
  const runs = () => import('../certs/run-certs.ts');

  withReachFlags(certs.command('check'))
    .summary('every certificate of every node: names, days left, what is wrong')
    .description(
      'Shows every certificate of etcd, of the API servers as its clients, and of the agents. Looks at the files on the nodes: names, days left, whether key ' +
        'and certificate belong together, whether the authority has signed it, whether it names the addresses of its member.',
    )
    .option('-o, --output <format>', 'wide, json or yaml')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['is there time?', 'kubectl etcd certs check'],
          ['for a script', "kubectl etcd certs check -o json | jq '[.certificates[].daysLeft] | min'"],
        ],
        [
          [exitCode.done, 'all are as they should be'],
          [exitCode.failed, 'one has expired, is missing, or does not fit its key or its authority'],
          [exitCode.degraded, 'one will expire within 30 days, an authority within 180; or a node was not reached'],
        ],
      ),
    )
    .action(async (flags: ReachFlags & { output?: string }) => {
      await surroundings.run(async () =>
        (await runs()).runCheck({ flags, surroundings, open: () => reach(flags, surroundings) }),
      );
    });

  withConsentFlags(withReachFlags(certs.command('renew')))
    .summary('new certificates for etcd, from the authority on each node')
    .description(
      "Issues etcd's server, peer and health check certificates and the API server's client certificate anew, from the authority on the node: with the same " +
        'subject, names and uses, and with new keys. The old ones are kept. Then etcd and API server of one node after the other are started anew, each waited ' +
        'for before the next. Without a quorum, as when all have expired, all at once. Works with the API server down.',
    )
    .argument('[node]', 'of this node alone; of all where it is left out')
    .option('--dry-run', 'show the plan, and do nothing')
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['what would happen?', 'kubectl etcd certs renew --dry-run'],
          ['of all nodes', 'kubectl etcd certs renew'],
          ['in a script', 'kubectl etcd certs renew cp3 --yes --cluster-name prod-eu1'],
        ],
        [
          [exitCode.done, 'renewed'],
          [exitCode.refused, 'refused, nothing was touched'],
          [exitCode.resumable, 'stopped half-way: resume it, or roll it back'],
        ],
      ),
    )
    .action(async (node: string | undefined, flags: ReachFlags & RenewFlags) => {
      await surroundings.run(async () =>
        (await runs()).runRenew({ node, flags, surroundings, open: () => reachPast(flags, surroundings) }),
      );
    });
}
