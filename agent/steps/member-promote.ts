import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, messageOf } from '../../core/failure.ts';
import { MemberClient } from '../etcd/member-client.ts';
import { GrpcError } from '../grpc/session.ts';
import { shownToOthers } from './check.ts';
import { answerWithinMs, changedWithinMs, changeMembership, membersNow, withPeerUrls } from './membership.ts';
import type { StepContext, StepDriver } from './step.ts';

const votesWithinMs = 60_000;
const lookEveryMs = 150;

/**
 * A learner becomes a voter. Asked for again as long as etcd says that it is not in sync; then it is asked itself, and has to confirm a read, which
 * no learner does. One that votes already is only asked. No way back but to remove it.
 */
export const memberPromoteStep: StepDriver<'member-promote'> = {
  apply: async ({ name, peerUrls }, context) => {
    using client = new MemberClient(await context.etcd());
    const found = withPeerUrls(await membersNow(client, context), peerUrls);
    if (found === undefined) throw gone(name, context.node);
    const { id } = found;
    await changeMembership(
      {
        what: `promoting ${name}`,
        send: (asked) => asked.promoteMember(id, changedWithinMs),
        isDone: (now) => now.some((member) => member.id === id && !member.learner),
      },
      context,
    );
    await untilItVotes(id, name, client, context);
    return { id };
  },

  undo: () => Promise.resolve(),
};

async function untilItVotes(id: string, name: string, client: MemberClient, context: StepContext): Promise<void> {
  const { credentials } = await context.etcd();
  const endMs = performance.now() + votesWithinMs;
  for (;;) {
    const member = (await membersNow(client, context)).find((each) => each.id === id);
    if (member === undefined) throw gone(name, context.node);
    const why = member.learner
      ? 'it is still listed as a learner'
      : await silenceOf(member.clientUrls[0], { id, credentials: shownToOthers(credentials) });
    if (why === undefined) return;
    if (performance.now() > endMs)
      throw new Failure({
        reason: 'member-not-well',
        what: `${name} votes, and does not confirm a read`,
        node: context.node,
        why,
        next: `kubectl etcd logs ${name}; then resume`,
      });
    context.progress(`waiting for ${name}: ${why}`);
    await sleep(lookEveryMs, undefined, { signal: context.signal });
  }
}

/** @returns why it does not do what a voter does. */
async function silenceOf(
  url: string | undefined,
  { id, credentials }: { readonly id: string; readonly credentials: ReturnType<typeof shownToOthers> },
): Promise<string | undefined> {
  if (url === undefined) return 'it has not said where it serves clients';
  try {
    using client = new MemberClient({ url, credentials });
    const [status, read] = await Promise.all([client.status(answerWithinMs), client.confirmRead(answerWithinMs)]);
    if (status.header.memberId !== id) return `at ${url} answers the member ${status.header.memberId}`;
    return 'revision' in read || read.unconfirmed.startsWith('etcd does not allow') ? undefined : read.unconfirmed;
  } catch (thrown) {
    if (!(thrown instanceof GrpcError)) throw thrown;
    return messageOf(thrown);
  }
}

function gone(name: string, node: string): Failure {
  return new Failure({
    reason: 'member-gone',
    what: `${name} is not among the members any more`,
    node,
    why: 'somebody has removed it meanwhile',
    next: 'kubectl etcd member list; then roll back, and begin anew',
  });
}
