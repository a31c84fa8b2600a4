import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, messageOf } from '../../core/failure.ts';
import type { StepOf } from '../../core/operation/steps.ts';
import { MemberClient } from '../etcd/member-client.ts';
import type { MemberEndpoint } from '../etcd/member-client.ts';
import type { TlsCredentials } from '../grpc/session.ts';
import type { StepContext, StepDriver } from './step.ts';

const answerWithinMs = 2_000;
const hashWithinMs = 60_000;
const healthyWithinMs = 90_000;
const lookEveryMs = 100;

/**
 * Before any API server sees it: exactly the members of the plan, one cluster, no learner, one leader, every one of them applying what is written,
 * and the same key space on all of them.
 */
export const checkStep: StepDriver<'check'> = {
  apply: async (step, context) => {
    const own = await context.etcd();
    await untilHealthy(step, own, context);
    context.progress('comparing the members');
    return await compareHashes(step, own, context.node);
  },

  undo: () => Promise.resolve(),
};

async function untilHealthy(step: StepOf<'check'>, own: MemberEndpoint, context: StepContext): Promise<void> {
  const endMs = performance.now() + healthyWithinMs;
  for (;;) {
    const ailments = await Promise.all(step.endpoints.map((each) => ailmentOf(step, each, own)));
    const [first] = ailments.filter((ailment) => ailment !== undefined);
    if (first === undefined) return;
    if (first.final || performance.now() > endMs)
      throw new Failure({
        reason: 'members-not-healthy',
        what: 'the members of the restored cluster are not what they should be',
        node: context.node,
        why: first.text,
        next: 'kubectl etcd logs NODE says why; then kubectl etcd operation resume, or rollback: no API server has seen the new data',
      });
    context.progress(`waiting for the members: ${first.text}`);
    await sleep(lookEveryMs, undefined, { signal: context.signal });
  }
}

/** @returns what is wrong with a member; `final` where waiting does not help. */
async function ailmentOf(
  { identity, revisionAtLeast }: StepOf<'check'>,
  { name, url }: { readonly name: string; readonly url: string },
  { credentials }: MemberEndpoint,
): Promise<{ readonly text: string; readonly final: boolean } | undefined> {
  const say = (text: string, final = false) => ({ text: `${name} ${text}`, final });
  try {
    using client = new MemberClient({ url, credentials: shownToOthers(credentials) });
    const [status, list, read] = await Promise.all([
      client.status(answerWithinMs),
      client.members(answerWithinMs),
      client.confirmRead(answerWithinMs),
    ]);
    const found = list.members.map((member) => `${member.id}${member.learner ? ' (learner)' : ''}`).sort();
    const wanted = identity.members.map(({ id }) => id).sort();
    if (status.header.clusterId !== identity.clusterId)
      return say(`is of the cluster ${status.header.clusterId}, not ${identity.clusterId}`, true);
    const itself = identity.members.find((member) => member.name === name)?.id;
    if (status.header.memberId !== itself)
      return say(`is the member ${status.header.memberId}, not ${itself ?? 'one of the plan'}`, true);
    if (found.join() !== wanted.join())
      return say(`has the members ${found.join(', ')}, not ${wanted.join(', ')}`, true);
    if (status.leader === '0') return say('knows of no leader yet');
    if (!('revision' in read)) return say(`does not confirm a read yet: ${read.unconfirmed}`);
    if (read.revision < revisionAtLeast) return say(`is at revision ${read.revision}, below ${revisionAtLeast}`, true);
    return undefined;
  } catch (thrown) {
    return say(`does not answer yet: ${messageOf(thrown)}`);
  }
}

async function compareHashes(
  { endpoints, liveKeys, revisionAtLeast }: StepOf<'check'>,
  own: MemberEndpoint,
  node: string,
) {
  const revisions: number[] = [];
  for (const { url } of endpoints) {
    using client = new MemberClient({ url, credentials: shownToOthers(own.credentials) });
    revisions.push((await client.status(answerWithinMs)).header.revision);
  }
  // At one revision that all of them have.
  const revision = Math.min(...revisions);
  const hashes = await Promise.all(
    endpoints.map(async ({ name, url }) => {
      using client = new MemberClient({ url, credentials: shownToOthers(own.credentials) });
      const { hash, compactRevision } = await client.hashKv(revision, hashWithinMs);
      return { name, hash: `${hash} (compacted to ${compactRevision})` };
    }),
  );
  if (new Set(hashes.map(({ hash }) => hash)).size > 1)
    throw new Failure({
      reason: 'members-differ',
      what: 'the members do not hold the same keys',
      node,
      why: hashes.map(({ name, hash }) => `${name}: ${hash}`).join(', '),
      next: 'kubectl etcd operation rollback: no API server has seen the new data',
    });
  // As the snapshot had them: leases end as time goes by.
  const keys = await countKeys(own, revisionAtLeast);
  if (liveKeys !== undefined && keys !== liveKeys)
    throw new Failure({
      reason: 'keys-differ',
      what: 'the restored cluster does not hold the keys of the snapshot',
      node,
      why: `${keys} keys at revision ${revisionAtLeast}; the snapshot has ${liveKeys}`,
      next: 'kubectl etcd operation rollback: no API server has seen the new data',
    });
  return { revision, keys, hash: hashes[0]?.hash };
}

async function countKeys(own: MemberEndpoint, revision: number): Promise<number> {
  using client = new MemberClient(own);
  return await client.countKeys(revision, hashWithinMs);
}

/** The name by which this node's own member is known is not that of the others. */
export function shownToOthers({ ca, certificate, key }: TlsCredentials): TlsCredentials {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
  };
}
