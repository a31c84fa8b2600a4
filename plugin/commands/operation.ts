import type { Command } from 'commander';
import { exitCode } from '../../core/failure.ts';
import { helpEnd, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

type Flags = ReachFlags & {
  readonly output?: string;
  readonly yes?: boolean;
  readonly clusterName?: string;
  readonly force?: boolean;
  readonly dead?: string;
};

/** Past the API server, which may be what the operation has stopped. */
export async function reachPast(flags: ReachFlags, surroundings: Surroundings) {
  return (await import('../cluster/reach-past-api.ts')).reachPastApiServer(flags, surroundings);
}

export function withConsentFlags(command: Command): Command {
  return command
    .option('--yes', 'do not ask; together with --cluster-name')
    .option('--cluster-name <name>', 'the name of the cluster, as an answer to the question');
}

export function addOperation(program: Command, surroundings: Surroundings): void {
  const operation = program
    .command('operation')
    .summary('what was begun on the nodes: list, resume, roll back')
    .description(
      'What changes nodes is an operation: its plan and its journal are on the disks of the nodes, so that whoever has access can go on with it, or ' +
        'undo it, from any machine.',
    )
    .helpCommand(false);
  const withFlags = (command: Command) => withReachFlags(command);

  withFlags(operation.command('list'))
    .summary('all operations, with how they stand')
    .description('Lists the operations that the nodes keep, the newest first.')
    .option('-o, --output <format>', 'json, yaml or name')
    .addHelpText(
      'after',
      helpEnd([['is anything half done?', 'kubectl etcd operation list']], [[exitCode.done, 'listed']]),
    )
    .action(async (flags: Flags) => {
      await surroundings.run(async () =>
        (await import('../operation/run-list.ts')).runList({
          flags,
          surroundings,
          open: () => reachPast(flags, surroundings),
        }),
      );
    });

  withFlags(operation.command('show'))
    .summary('one operation: its phases, their times, what failed')
    .description('Shows an operation phase by phase, and with -o json its whole plan and the journals of its nodes.')
    .argument('<id>', 'as operation list has it')
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd([['where did it stop?', 'kubectl etcd operation show r-7kq2m']], [[exitCode.done, 'shown']]),
    )
    .action(async (id: string, flags: Flags) => {
      await surroundings.run(async () =>
        (await import('../operation/run-show.ts')).runShow({
          id,
          flags,
          surroundings,
          open: () => reachPast(flags, surroundings),
        }),
      );
    });

  withFlags(operation.command('resume'))
    .summary('go on with an operation that has stopped half-way')
    .description(
      'Goes on where the operation stopped, from the journals of its nodes alone; what is done is not done again.',
    )
    .argument('<id>', 'as operation list has it')
    .option(
      '--dead <nodes>',
      'go on without these: gone for good, and powered off; they are fenced, and leave the new cluster',
    )
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['go on', 'kubectl etcd operation resume r-7kq2m'],
          ['cp3 has burnt down in the middle', 'kubectl etcd operation resume r-7kq2m --dead cp3'],
        ],
        [
          [exitCode.done, 'done'],
          [exitCode.refused, 'refused: it is closed, or a node cannot be reached'],
          [exitCode.resumable, 'stopped half-way again'],
        ],
      ),
    )
    .action(async (id: string, flags: Flags) => {
      await surroundings.run(async () =>
        (await import('../operation/run-resume.ts')).runResume({
          id,
          flags,
          surroundings,
          open: () => reachPast(flags, surroundings),
        }),
      );
    });

  withConsentFlags(withFlags(operation.command('rollback')))
    .summary('bring back what was there before')
    .description(
      'Undoes what the operation has begun, the last phase first, and brings back data and manifests as they were. Free until an API server has ' +
        'served the new data; after that going back is a restore of what was kept.',
    )
    .argument('<id>', 'as operation list has it')
    .option('--dead <nodes>', 'without these: gone for good, and powered off')
    .option(
      '--force',
      'also when an API server has served the new data: what it wrote is lost, and caches may be wrong',
    )
    .addHelpText(
      'after',
      helpEnd(
        [['as it was before', 'kubectl etcd operation rollback r-7kq2m']],
        [
          [exitCode.done, 'rolled back'],
          [exitCode.refused, 'refused: it is closed, a node cannot be reached, or the new data was served'],
          [exitCode.resumable, 'stopped half-way: the same command goes on'],
        ],
      ),
    )
    .action(async (id: string, flags: Flags) => {
      await surroundings.run(async () =>
        (await import('../operation/run-rollback.ts')).runRollback({
          id,
          flags,
          surroundings,
          open: () => reachPast(flags, surroundings),
        }),
      );
    });

  withConsentFlags(withFlags(operation.command('abandon')))
    .summary('close an operation as it stands')
    .description(
      'Closes an operation without doing or undoing anything: for what was finished by hand. What it has stopped stays stopped, and what it has moved ' +
        'aside stays there.',
    )
    .argument('<id>', 'as operation list has it')
    .addHelpText(
      'after',
      helpEnd(
        [['it was finished by hand', 'kubectl etcd operation abandon r-7kq2m']],
        [
          [exitCode.done, 'closed'],
          [exitCode.refused, 'refused: it is closed, or not confirmed'],
        ],
      ),
    )
    .action(async (id: string, flags: Flags) => {
      await surroundings.run(async () =>
        (await import('../operation/run-abandon.ts')).runAbandon({
          id,
          flags,
          surroundings,
          open: () => reachPast(flags, surroundings),
        }),
      );
    });
}
