import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, messageOf } from '../../core/failure.ts';
import { MemberClient } from '../etcd/member-client.ts';
import type { MemberEndpoint } from '../etcd/member-client.ts';
import { shownToOthers } from './check.ts';
import type { StepDriver } from './step.ts';

const answerWithinMs = 2_000;
const settledWithinMs = 90_000;
const lookEveryMs = 150;

/** Waits until the members that are named serve: each answers over its client URL, knows a leader, and confirms a read. Whatever stops next finds a whole cluster. */
export const settleStep: StepDriver<'settle'> = {
  apply: async ({ endpoints }, context) => {
    const endMs = performance.now() + settledWithinMs;
    for (;;) {
      const own = await context.etcd();
      const ailments = await Promise.all(endpoints.map((each) => ailmentOf(each, own)));
      const first = ailments.find((ailment) => ailment !== undefined);
      if (first === undefined) return;
      if (performance.now() > endMs)
        throw new Failure({
          reason: 'members-not-healthy',
          what: `the members do not all serve ${settledWithinMs / 1000} s after etcd was started anew`,
          node: context.node,
          why: first,
          next: 'kubectl etcd logs NODE says why; then kubectl etcd operation resume, or rollback',
        });
      context.progress(`waiting for the members: ${first}`);
      await sleep(lookEveryMs, undefined, { signal: context.signal });
    }
  },

  undo: () => Promise.resolve(),
};

async function ailmentOf(
  { name, url }: { readonly name: string; readonly url: string },
  { credentials }: MemberEndpoint,
): Promise<string | undefined> {
  try {
    using client = new MemberClient({ url, credentials: shownToOthers(credentials) });
    const [status, read] = await Promise.all([client.status(answerWithinMs), client.confirmRead(answerWithinMs)]);
    if (status.leader === '0') return `${name} knows of no leader yet`;
    return 'revision' in read ? undefined : `${name} does not confirm a read yet: ${read.unconfirmed}`;
  } catch (thrown) {
    return `${name} does not answer yet: ${messageOf(thrown)}`;
  }
}
