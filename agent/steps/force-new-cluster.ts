import { constants } from 'node:fs';
import { cp, mkdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { StepOf } from '../../core/operation/steps.ts';
import { readHeld } from '../etcd/member-files.ts';
import type { HeldByFiles, MemberFiles } from '../etcd/member-files.ts';
import type { MemberClient } from '../etcd/member-client.ts';
import { sizeOf } from '../host/durable.ts';
import { syncTree } from '../host/sync-tree.ts';
import { findEtcd } from '../tools/find-etcd.ts';
import { likeTheOld } from '../tools/like-the-old.ts';
import { endLoneMember, withLoneMember } from '../tools/lone-member.ts';
import { raiseCommit } from '../tools/raise-commit.ts';
import { dropBuilt } from './build.ts';
import { refuseWhileHeld } from './move-data.ts';
import { besidePaths } from './step.ts';
import type { StepContext, StepDriver } from './step.ts';

const answerWithinMs = 10_000;
const lookEveryMs = 250;

type ForceNewCluster = StepOf<'force-new-cluster'>;

/**
 * Makes a copy of the stopped member the only member of its cluster, with etcd's own --force-new-cluster, beside its place: `exchange` puts it in. The
 * flag is so in no manifest and in no unit, where a node that reboots would find it; and the data itself is never touched, so that all of it goes back.
 */
export const forceNewClusterStep: StepDriver<'force-new-cluster'> = {
  apply: async (step, context) => {
    const { root, node } = context;
    const places = await placesHere(step, context);
    await refuseWhileHeld(step.places, places.old.member, context);
    await endLoneMember(places.dataDir, root);
    const copiedBytes = await copy(places, context);
    const found = holdToPlan(step, await readHeld(places.copy), node);
    const commitIndex = Math.max(found.commitIndex, step.commitAtLeast);
    // etcd would drop what is above the commit index that it finds on the disk, which lags: writes that were acknowledged are there.
    await raiseCommit(places.copy.wal, found.wal, found.wal.last.index);
    context.progress('making it a cluster of its own');
    const { revision, removed } = await run(step, places, context);
    await isAlone(step, places.copy, node);
    await likeTheOldOne(step, context);
    context.progress('bringing it to the disk');
    for (const folder of [places.dataDir, ...(places.walDir === undefined ? [] : [places.walDir])])
      await syncTree(folder);
    const entriesAboveCommit = found.wal.last.index - commitIndex;
    return {
      ...{ copiedBytes, revision, commitIndex, entriesAboveCommit, removedMembers: removed },
      ...(entriesAboveCommit === 0 ? {} : { warning: aboveCommit(node, entriesAboveCommit, commitIndex) }),
    };
  },

  undo: async (step, context) => {
    const { dataDir } = await placesHere(step, context);
    await endLoneMember(dataDir, context.root);
    await dropBuilt(step.places, context);
  },
};

function aboveCommit(node: string, count: number, commitIndex: number): string {
  const entries = count === 1 ? '1 entry' : `${count} entries`;
  return `${node} held ${entries} of the log above ${commitIndex}, the last that it knew to be committed; they were kept: who wrote them may have been told so, or not`;
}

/** As this process finds them: the member, and the copy that is made of it. */
async function placesHere({ places }: ForceNewCluster, { root }: StepContext) {
  const { built, builtWal } = besidePaths(places);
  const member = await root.here(`${places.dataDir}/member`);
  const dataDir = await root.here(built);
  const walDir = builtWal === undefined ? undefined : await root.here(builtWal);
  const copy: MemberFiles = { member: join(dataDir, 'member'), wal: walDir ?? join(dataDir, 'member/wal') };
  const wal = places.walDir === undefined ? join(member, 'wal') : await root.here(places.walDir);
  return { old: { member, wal }, copy, dataDir, walDir };
}

type Here = Awaited<ReturnType<typeof placesHere>>;

/** Anew each time: one that etcd has begun to change is no copy any more. */
async function copy({ old, copy: into, dataDir, walDir }: Here, context: StepContext): Promise<number> {
  const totalBytes = (await sizeOf(old.member)) + (walDir === undefined ? 0 : await sizeOf(old.wal));
  for (const folder of [dataDir, ...(walDir === undefined ? [] : [walDir])]) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  const told = setInterval(() => {
    void sizeOf(dataDir).then((done) =>
      context.progress('copying what it holds', Math.min(done, totalBytes), totalBytes),
    );
  }, lookEveryMs);
  try {
    // Shares the blocks where the file system can. Preallocated files of etcd's are not part of what it holds.
    const options = { recursive: true, mode: constants.COPYFILE_FICLONE } as const;
    const filter = (path: string) =>
      [old.member, old.wal].includes(path) || (!path.endsWith('.tmp') && basename(path) !== '.kubectl-etcd');
    await cp(old.member, into.member, { ...options, filter });
    if (walDir !== undefined) await cp(old.wal, into.wal, { ...options, filter });
  } finally {
    clearInterval(told);
  }
  return totalBytes;
}

/** It is the very member that was looked at, and knows no less than it did then. @throws {Failure} `member-changed`. */
function holdToPlan({ member, clusterId, commitAtLeast }: ForceNewCluster, found: HeldByFiles, node: string) {
  const { wal } = found;
  const changed = (why: string) =>
    new Failure({
      reason: 'member-changed',
      what: 'the data is not what it was when the plan was made',
      node,
      why,
      next: 'rollback, then look again: kubectl etcd recover --dry-run',
    });
  if (wal.clusterId !== clusterId || wal.memberId !== member.id)
    throw changed(
      `it is of the member ${wal.memberId} of the cluster ${wal.clusterId}, not ${member.id} of ${clusterId}`,
    );
  if (wal.last.index < commitAtLeast)
    throw changed(`its log ends at entry ${wal.last.index}, and ${commitAtLeast} were committed`);
  return found;
}

async function run(step: ForceNewCluster, { dataDir, walDir }: Here, context: StepContext) {
  const { member, clientUrls, etcdVersion, etcdFolder, clusterId, revisionAtLeast } = step;
  const { stateDirectory, root, folder, signal, node } = context;
  const program = await findEtcd({ version: etcdVersion, stateDirectory, root, etcdFolder });
  return await withLoneMember(
    { program, dataDir, walDir, name: member.name, peerUrls: member.peerUrls, clientUrls, folder, signal },
    async (client) => {
      const removed = await removeOthers(client, member.id);
      const left = (await client.members(answerWithinMs)).members.map(({ id }) => id);
      if (left.join() !== member.id) throw notAlone(`its members are ${left.join(', ')}`, node);
      const { header } = await client.status(answerWithinMs);
      if (header.clusterId !== clusterId || header.memberId !== member.id)
        throw notAlone(`it calls itself ${header.memberId} of the cluster ${header.clusterId}`, node);
      if (header.revision < revisionAtLeast)
        throw notAlone(`its revision is ${header.revision}, and was ${revisionAtLeast}`, node);
      return { revision: header.revision, removed };
    },
  );
}

/** Learners and members that were never started survive --force-new-cluster in some versions (etcd#20893, #20339). */
async function removeOthers(client: MemberClient, own: string): Promise<string[]> {
  const { members } = await client.members(answerWithinMs);
  const others = members.filter(({ id }) => id !== own).map(({ id }) => id);
  for (const id of others) await client.removeMember(id, answerWithinMs);
  return others;
}

/** As the disk has it, which is what will be started. */
async function isAlone({ member }: ForceNewCluster, copy: MemberFiles, node: string): Promise<void> {
  const { summary, wal } = await readHeld(copy);
  if (wal.torn) throw notAlone('its write-ahead log ends half-way', node);
  // 3.4 goes by its v2 store, and may keep members of long ago in its database.
  if (summary.confState === undefined) return;
  const ids = summary.members.map(({ id }) => id).join(', ');
  const { voters, learners } = summary.confState;
  if (ids !== member.id || [...voters, ...learners].join() !== member.id)
    throw notAlone(
      `its members are ${ids}; ${voters.join(', ')} vote, and ${learners.join(', ') || 'none'} learn`,
      node,
    );
}

function notAlone(why: string, node: string): Failure {
  return new Failure({
    reason: 'not-alone',
    what: 'the copy of the member has not become the only member of its cluster',
    node,
    why,
    next: 'the data itself is as it was: rollback, then kubectl etcd recover --method restore',
  });
}

async function likeTheOldOne({ places }: ForceNewCluster, { root, run: command }: StepContext): Promise<void> {
  const { built, builtWal } = besidePaths(places);
  await likeTheOld({ newDirectory: built, oldDirectory: places.dataDir, root, run: command });
  if (
    builtWal !== undefined &&
    places.walDir !== undefined &&
    (await stat(await root.here(places.walDir))).isDirectory()
  )
    await likeTheOld({ newDirectory: builtWal, oldDirectory: places.walDir, root, run: command });
}
