import type { Command } from 'commander';
import { Option } from 'commander';
import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { ConnectionFlags } from '../cluster/connection.ts';
import type { Reach } from '../link/reach.ts';
import type { Terminal } from '../report/terminal.ts';

/** What every command is given; wired in main.ts. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted by the first Ctrl-C, with a Failure of exit code 130. */
  readonly signal: AbortSignal;
  /** Runs a command's action and keeps the exit code it gives. */
  readonly run: (action: () => Promise<ExitCode>) => Promise<void>;
}

export type ReachFlags = ConnectionFlags & { readonly access?: string };

/** kubectl's connection flags, and the way around the API server. */
export function withReachFlags(command: Command): Command {
  return withConnectionFlags(command).addOption(
    new Option('--access <file>', 'reach the agents as this access file says, without the API server').env(
      'KUBECTL_ETCD_ACCESS',
    ),
  );
}

export function withConnectionFlags(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'the kubeconfig to use')
    .option('--context <name>', 'the context of the kubeconfig')
    .option('--cluster <name>', 'the cluster of the kubeconfig')
    .option('--user <name>', 'the user of the kubeconfig')
    .option('-s, --server <url>', 'the address of the API server')
    .addOption(new Option('--token <token>', 'a bearer token for the API server').hideHelp())
    .addOption(new Option('--certificate-authority <file>', "the API server's CA").hideHelp())
    .addOption(new Option('--client-certificate <file>', 'a client certificate').hideHelp())
    .addOption(new Option('--client-key <file>', 'its key').hideHelp())
    .addOption(new Option('--tls-server-name <name>', "the name in the API server's certificate").hideHelp())
    .addOption(new Option('--insecure-skip-tls-verify', "do not check the API server's certificate").hideHelp());
}

type Exit = readonly [code: ExitCode, meaning: string];

/** What a command's help closes with: examples, then the exit codes that it gives; those that every command gives come by themselves. */
export function helpEnd(examples: readonly (readonly [what: string, line: string])[], exits: readonly Exit[]): string {
  return [
    '',
    'Examples:',
    ...examples.flatMap(([what, line]) => [`  # ${what}`, `  ${line}`]),
    '',
    'Exit codes:',
    ...[...exits, ...commonExits.filter(([code]) => !exits.some(([own]) => own === code))]
      .sort(([one], [other]) => one - other)
      .map(([code, meaning]) => `  ${String(code).padEnd(3)}  ${meaning}`),
  ].join('\n');
}

const commonExits: readonly Exit[] = [
  [exitCode.failed, 'failed: standard error says what, why, and what to do'],
  [exitCode.usage, 'wrong usage'],
  [exitCode.interrupted, 'interrupted'],
];

/** Reaches the cluster that the flags name. Loads client-node only when it is needed: it takes a tenth of a second to. */
export async function reach(flags: ReachFlags, surroundings: Surroundings): Promise<Reach> {
  // An empty variable is one that is not set, as with KUBECONFIG.
  if (flags.access !== undefined && flags.access !== '')
    return (await import('../link/access-file.ts')).reachByAccessFile(flags.access, surroundings.signal);
  return (await import('../cluster/reach-cluster.ts')).reachCluster(flags, surroundings);
}
