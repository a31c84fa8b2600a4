/** The commands that look into a snapshot's file; none of them needs a cluster. */
import type { Command } from 'commander';
import { exitCode } from '../../core/failure.ts';
import type { ConnectionFlags } from '../cluster/connection.ts';
import { helpEnd, withConnectionFlags } from './surroundings.ts';
import type { Surroundings } from './surroundings.ts';
import { parseObjectArguments } from '../snapshot/read-flags.ts';

export interface ReadFlags {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly output?: string;
  readonly revision?: string;
  readonly etcdPrefix: string;
  readonly index: boolean;
}

export type GetFlags = ReadFlags &
  ConnectionFlags & { readonly showManagedFields?: boolean; readonly viaServer?: boolean };

const prefixOption = ['--etcd-prefix <prefix>', "the API server's prefix in etcd", '/registry'] as const;
const revisionOption = ['--revision <number>', 'the state at this revision, as far as the file still has it'] as const;
const noIndexOption = ['--no-index', 'leave no index of the keys in the cache directory, and use none'] as const;
const fileArgument = ['<file>', 'the snapshot, or the database file of a stopped member'] as const;

export function addSnapshotReaders(snapshot: Command, surroundings: Surroundings): void {
  addStatus(snapshot, surroundings);
  addLs(snapshot, surroundings);
  addGet(snapshot, surroundings);
  addKeys(snapshot, surroundings);
  addUsage(snapshot, surroundings);
}

function addStatus(snapshot: Command, surroundings: Surroundings): void {
  snapshot
    .command('status')
    .summary('say what a snapshot holds')
    .description('Reads every page once. The hash, the revision and the size are those of `etcdutl snapshot status`.')
    .argument(...fileArgument)
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd([['what is in this file?', 'kubectl etcd snapshot status backup.db']], [[exitCode.done, 'done']]),
    )
    .action(async (file: string, flags: { output?: string }) => {
      await surroundings.run(async () =>
        (await import('../snapshot/run-file-status.ts')).runFileStatus({ file, flags, surroundings }),
      );
    });
}

function addLs(snapshot: Command, surroundings: Surroundings): void {
  snapshot
    .command('ls')
    .summary('list the objects in a snapshot, as kubectl get does')
    .description('Lists the objects of one resource, or without RESOURCE how many there are of each.')
    .argument(...fileArgument)
    .argument('[resource]', 'as kubectl takes it: pods, deploy, widgets.example.com')
    .option('-n, --namespace <name>', 'of this namespace')
    .option('-A, --all-namespaces', 'of all namespaces (the default)')
    .option(...revisionOption)
    .option(...noIndexOption)
    .option(...prefixOption)
    .option('-o, --output <format>', 'json, yaml or name')
    .addHelpText(
      'after',
      helpEnd(
        [['is the deployment I deleted in here?', 'kubectl etcd snapshot ls backup.db deployments -n shop']],
        [[exitCode.done, 'done']],
      ),
    )
    .action(async (file: string, resource: string | undefined, flags: ReadFlags) => {
      await surroundings.run(async () =>
        (await import('../snapshot/run-ls.ts')).runLs({ file, resource, flags, surroundings }),
      );
    });
}

function addGet(snapshot: Command, surroundings: Surroundings): void {
  withConnectionFlags(snapshot.command('get'))
    .summary('print an object out of a snapshot')
    .description(
      'Prints one object as it was. Fields that this program does not know are shown as unknownFieldN; values that the API server encrypted are ' +
        'named with their provider and key. Secrets print as kubectl prints them.',
    )
    .argument(...fileArgument)
    .argument('<resource>', 'as kubectl takes it')
    .argument('[name]', "the object's name; or both in one word: deployment/cart")
    .option('-n, --namespace <name>', 'its namespace; default: default')
    .option('--show-managed-fields', 'managedFields too')
    .option(
      '--via-server',
      'have the API server decode what this program does not know: by the dry run of a creation, which keeps nothing',
    )
    .option(...revisionOption)
    .option(...noIndexOption)
    .option(...prefixOption)
    .option('-o, --output <format>', 'yaml, json, or raw: the bytes as stored', 'yaml')
    .addHelpText(
      'after',
      helpEnd(
        [['bring it back', 'kubectl etcd snapshot get backup.db deployment cart -n shop | kubectl create -f -']],
        [[exitCode.done, 'done']],
      ),
    )
    .action(async (file: string, resource: string, name: string | undefined, flags: GetFlags) => {
      await surroundings.run(async () => {
        const { runGet } = await import('../snapshot/run-get.ts');
        return await runGet({ file, ...parseObjectArguments(resource, name), flags, surroundings });
      });
    });
}

function addKeys(snapshot: Command, surroundings: Surroundings): void {
  snapshot
    .command('keys')
    .summary('list the keys in a snapshot')
    .description(
      'Lists keys, one a line; with -o json, one object a line with revisions, lease and size. Any keys, not only those of Kubernetes.',
    )
    .argument(...fileArgument)
    .argument('[prefix]', 'those that begin with this', '')
    .option('--values', 'their values too: text as it is, everything else in base64')
    .option(...revisionOption)
    .option(...noIndexOption)
    .option('-o, --output <format>', 'json: one object a line')
    .addHelpText(
      'after',
      helpEnd(
        [['all keys of a namespace', 'kubectl etcd snapshot keys backup.db /registry/pods/shop/']],
        [[exitCode.done, 'done']],
      ),
    )
    .action(
      async (
        file: string,
        prefix: string,
        flags: { values?: boolean; revision?: string; output?: string; index: boolean },
      ) => {
        await surroundings.run(async () =>
          (await import('../snapshot/run-keys.ts')).runKeys({ file, prefix, flags, surroundings }),
        );
      },
    );
}

function addUsage(snapshot: Command, surroundings: Surroundings): void {
  snapshot
    .command('usage')
    .summary('show what fills a database')
    .description(
      'By resource and namespace: what lives, what is history that compaction takes away, what is free that defragmentation gives back.',
    )
    .argument(...fileArgument)
    .option('--html <file>', 'also write a self-contained page with a map of it')
    .option(...prefixOption)
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd([['what fills it?', 'kubectl etcd snapshot usage backup.db']], [[exitCode.done, 'done']]),
    )
    .action(async (file: string, flags: { html?: string; output?: string; etcdPrefix: string }) => {
      await surroundings.run(async () =>
        (await import('../snapshot/run-usage.ts')).runUsage({ file, flags, surroundings }),
      );
    });
}
