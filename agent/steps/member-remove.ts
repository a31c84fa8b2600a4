import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.ts';
import { staysQuorate } from '../../core/operation/quorum.ts';
import { MemberClient } from '../etcd/member-client.ts';
import type { ListedMember } from '../etcd/messages.ts';
import { GrpcError } from '../grpc/session.ts';
import { shownToOthers } from './check.ts';
import { answerWithinMs, changedWithinMs, changeMembership, membersNow } from './membership.ts';
import type { StepContext, StepDriver } from './step.ts';

const ledAnewWithinMs = 15_000;
const lookEveryMs = 100;

/**
 * A member leaves the cluster for good: its data is let in nowhere after that. It gives the leadership away before, and does not leave where the
 * others would not go on. No way back: undone, it is gone all the same.
 */
export const memberRemoveStep: StepDriver<'member-remove'> = {
  apply: async ({ member: { id, name } }, context) => {
    const removed = await removeMember({ id, name }, context);
    return { id, removed };
  },

  undo: () => Promise.resolve(),
};

type Context = Pick<StepContext, 'node' | 'etcd' | 'signal' | 'progress'>;

/** @returns whether it was there. @throws {Failure} `would-lose-quorum`, `leader-not-moved` and what changeMembership throws. */
export async function removeMember(
  { id, name }: { readonly id: string; readonly name: string },
  context: Context,
): Promise<boolean> {
  using client = new MemberClient(await context.etcd());
  const members = await membersNow(client, context);
  const leaving = members.find((member) => member.id === id);
  if (leaving === undefined) return false;
  if (!leaving.learner) {
    await assertOthersGoOn(leaving, members, context);
    await moveLeaderAway(leaving, client, context);
  }
  await changeMembership(
    {
      what: `removing the member ${name || id}`,
      send: (asked) => asked.removeMember(id, changedWithinMs),
      isDone: (now) => !now.some((member) => member.id === id),
    },
    context,
  );
  return true;
}

/** etcd looks at this as well, but for a member that it finds down, or where --strict-reconfig-check is off. */
async function assertOthersGoOn(leaving: ListedMember, members: readonly ListedMember[], context: Context) {
  const voters = await Promise.all(
    members
      .filter(({ learner }) => !learner)
      .map(async (member) => ({ id: member.id, isWell: (await statusOf(member, context)) !== undefined })),
  );
  if (staysQuorate(voters, leaving.id)) return;
  throw new Failure({
    reason: 'would-lose-quorum',
    what: `without ${leaving.name || leaving.id} the others would have no quorum`,
    node: context.node,
    why: `${voters.filter(({ isWell, id }) => isWell && id !== leaving.id).length} of the ${voters.length - 1} that would be left answer`,
    next: 'kubectl etcd status; bring another member back first',
    exit: 5,
  });
}

async function moveLeaderAway(leaving: ListedMember, client: MemberClient, context: Context): Promise<void> {
  const endMs = performance.now() + ledAnewWithinMs;
  let why = '';
  for (;;) {
    const [{ leader }, { members }] = await Promise.all([
      client.status(answerWithinMs),
      client.members(answerWithinMs),
    ]);
    if (leader !== leaving.id && leader !== '0') return;
    if (performance.now() > endMs)
      throw new Failure({
        reason: 'leader-not-moved',
        what: `${leaving.name} does not give the leadership away`,
        node: context.node,
        why,
        next: 'kubectl etcd status; then resume',
      });
    context.progress(`moving the leadership away from ${leaving.name}`);
    if (leader === leaving.id)
      try {
        const heir = await furthest(
          members.filter(({ id, learner }) => id !== leaving.id && !learner),
          context,
        );
        using asked = await clientOf(leaving, context);
        if (heir !== undefined) await asked.moveLeader(heir.id, changedWithinMs);
      } catch (thrown) {
        // Asked again as long as it leads: who leads is no fact that could be made twice.
        if (!(thrown instanceof GrpcError)) throw thrown;
        why = thrown.message;
      }
    await sleep(lookEveryMs, undefined, { signal: context.signal });
  }
}

async function furthest(members: readonly ListedMember[], context: Context): Promise<ListedMember | undefined> {
  const asked = await Promise.all(
    members.map(async (member) => ({ member, applied: (await statusOf(member, context))?.raftAppliedIndex ?? -1 })),
  );
  return asked.filter(({ applied }) => applied >= 0).sort((one, other) => other.applied - one.applied)[0]?.member;
}

/** Undefined where it does not answer, or has nobody to follow. */
async function statusOf(member: ListedMember, context: Context) {
  try {
    using client = await clientOf(member, context);
    const status = await client.status(answerWithinMs);
    return status.leader === '0' || status.header.memberId !== member.id ? undefined : status;
  } catch (thrown) {
    if (!(thrown instanceof GrpcError)) throw thrown;
    return undefined;
  }
}

async function clientOf({ clientUrls, name, id }: ListedMember, context: Context): Promise<MemberClient> {
  const { credentials } = await context.etcd();
  const [url] = clientUrls;
  if (url === undefined) throw new GrpcError(0, `${name || id} was never started`);
  return new MemberClient({ url, credentials: shownToOthers(credentials) });
}
