import { decode } from '../../core/protocol/decode.ts';
import { GrpcError, grpcStatus } from '../grpc/session.ts';
import type { GrpcTarget } from '../grpc/session.ts';
import { GrpcEndpoint } from '../grpc/unary.ts';
import {
  alarmReply,
  etcdDefinitions,
  hashReply,
  headerOnly,
  emptyReply,
  keyPageReply,
  memberAddReply,
  memberListReply,
  nothing,
  rangeReply,
  statusReply,
} from './messages.ts';
import type { KeyPageReply, MemberListReply, RaisedAlarm, StatusReply } from './messages.ts';

/** A client URL, `https://127.0.0.1:2379`, and what to show there. */
export type MemberEndpoint = GrpcTarget;

/** The result of a linearizable read: the revision it saw, or why there was none. */
export type ReadConfirmation =
  { readonly revision: number; readonly tookMs: number } | { readonly unconfirmed: string };

/** Keys from `from` up to, and without, `end`; an end of one zero byte is none. */
export interface KeyRange {
  readonly from: Buffer;
  readonly end: Buffer;
}

/**
 * One etcd member, asked over one connection of its own. Every call is answered by this very member and none needs a quorum, but those that say
 * so and `confirmRead`, which is there to find out whether there is one.
 */
export class MemberClient implements Disposable {
  readonly #endpoint: GrpcEndpoint;

  constructor(endpoint: MemberEndpoint) {
    this.#endpoint = new GrpcEndpoint({ ...endpoint, definitions: etcdDefinitions });
  }

  /** The members as this one knows them (etcd 3.5 would ask the leader first: not asked to, so that it answers without quorum). */
  async members(timeoutMs: number): Promise<MemberListReply> {
    return this.#call(memberListReply, 'Cluster', 'MemberList', { linearizable: false }, timeoutMs);
  }

  /** The same as the leader has them, from 3.5 on; it needs a quorum. */
  async membersNow(timeoutMs: number): Promise<MemberListReply> {
    return this.#call(memberListReply, 'Cluster', 'MemberList', { linearizable: true }, timeoutMs);
  }

  /**
   * Changes of the membership, with a quorum. Each is sent once: where no answer comes, nobody knows whether it will be carried out.
   * @returns the new member's id.
   */
  async addMember(added: { readonly peerUrls: readonly string[]; readonly learner: boolean }, timeoutMs: number) {
    return (await this.#call(memberAddReply, 'Cluster', 'MemberAdd', added, timeoutMs)).member.id;
  }

  /** @param id hexadecimal. */
  async removeMember(id: string, timeoutMs: number): Promise<void> {
    await this.#call(headerOnly, 'Cluster', 'MemberRemove', { id: decimal(id) }, timeoutMs);
  }

  /** @param id hexadecimal. Passed on to the leader, which alone knows whether the learner is in sync. */
  async promoteMember(id: string, timeoutMs: number): Promise<void> {
    await this.#call(headerOnly, 'Cluster', 'MemberPromote', { id: decimal(id) }, timeoutMs);
  }

  /** @param id hexadecimal. Asked of the leader: no other member can. */
  async moveLeader(id: string, timeoutMs: number): Promise<void> {
    await this.#call(emptyReply, 'Maintenance', 'MoveLeader', { targetId: decimal(id) }, timeoutMs);
  }

  async status(timeoutMs: number): Promise<StatusReply> {
    return this.#call(statusReply, 'Maintenance', 'Status', {}, timeoutMs);
  }

  /**
   * A linearizable read of nothing: after it this member has applied everything that was acknowledged before it began.
   * Fails by its deadline where there is no quorum or the member cannot reach it; learners refuse it.
   */
  async confirmRead(timeoutMs: number): Promise<ReadConfirmation> {
    const begunMs = performance.now();
    try {
      const request = { key: Buffer.from([0]), limit: 1, countOnly: true };
      const reply = await this.#call(rangeReply, 'KV', 'Range', request, timeoutMs);
      return { revision: reply.header.revision, tookMs: Math.round(performance.now() - begunMs) };
    } catch (thrown) {
      if (!(thrown instanceof GrpcError)) throw thrown;
      // Where etcd has authentication on, a refused read is still one that raft has confirmed, but its revision is not told.
      if (thrown.code === grpcStatus.permissionDenied)
        return { unconfirmed: `etcd does not allow this certificate to read: ${thrown.message}` };
      return { unconfirmed: thrown.message };
    }
  }

  /**
   * The first `limit` keys of a range, ascending, without their values, as they were at `revision` (0: the newest this member has applied).
   * Serializable, so that it goes without quorum. etcd reads the values all the same: it is the limit that bounds its memory.
   */
  async keys(
    asked: KeyRange & { readonly revision: number; readonly limit: number },
    timeoutMs: number,
  ): Promise<KeyPageReply> {
    const { from: key, end: rangeEnd, revision, limit } = asked;
    const request = { key, rangeEnd, revision, limit, serializable: true, keysOnly: true };
    return this.#call(keyPageReply, 'KV', 'Range', request, timeoutMs);
  }

  /** The hash of this member's key space up to a revision; members agree where their compacted revisions are equal as well. */
  async hashKv(revision: number, timeoutMs: number): Promise<{ hash: number; compactRevision: number }> {
    return this.#call(hashReply, 'Maintenance', 'HashKV', { revision: String(revision) }, timeoutMs);
  }

  /** Gives the free pages of this member's file back; it serves nothing meanwhile. */
  async defragment(timeoutMs: number): Promise<void> {
    await this.#call(nothing, 'Maintenance', 'Defragment', {}, timeoutMs);
  }

  /** All alarms, with a quorum: the request goes through raft. */
  async alarms(timeoutMs: number): Promise<readonly RaisedAlarm[]> {
    return (await this.#call(alarmReply, 'Maintenance', 'Alarm', { action: 'GET' }, timeoutMs)).alarms;
  }

  /** @param memberId hexadecimal. */
  async disarm(memberId: string, alarm: RaisedAlarm['alarm'], timeoutMs: number): Promise<void> {
    const request = { action: 'DEACTIVATE', memberId: decimal(memberId), alarm };
    await this.#call(alarmReply, 'Maintenance', 'Alarm', request, timeoutMs);
  }

  /** How many keys there are at a revision, as this member has them. */
  async countKeys(revision: number, timeoutMs: number): Promise<number> {
    // From the first key on, without an end.
    const everything = { key: Buffer.from([0]), rangeEnd: Buffer.from([0]) };
    const request = { ...everything, revision: String(revision), countOnly: true, serializable: true };
    return (await this.#call(rangeReply, 'KV', 'Range', request, timeoutMs)).count;
  }

  [Symbol.dispose](): void {
    this.#endpoint[Symbol.dispose]();
  }

  async #call<Schema extends Parameters<typeof decode>[0]>(
    schema: Schema,
    service: string,
    method: string,
    request: object,
    timeoutMs: number,
  ) {
    const reply = await this.#endpoint.call(`etcdserverpb.${service}`, method, request, timeoutMs);
    return decode(schema, reply, { what: `etcd's reply to ${method}` });
  }
}

function decimal(hexadecimal: string): string {
  return BigInt(`0x${hexadecimal}`).toString();
}
