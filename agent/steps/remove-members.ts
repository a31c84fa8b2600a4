import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, messageOf } from '../../core/failure.ts';
import { MemberClient } from '../etcd/member-client.ts';
import { shownToOthers } from './check.ts';
import type { StepDriver } from './step.ts';

const answerWithinMs = 5_000;
/** As the check waits for the members; etcd removes none before it has been connected with a majority for five seconds. */
const removedWithinMs = 90_000;
const againAfterMs = 250;

/** Members whose nodes are gone for good leave the cluster. It takes a quorum of those that are left. What has left has left. */
export const removeMembersStep: StepDriver<'remove-members'> = {
  apply: async ({ members }, context) => {
    const endMs = performance.now() + removedWithinMs;
    const { url, credentials } = await context.etcd();
    for (;;) {
      try {
        using client = new MemberClient({ url, credentials: shownToOthers(credentials) });
        const there = new Set((await client.members(answerWithinMs)).members.map(({ id }) => id));
        const [next] = members.filter(({ id }) => there.has(id));
        if (next === undefined) return undefined;
        context.progress(`removing the member ${next.name}`);
        await client.removeMember(next.id, answerWithinMs);
      } catch (thrown) {
        if (performance.now() > endMs)
          throw new Failure({
            reason: 'member-not-removed',
            what: `${members.map(({ name }) => name).join(', ')} cannot be removed from the new cluster`,
            node: context.node,
            why: messageOf(thrown),
            next: 'kubectl etcd logs NODE says why; then resume, or rollback',
            cause: thrown,
          });
        context.progress(`waiting for a quorum: ${messageOf(thrown)}`);
        await sleep(againAfterMs, undefined, { signal: context.signal });
      }
    }
  },

  // They belong to the new cluster, which goes aside as a whole.
  undo: () => Promise.resolve(),
};
