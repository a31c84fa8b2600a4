import type { Command } from 'commander';
import { exitCode } from '../../core/failure.ts';
import { addDiff } from './snapshot-diff.ts';
import { addSnapshotReaders } from './snapshot-read.ts';
import { helpEnd, reach, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

export function addSnapshot(program: Command, surroundings: Surroundings): void {
  const snapshot = program
    .command('snapshot')
    .summary('save and verify snapshots')
    .description('Saves the database of etcd to a file, and says whether such a file is good.')
    .helpCommand(false);
  addSave(snapshot, surroundings);
  addVerify(snapshot, surroundings);
  addSnapshotReaders(snapshot, surroundings);
  addDiff(snapshot, surroundings);
}

function addSave(snapshot: Command, surroundings: Surroundings): void {
  withReachFlags(snapshot.command('save'))
    .summary('save the database to a file')
    .description(
      'Saves the database of one member to FILE, with its manifest FILE.json beside it. From a healthy follower unless --from says otherwise; ' +
        'also from a member without quorum, which is the first thing to do in any disaster. The file holds every Secret of the cluster: it is ' +
        'written with mode 0600, and appears under its name only when it is complete and checked.',
    )
    .argument('[file]', 'a file or a directory; default: CLUSTER-YYYYMMDDTHHMMSSZ.db here')
    .option('--from <node>', 'save from the member on this node')
    .option('--force', 'replace FILE where it exists')
    .option('-o, --output <format>', 'json, yaml or name')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['save here, under a name that tells cluster and time', 'kubectl etcd snapshot save'],
          ['from the survivor, with quorum lost', 'kubectl etcd snapshot save --from cp1 before-recovery.db'],
        ],
        [
          [exitCode.done, 'saved and checked'],
          [exitCode.refused, 'refused, nothing was touched (the file exists, no room on the disk)'],
        ],
      ),
    )
    .action(
      async (file: string | undefined, flags: ReachFlags & { from?: string; force?: boolean; output?: string }) => {
        await surroundings.run(async () => {
          const { runSave } = await import('../snapshot/run-save.ts');
          return await runSave({ file, flags, surroundings, open: () => reach(flags, surroundings) });
        });
      },
    );
}

function addVerify(snapshot: Command, surroundings: Surroundings): void {
  snapshot
    .command('verify')
    .summary('check that a snapshot is whole and unaltered')
    .description(
      "Checks etcd's trailing checksum and, where there is one, the manifest FILE.json. Needs no cluster; works on snapshots of other tools too.",
    )
    .argument('<file>', 'the snapshot')
    .option('-o, --output <format>', 'json or yaml')
    .addHelpText(
      'after',
      helpEnd(
        [['is this file good?', 'kubectl etcd snapshot verify prod-eu1-20261121T101502Z.db']],
        [
          [exitCode.done, 'whole and unaltered'],
          [exitCode.failed, 'not: the output says what is wrong'],
        ],
      ),
    )
    .action(async (file: string, flags: { output?: string }) => {
      await surroundings.run(async () => {
        const { runVerify } = await import('../snapshot/run-verify.ts');
        return await runVerify({ file, flags, surroundings });
      });
    });
}
