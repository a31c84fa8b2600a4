import { Failure } from '../../core/failure.ts';
import { KeyRecordWriter } from '../../core/protocol/key-records.ts';
import type { KeysSource } from '../../core/protocol/messages.ts';
import { KeyValueParser } from '../../core/snapshot/key-value.ts';
import { GrpcError, grpcStatus } from '../grpc/session.ts';
import { MemberClient } from './member-client.ts';
import type { KeyRange, MemberEndpoint } from './member-client.ts';
import type { KeyPageReply } from './messages.ts';
import { silentMember } from './silent-member.ts';

const confirmWithinMs = 2_000;
const pageWithinMs = 10_000;
/** etcd reads the values of a page into its memory before it leaves them out. */
const keysPerPage = 1_000;
/** Up to so many it costs less to count them with each page than to ask for more ranges. */
const mostLeft = 8 * keysPerPage;

/** The first key that there can be as `from`; as `end`: none. */
const zero = Buffer.from([0]);

export interface OpenKeys {
  readonly source: KeysSource;
  /** As core/protocol/key-records.ts writes them; each piece holds until the next is asked for. */
  readonly records: AsyncIterable<Buffer>;
}

/**
 * Lists all keys of this node's member, with the revisions that created and last changed them, as of one revision: that of the first page, at
 * which the others are asked for. Without values, which nobody wants to pass around who counts. Asks for a page when the one before has gone out.
 *
 * Right before, a linearizable read makes the member apply everything acknowledged so far. Where that fails (no quorum, a learner) the keys are
 * those that this member had applied, and `source` says why.
 * @throws {Failure} `etcd-silent`, `keys-refused`; from `records` also `keys-compacted`: what was listed then is of no use, since what
 * comes behind it can only be had as of another revision.
 */
export async function openLiveKeys(own: MemberEndpoint, node: string, signal: AbortSignal): Promise<OpenKeys> {
  signal.throwIfAborted();
  const client = new MemberClient(own);
  // Whoever asked may be gone before the first record is asked for.
  signal.addEventListener('abort', () => client[Symbol.dispose](), { once: true });
  try {
    const read = await client.confirmRead(confirmWithinMs);
    const range = { from: zero, end: zero };
    const first = await client.keys({ ...range, revision: 0, limit: keysPerPage }, pageWithinMs);
    const { clusterId: etcdClusterId, memberId, revision } = first.header;
    return {
      source: { node, etcdClusterId, memberId, revision, ...('revision' in read ? {} : read) },
      records: recordsOf({ client, node, signal, range, first }),
    };
  } catch (thrown) {
    client[Symbol.dispose]();
    throw signal.aborted ? signal.reason : whyUnlisted(thrown, node);
  }
}

async function* recordsOf(listing: {
  readonly client: MemberClient;
  readonly node: string;
  readonly signal: AbortSignal;
  readonly range: KeyRange;
  readonly first: KeyPageReply;
}): AsyncGenerator<Buffer, void, undefined> {
  const { client, node, signal, first } = listing;
  const { revision } = first.header;
  const writer = new KeyRecordWriter();
  const parser = new KeyValueParser();
  try {
    let page = first;
    for (let range: KeyRange | undefined = listing.range; range !== undefined;) {
      const ends: Buffer[] = [];
      for (const [at, kv] of page.kvs.entries()) {
        if (!parser.parse(kv, 0, kv.length)) throw new Error('etcd sent a key that is no KeyValue');
        const { keyStart: start, keyEnd: end } = parser;
        writer.add({ bytes: kv, start, end }, parser);
        if (at === 0 || at === page.kvs.length - 1) ends.push(kv.subarray(start, end));
      }
      yield writer.take();
      range = nextRange(range, listedPage(page, ends));
      signal.throwIfAborted();
      if (range !== undefined) page = await client.keys({ ...range, revision, limit: keysPerPage }, pageWithinMs);
    }
  } catch (thrown) {
    throw signal.aborted ? signal.reason : whyUnlisted(thrown, node);
  } finally {
    client[Symbol.dispose]();
  }
}

/** @param ends its first and its last key; the same where it has one. */
function listedPage(
  { kvs, more, count }: KeyPageReply,
  [first, last = first]: readonly Buffer[],
): ListedPage | undefined {
  if (first !== undefined && last !== undefined)
    return { first, last, left: more ? Math.max(1, count - kvs.length) : 0 };
  if (more) throw new Error('etcd says that there are more keys, and gives none');
  return undefined;
}

/** What a page says of the range it is of. */
export interface ListedPage {
  readonly first: Buffer;
  readonly last: Buffer;
  /** How many keys of the range come behind it. */
  readonly left: number;
}

/**
 * Where to go on; undefined at the end. With each page etcd goes over all that is left in the range to count it, under a lock that writers wait
 * for: of a million keys, by a thousand, that would be five hundred million. So where much is left, the range is made to end with the part in which
 * the page ended (what the last key begins with, up to where the page's keys differ), and when that is done, with what lies around it, a
 * character less each time.
 * @param page the last one of the range; undefined where it was empty.
 */
export function nextRange({ end }: KeyRange, page: ListedPage | undefined): KeyRange | undefined {
  if (page !== undefined && page.left > 0) {
    const from = Buffer.concat([page.last, zero]);
    if (page.left <= mostLeft) return { from, end };
    return { from, end: endOf(page.last.subarray(0, sharedBytes(page.first, page.last) + 1)) };
  }
  return end.equals(zero) ? undefined : { from: end, end: endOf(end.subarray(0, -1)) };
}

/** Behind all keys that begin with this. */
function endOf(prefix: Buffer): Buffer {
  let lengthBytes = prefix.length;
  while (lengthBytes > 0 && prefix[lengthBytes - 1] === 0xff) lengthBytes -= 1;
  if (lengthBytes === 0) return zero;
  const end = Buffer.from(prefix.subarray(0, lengthBytes));
  end.writeUInt8(end.readUInt8(lengthBytes - 1) + 1, lengthBytes - 1);
  return end;
}

function sharedBytes(one: Buffer, other: Buffer): number {
  let shared = 0;
  while (shared < one.length && one[shared] === other[shared]) shared += 1;
  return shared;
}

function whyUnlisted(thrown: unknown, node: string): unknown {
  if (!(thrown instanceof GrpcError)) return thrown;
  switch (thrown.code) {
    case grpcStatus.unavailable:
    case grpcStatus.deadlineExceeded:
      return silentMember(thrown, node);
    case grpcStatus.outOfRange:
      return new Failure({
        reason: 'keys-compacted',
        what: 'etcd was compacted while its keys were listed',
        node,
        why: thrown.message,
        next: 'run the command again',
        cause: thrown,
      });
    default:
      return new Failure({
        reason: 'keys-refused',
        what: 'etcd does not list its keys',
        node,
        why: thrown.message,
        next: `kubectl etcd logs ${node}`,
        cause: thrown,
      });
  }
}
