import { MemberClient } from '../etcd/member-client.ts';
import { shownToOthers } from './check.ts';
import type { StepDriver } from './step.ts';

const answerWithinMs = 10_000;
/** Of a database at its quota, on a slow disk. */
const defragmentedWithinMs = 300_000;

/**
 * A NOSPACE alarm that was in the snapshot is raised again by the restored members, and nothing can be written. The restored history is compacted
 * already (the revision bump marks it so); what is left is to give the space back, member by member, and to take the alarms back.
 */
export const cureStep: StepDriver<'cure'> = {
  apply: async ({ endpoints }, context) => {
    const { credentials } = await context.etcd();
    const shown = shownToOthers(credentials);
    for (const { name, url } of endpoints) {
      context.progress(`defragmenting ${name}`);
      using client = new MemberClient({ url, credentials: shown });
      await client.defragment(defragmentedWithinMs);
    }
    using client = new MemberClient(await context.etcd());
    const alarms = await client.alarms(answerWithinMs);
    for (const { memberId, alarm } of alarms.filter((each) => each.alarm === 'NOSPACE'))
      await client.disarm(memberId, alarm, answerWithinMs);
    const left = await client.alarms(answerWithinMs);
    return left.length === 0
      ? { disarmed: alarms.length }
      : { warning: `alarms are still raised: ${left.map(({ alarm }) => alarm).join(', ')}` };
  },

  undo: () => Promise.resolve(),
};
