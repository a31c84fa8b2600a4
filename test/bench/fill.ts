/**
 * Fills an etcd with data up to a wanted database size, through its own API: random bytes, which nothing compresses, or the history of a busy
 * Kubernetes cluster. The same data for the same seed. And empties it again.
 */
import type { ClientHttp2Session } from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { beginCall, openSession, outcomeOf } from '../../agent/grpc/session.ts';
import type { GrpcTarget } from '../../agent/grpc/session.ts';
import { readFields } from '../../core/snapshot/protobuf.ts';
import { kubernetesHistory } from './kubernetes-history.ts';
import type { Write } from './kubernetes-writes.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { SeededRandom } from './seeded-random.ts';

export type Filling = 'random' | 'realistic';

export interface FillOptions {
  /** The member to write to. */
  readonly etcd: GrpcTarget;
  readonly filling: Filling;
  /** The database file is at least this large afterwards, and hardly larger. */
  readonly databaseBytes: number;
  readonly seed?: string;
  readonly signal?: AbortSignal;
}

/** Everything lies under it: never under /registry, where controllers would take the objects for theirs. */
export const keyPrefix = '/bench';
/** etcd takes 128 operations and 1.5 MiB a request unless told otherwise. */
const mostOperations = 120;
const mostRequestBytes = 1024 * 1024;
const requestsInFlight = 8;
/** The database's size is asked after each so much. */
const lookEveryBytes = 8 * 1024 * 1024;
/** gRPC's own, before each message. */
const envelopeBytes = 5;
const randomValueBytes = 64 * 1024;

/** @returns the size of the database file, as the member says. */
export async function fillEtcd(options: FillOptions): Promise<number> {
  using etcd = new RawEtcd(options.etcd);
  const transactions = new Transactions(writesOf(options));
  let sinceLook = lookEveryBytes;
  const running = new Set<Promise<void>>();
  for (;;) {
    options.signal?.throwIfAborted();
    if (sinceLook >= lookEveryBytes) {
      const sizeBytes = await etcd.databaseBytes();
      if (sizeBytes >= options.databaseBytes) {
        await Promise.all(running);
        return await etcd.databaseBytes();
      }
      sinceLook = 0;
    }
    const request = transactions.next();
    sinceLook += request.length;
    const put = etcd.call('KV/Txn', request).then(() => void running.delete(put));
    running.add(put);
    if (running.size >= requestsInFlight) await Promise.race(running);
  }
}

/** Deletes what was filled in and compacts: a defragmentation then makes the file small. */
export async function emptyEtcd(target: GrpcTarget): Promise<void> {
  using etcd = new RawEtcd(target);
  // DeleteRangeRequest: key 1, range_end 2.
  const request = new ProtobufWriter()
    .text(1, keyPrefix)
    .text(2, `${keyPrefix.slice(0, -1)}i`)
    .take();
  const revision = revisionOf(await etcd.call('KV/DeleteRange', request));
  // CompactionRequest: revision 1, physical 2.
  await etcd.call('KV/Compact', new ProtobufWriter().number(1, revision).number(2, 1).take());
}

function* writesOf({ filling, seed = 'kubectl-etcd' }: FillOptions): Generator<Write, never> {
  if (filling === 'realistic') yield* kubernetesHistory({ seed, prefix: keyPrefix });
  const random = new SeededRandom(seed);
  for (let number = 0; ; number += 1)
    yield { key: `${keyPrefix}/random/ns${number % 100}/${number}`, value: random.bytes(randomValueBytes) };
}

/** Gathers writes into transactions. One transaction may name a key only once: what comes again waits for the next. */
class Transactions {
  readonly #writes: Generator<Write, never>;
  readonly #body = new ProtobufWriter();
  #waiting: Write[] = [];

  constructor(writes: Generator<Write, never>) {
    this.#writes = writes;
  }

  /** A TxnRequest: RequestOp success = 2, in it PutRequest = 2 with key 1 and value 2. */
  next(): Buffer {
    const keys = new Set<string>();
    const earlier = this.#waiting;
    this.#waiting = [];
    let lengthBytes = 0;
    while (keys.size < mostOperations && lengthBytes < mostRequestBytes && this.#waiting.length < mostOperations) {
      const write = earlier.shift() ?? this.#writes.next().value;
      if (keys.has(write.key)) {
        this.#waiting.push(write);
        continue;
      }
      keys.add(write.key);
      lengthBytes += write.value.length;
      this.#body.message(2, (operation) => operation.message(2, (put) => put.text(1, write.key).bytes(2, write.value)));
    }
    this.#waiting.push(...earlier);
    return this.#body.take();
  }
}

/** etcd's calls with requests and replies as the bytes they are. */
class RawEtcd implements Disposable {
  readonly #session: ClientHttp2Session;

  constructor(target: GrpcTarget) {
    this.#session = openSession(target, 1024 * 1024);
  }

  async call(method: string, request: Buffer): Promise<Buffer> {
    const stream = beginCall(this.#session, `/etcdserverpb.${method}`, request);
    const outcome = outcomeOf(stream);
    const reply = await buffer(stream);
    const failed = await outcome;
    if (failed !== undefined) throw new Error(`${method}: ${failed.message}`);
    return reply.subarray(envelopeBytes);
  }

  async databaseBytes(): Promise<number> {
    for (const field of readFields(await this.call('Maintenance/Status', Buffer.alloc(0))))
      if (field.number === 3) return Number(field.value);
    throw new Error('etcd tells no size');
  }

  [Symbol.dispose](): void {
    this.#session.destroy();
  }
}

/** ResponseHeader header = 1, in it int64 revision = 3. */
function revisionOf(reply: Buffer): number {
  for (const header of readFields(reply))
    if (header.number === 1)
      for (const field of readFields(header.bytes)) if (field.number === 3) return Number(field.value);
  throw new Error('etcd tells no revision');
}
