import { posix } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import { failureToRecord } from '../../core/protocol/failure-record.ts';
import type { FoundEtcd } from '../../core/protocol/messages.ts';
import { readHeld, readLog } from '../etcd/member-files.ts';
import type { MemberFiles } from '../etcd/member-files.ts';
import type { StatusReply } from '../etcd/messages.ts';
import type { HostRoot } from '../host/root.ts';
import { holderOf } from '../steps/data-holder.ts';

/**
 * How much of the cluster's log this member holds: as etcd says where it answers, which needs no quorum; else as its files say, as long as nobody has
 * them open.
 */
export async function raftOf(
  etcd: Pick<FoundEtcd, 'dataDir' | 'walDir'>,
  status: StatusReply | undefined,
  { root, node }: { readonly root: HostRoot; readonly node: string },
): Promise<Pick<NodeSurvey, 'raft' | 'noRaft'>> {
  const files = await filesOf(etcd, root);
  try {
    return { raft: status === undefined ? await onDisk(files, root) : await live(files, status) };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { noRaft: failureToRecord(thrown, node) };
  }
}

type Raft = NonNullable<NodeSurvey['raft']>;

async function live(files: MemberFiles, status: StatusReply): Promise<Raft> {
  const { header, raftIndex: commitIndex, raftAppliedIndex: appliedIndex } = status;
  // Status does not tell the newest entry. Entries are flushed before they count, so that the file has them.
  const last = await readLog(files, 'quickly').then(
    (log) => log.last,
    () => undefined,
  );
  return {
    ...{ clusterId: header.clusterId, memberId: header.memberId, revision: header.revision, source: 'live' },
    ...{ commitIndex, appliedIndex },
    ...(last === undefined
      ? {}
      : { lastEntry: last, entriesAboveCommit: Math.max(0, last.index - Math.max(commitIndex, appliedIndex)) }),
  };
}

async function onDisk(files: MemberFiles, root: HostRoot): Promise<Raft> {
  const holder = await holderOf(posix.join(files.member, 'snap/db'), root);
  if (holder !== undefined)
    throw new Failure({
      reason: 'data-in-use',
      what: 'what this member holds cannot be read: etcd has it open, and does not answer',
      why: `the process ${holder} holds the lock on its database`,
    });
  const { wal, summary, commitIndex, appliedIndex } = await readHeld(files, 'quickly');
  return {
    ...{ clusterId: wal.clusterId, memberId: wal.memberId, revision: summary.revision, source: 'disk' },
    ...{ commitIndex, appliedIndex, lastEntry: wal.last, entriesAboveCommit: wal.last.index - commitIndex },
  };
}

async function filesOf({ dataDir, walDir }: Pick<FoundEtcd, 'dataDir' | 'walDir'>, root: HostRoot) {
  const member = await root.here(posix.join(dataDir, 'member'));
  return { member, wal: walDir === undefined ? posix.join(member, 'wal') : await root.here(walDir) };
}
