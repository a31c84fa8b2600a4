import { Failure } from '../../core/failure.ts';
import type { SnapshotSource, StreamEnd } from '../../core/protocol/messages.ts';
import { MemberClient } from './member-client.ts';
import type { MemberEndpoint } from './member-client.ts';
import { silentMember } from './silent-member.ts';
import { streamSnapshot } from './snapshot-stream.ts';

const answerWithinMs = 2_000;
const checksumBytes = 32;

export interface OpenSnapshot {
  readonly source: SnapshotSource;
  readonly bytes: AsyncIterable<Buffer>;
  /** Valid once `bytes` has ended: the length, and the sha256 that etcd appended. */
  readonly end: () => StreamEnd;
}

/**
 * Opens a snapshot of this node's member, whatever state the cluster is in.
 *
 * A linearizable read right before makes the member apply everything acknowledged so far, and etcd commits its open transaction before it
 * streams: so the snapshot holds every write acknowledged before. Where the read fails (no quorum, a learner) the snapshot is taken all the
 * same, as the first thing to do in any disaster, and says that it holds what this member had applied.
 */
export async function openSnapshot(own: MemberEndpoint, node: string, signal: AbortSignal): Promise<OpenSnapshot> {
  const source = await describe(own, node);
  const counted = new CountedBytes(streamSnapshot(own, signal));
  return { source, bytes: counted, end: () => counted.end() };
}

async function describe(own: MemberEndpoint, node: string): Promise<SnapshotSource> {
  using client = new MemberClient(own);
  const [status, list, read] = await Promise.all([
    client.status(answerWithinMs),
    client.members(answerWithinMs),
    client.confirmRead(answerWithinMs),
  ]).catch((thrown: unknown) => {
    throw silentMember(thrown, node);
  });
  const memberId = status.header.memberId;
  return {
    node,
    etcdClusterId: status.header.clusterId,
    memberId,
    memberName: list.members.find((member) => member.id === memberId)?.name ?? '',
    etcdVersion: status.version,
    role: status.learner
      ? 'learner'
      : status.leader === '0'
        ? 'no leader'
        : status.leader === memberId
          ? 'leader'
          : 'follower',
    raftTerm: status.raftTerm,
    raftIndex: status.raftIndex,
    members: list.members,
    dbSizeBytes: status.dbSize,
    ...('revision' in read ? { confirmedRevision: read.revision } : { unconfirmed: read.unconfirmed }),
  };
}

/** Passes the bytes on and keeps what the end block says. The hashing is left to the reader: it would cost a third of a core here. */
class CountedBytes implements AsyncIterable<Buffer> {
  readonly #bytes: AsyncIterable<Buffer>;
  #lengthBytes = 0;
  #tail = Buffer.alloc(0);

  constructor(bytes: AsyncIterable<Buffer>) {
    this.#bytes = bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of this.#bytes) {
      this.#lengthBytes += chunk.length;
      this.#tail = Buffer.from(
        chunk.length >= checksumBytes
          ? chunk.subarray(-checksumBytes)
          : Buffer.concat([this.#tail, chunk]).subarray(-checksumBytes),
      );
      yield chunk;
    }
  }

  end(): StreamEnd {
    if (this.#tail.length < checksumBytes)
      throw new Failure({
        reason: 'snapshot-interrupted',
        what: 'etcd sent an empty snapshot',
        next: 'kubectl etcd logs NODE',
      });
    return { lengthBytes: this.#lengthBytes, sha256: this.#tail.toString('hex') };
  }
}
