import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { Failure } from '../../core/failure.ts';
import { decodeJson } from '../../core/protocol/decode.ts';
import { MemberClient } from '../etcd/member-client.ts';
import { isThere } from '../host/durable.ts';
import { syncPath } from '../host/sync-tree.ts';
import { removeMember } from './member-remove.ts';
import { changedWithinMs, changeMembership, membersNow, withPeerUrls } from './membership.ts';
import type { StepContext, StepDriver } from './step.ts';

/** The ids that there were: whichever has these peer URLs and is not among them is ours. */
const knownBefore = v.array(v.string());

/**
 * A member is added by its peer URLs, which two cannot have: one that is there already is the one that was asked for. Undone, it leaves again;
 * one that was there before is not touched.
 */
export const memberAddStep: StepDriver<'member-add'> = {
  apply: async ({ name, peerUrls, asLearner }, context) => {
    using client = new MemberClient(await context.etcd());
    const members = await membersNow(client, context);
    const found = withPeerUrls(members, peerUrls);
    // Of an earlier attempt, and never started, so that it has no data of its own.
    if (found?.name === '' && found.learner === asLearner) return { id: found.id };
    if (found !== undefined) throw taken(found.name || found.id, peerUrls, context.node);
    await keepKnown(
      members.map(({ id }) => id),
      peerUrls,
      context,
    );
    await changeMembership(
      {
        what: `adding ${name}${asLearner ? ' as a learner' : ''}`,
        send: (asked) => asked.addMember({ peerUrls, learner: asLearner }, changedWithinMs),
        isDone: (now) => withPeerUrls(now, peerUrls) !== undefined,
      },
      context,
    );
    const added = withPeerUrls(await membersNow(client, context), peerUrls);
    return { id: added?.id };
  },

  undo: async ({ name, peerUrls }, context) => {
    const known = await readKnown(peerUrls, context);
    if (known === undefined) return;
    using client = new MemberClient(await context.etcd());
    const added = withPeerUrls(await membersNow(client, context), peerUrls);
    if (added === undefined || known.includes(added.id)) return;
    await removeMember({ id: added.id, name }, context);
  },
};

/** Durable before anything is added; what was written down first stays, as a second look would find what was added among them. */
async function keepKnown(ids: readonly string[], peerUrls: readonly string[], context: StepContext): Promise<void> {
  const path = fileOf(peerUrls, context);
  if (await isThere(path)) return;
  {
    await using file = await open(path, 'w', 0o600);
    await file.writeFile(JSON.stringify(ids));
    await file.sync();
  }
  await syncPath(context.folder);
}

async function readKnown(peerUrls: readonly string[], context: StepContext): Promise<string[] | undefined> {
  const path = fileOf(peerUrls, context);
  return (await isThere(path)) ? decodeJson(knownBefore, await readFile(path, 'utf8'), { what: path }) : undefined;
}

/** An operation may add several. */
function fileOf(peerUrls: readonly string[], { folder }: StepContext): string {
  return join(folder, `before-${Buffer.from(peerUrls.join()).toString('hex').slice(-40)}.json`);
}

function taken(by: string, peerUrls: readonly string[], node: string): Failure {
  return new Failure({
    reason: 'peer-url-taken',
    what: `the cluster has a member with the peer URL ${peerUrls.join(', ')} already`,
    node,
    why: `it is ${by}`,
    next: 'kubectl etcd member list; one that is to be replaced: kubectl etcd member rejoin NODE',
    exit: 5,
  });
}
