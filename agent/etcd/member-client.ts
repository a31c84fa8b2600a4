import { credentials as grpcCredentials, status as grpcStatus } from '@grpc/grpc-js';
import { decode } from '../../core/protocol/decode.ts';
import { GrpcEndpoint, GrpcError } from '../grpc/unary.ts';
import { etcdDefinitions, memberListReply, rangeReply, statusReply } from './messages.ts';
import type { MemberListReply, StatusReply } from './messages.ts';

/** What a client shows to etcd; everything absent for plain HTTP. PEM. */
export interface ClientCredentials {
  readonly ca?: Buffer;
  readonly certificate?: Buffer;
  readonly key?: Buffer;
  /** The name to check the server's certificate against, where it is not valid for the address we connect to. */
  readonly serverName?: string;
}

export interface MemberEndpoint {
  /** A client URL: `https://127.0.0.1:2379`. */
  readonly url: string;
  readonly credentials: ClientCredentials;
}

/** The result of a linearizable read: the revision it saw, or why there was none. */
export type ReadConfirmation =
  { readonly revision: number; readonly tookMs: number } | { readonly unconfirmed: string };

/**
 * One etcd member, asked over one connection of its own. Every call is answered by this very member and none needs a quorum, but
 * `confirmRead`, which is there to find out whether there is one.
 */
export class MemberClient implements Disposable {
  readonly #endpoint: GrpcEndpoint;

  constructor({ url, credentials }: MemberEndpoint) {
    const { protocol, host, hostname, port } = new URL(url);
    const secure = protocol === 'https:';
    this.#endpoint = new GrpcEndpoint({
      target: hostname.startsWith('[') ? `ipv6:${hostname}:${port || '2379'}` : port === '' ? `${host}:2379` : host,
      credentials: secure
        ? grpcCredentials.createSsl(credentials.ca ?? null, credentials.key ?? null, credentials.certificate ?? null)
        : grpcCredentials.createInsecure(),
      definitions: etcdDefinitions,
      serverName: secure ? credentials.serverName : undefined,
    });
  }

  /** The members as this one knows them (etcd 3.5 would ask the leader first: not asked to, so that it answers without quorum). */
  async members(timeoutMs: number): Promise<MemberListReply> {
    return this.#call(memberListReply, 'Cluster', 'MemberList', { linearizable: false }, timeoutMs);
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
      if (thrown.code === grpcStatus.PERMISSION_DENIED)
        return { unconfirmed: `etcd does not allow this certificate to read: ${thrown.message}` };
      return { unconfirmed: thrown.message };
    }
  }

  [Symbol.dispose](): void {
    this.#endpoint.close();
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
