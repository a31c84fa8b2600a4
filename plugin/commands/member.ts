import type { Command } from 'commander';
import { exitCode } from '../../core/failure.ts';
import type { MemberFlags } from '../member/run-rejoin.ts';
import { reachPast, withConsentFlags } from './operation.ts';
import { helpEnd, withReachFlags } from './surroundings.ts';
import type { ReachFlags, Surroundings } from './surroundings.ts';

type Flags = ReachFlags & MemberFlags;

export function addMember(program: Command, surroundings: Surroundings): void {
  const member = program
    .command('member')
    .summary('the members of etcd: list them, bring one back, move the leadership')
    .description(
      'A member is an etcd with its data. A single one that is broken is brought back from the others, without a snapshot and without an outage.',
    )
    .helpCommand(false);
  const open = (flags: Flags) => () => reachPast(flags, surroundings);

  withReachFlags(member.command('list'))
    .summary('all members, with the nodes that they run on')
    .description('Lists the members as one of them has them, and what each says of itself.')
    .option('-o, --output <format>', 'wide, json, yaml or name')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['who is there, and who leads?', 'kubectl etcd member list'],
          ['with their peer URLs', 'kubectl etcd member list -o wide'],
        ],
        [[exitCode.done, 'listed']],
      ),
    )
    .action(async (flags: Flags) => {
      await surroundings.run(async () =>
        (await import('../member/run-list.ts')).runMemberList({ flags, surroundings, open: open(flags) }),
      );
    });

  changing(member.command('rejoin'))
    .summary('bring the member of a node back, with the data of the others')
    .description(
      'For a node whose data is lost, corrupt or stale, and for one that a restore has left out: its old data goes aside, its member leaves the cluster ' +
        'and a new one joins, as a learner where etcd knows of these, takes the data of the others and votes when it has it. The others go on meanwhile. ' +
        'Refused where they could not: then it is kubectl etcd status that says what to mend first.',
    )
    .argument('<node>', 'the node whose member is brought back')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['what would happen?', 'kubectl etcd member rejoin cp3 --dry-run'],
          ['bring it back', 'kubectl etcd member rejoin cp3'],
          ['in a script', 'kubectl etcd member rejoin cp3 --yes --cluster-name prod-eu1'],
        ],
        changed('it is back, and votes'),
      ),
    )
    .action(async (node: string, flags: Flags) => {
      await surroundings.run(async () =>
        (await import('../member/run-rejoin.ts')).runRejoin({ node, flags, surroundings, open: open(flags) }),
      );
    });

  changing(member.command('remove'))
    .summary('take a member out of the cluster for good')
    .description(
      'The member of NODE, or that with ID, leaves the cluster; it gives the leadership away before. Where its node answers, etcd and the control plane ' +
        'there are stopped and its data goes aside: nothing is left that could be taken for a member. Refused where the others would have no quorum.',
    )
    .argument('<node|id>', 'a node, or the id of a member as member list has it')
    .addHelpText(
      'after',
      helpEnd(
        [
          ['a machine that is gone for good', 'kubectl etcd member remove cp3'],
          ['what an attempt to join has left', 'kubectl etcd member remove 3f1c09e2a4b7d855'],
        ],
        changed('it has left'),
      ),
    )
    .action(async (target: string, flags: Flags) => {
      await surroundings.run(async () =>
        (await import('../member/run-remove.ts')).runRemove({ target, flags, surroundings, open: open(flags) }),
      );
    });

  withReachFlags(member.command('move-leader'))
    .summary('let another member lead')
    .description('Gives the leadership to the member on NODE. Harmless: reads and writes wait for some milliseconds.')
    .argument('<node>', 'the node whose member is to lead')
    .addHelpText(
      'after',
      helpEnd(
        [['before cp1 is taken down', 'kubectl etcd member move-leader cp2']],
        [
          [exitCode.done, 'it leads'],
          [exitCode.refused, 'refused, nothing was changed'],
        ],
      ),
    )
    .action(async (node: string, flags: Flags) => {
      await surroundings.run(async () =>
        (await import('../member/run-direct.ts')).runMoveLeader({ node, surroundings, open: open(flags) }),
      );
    });

  withReachFlags(member.command('promote'))
    .summary('let a learner vote')
    .description('Makes a voter of the learner on NODE, once it is in sync: what an attempt to join has left undone.')
    .argument('<node>', 'the node whose member is a learner')
    .addHelpText(
      'after',
      helpEnd(
        [['finish what was begun', 'kubectl etcd member promote cp3']],
        [
          [exitCode.done, 'it votes'],
          [exitCode.refused, 'refused, nothing was changed'],
        ],
      ),
    )
    .action(async (node: string, flags: Flags) => {
      await surroundings.run(async () =>
        (await import('../member/run-direct.ts')).runPromote({ node, surroundings, open: open(flags) }),
      );
    });
}

function changing(command: Command): Command {
  return withConsentFlags(withReachFlags(command))
    .option('--dry-run', 'show the plan, and do nothing')
    .option('-o, --output <format>', 'json or yaml');
}

function changed(done: string): Parameters<typeof helpEnd>[1] {
  return [
    [exitCode.done, done],
    [exitCode.refused, 'refused, nothing was touched'],
    [exitCode.resumable, 'stopped half-way: resume it, or roll it back'],
  ];
}
