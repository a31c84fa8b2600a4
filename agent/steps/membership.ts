/** What the steps that change the membership have in common. They run on a node whose own member is well, and ask that one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.ts';
import { MemberClient } from '../etcd/member-client.ts';
import type { ListedMember } from '../etcd/messages.ts';
import { GrpcError } from '../grpc/session.ts';
import type { StepContext } from './step.ts';

export const answerWithinMs = 2_000;
/** etcd itself gives a proposal up after 7 s. */
export const changedWithinMs = 10_000;
const refusedForMs = 60_000;
const askAgainMs = 300;

/** The members as a quorum has them. @throws {Failure} `no-quorum`. */
export async function membersNow(client: MemberClient, { node }: Pick<StepContext, 'node'>): Promise<ListedMember[]> {
  try {
    // A member that lags behind lists what was: the read confirms that it does not (3.4 answers for itself alone).
    const read = await client.confirmRead(changedWithinMs);
    if ('unconfirmed' in read && !read.unconfirmed.startsWith('etcd does not allow'))
      throw new GrpcError(0, read.unconfirmed);
    return (await client.membersNow(changedWithinMs)).members;
  } catch (thrown) {
    if (!(thrown instanceof GrpcError)) throw thrown;
    throw new Failure({
      reason: 'no-quorum',
      what: 'the members do not agree on anything: no quorum of them is well',
      node,
      why: thrown.message,
      next: 'kubectl etcd status; then kubectl etcd operation resume',
      cause: thrown,
    });
  }
}

/** Those whose peer URLs are these, in whatever order. */
export function withPeerUrls(members: readonly ListedMember[], peerUrls: readonly string[]): ListedMember | undefined {
  const wanted = [...peerUrls].sort().join();
  return members.find((member) => [...member.peerUrls].sort().join() === wanted);
}

/**
 * Changes the membership. The request is sent once; only one that etcd has refused, and may grant in a moment, is sent again (`unhealthy cluster`
 * for 5 s after a connection between members was made). Where no answer comes the list says what has become of it.
 * @throws {Failure} `membership-refused` in etcd's words, `membership-unclear`, `no-quorum`.
 */
export async function changeMembership(
  options: {
    /** `removing n3`, for people. */
    readonly what: string;
    readonly send: (client: MemberClient) => Promise<unknown>;
    readonly isDone: (members: readonly ListedMember[]) => boolean;
  },
  context: Pick<StepContext, 'node' | 'etcd' | 'signal' | 'progress'>,
): Promise<void> {
  const { what, send, isDone } = options;
  const { node, signal, progress } = context;
  using client = new MemberClient(await context.etcd());
  const endMs = performance.now() + refusedForMs;
  for (;;) {
    if (isDone(await membersNow(client, context))) return;
    progress(what);
    try {
      await send(client);
      return;
    } catch (thrown) {
      if (!(thrown instanceof GrpcError)) throw thrown;
      if (!isRefusal(thrown)) {
        await untilSeen(client, isDone, { thrown, what }, context);
        return;
      }
      if (!mayBeGrantedLater(thrown) || performance.now() > endMs)
        throw new Failure({
          reason: 'membership-refused',
          what: `${what}: etcd refuses it`,
          node,
          why: thrown.message,
          next: 'kubectl etcd member list; kubectl etcd status',
          cause: thrown,
        });
      progress(`${what}: ${thrown.message}`);
      await sleep(askAgainMs, undefined, { signal });
    }
  }
}

/** Nobody knows whether it was heard: that is looked at, and not asked for again. */
async function untilSeen(
  client: MemberClient,
  isDone: (members: readonly ListedMember[]) => boolean,
  { thrown, what }: { readonly thrown: GrpcError; readonly what: string },
  context: Pick<StepContext, 'node' | 'signal' | 'progress'>,
): Promise<void> {
  const endMs = performance.now() + changedWithinMs;
  do {
    context.progress(`${what}: ${thrown.message}; looking what has become of it`);
    await sleep(askAgainMs, undefined, { signal: context.signal });
    if (isDone(await membersNow(client, context))) return;
  } while (performance.now() < endMs);
  throw new Failure({
    reason: 'membership-unclear',
    what: `${what}: etcd gave no answer, and the members are what they were`,
    node: context.node,
    why: thrown.message,
    next: 'kubectl etcd status; then resume: what has been done meanwhile is seen',
    cause: thrown,
  });
}

const definiteCodes: ReadonlySet<number> = new Set([3, 5, 7, 9, 12, 16]);

/** Whether etcd has said no, so that it will not be done (api/v3rpc/rpctypes/error.go); all else may be carried out yet. */
function isRefusal({ code, message }: GrpcError): boolean {
  return definiteCodes.has(code) || /unhealthy cluster/.test(message);
}

function mayBeGrantedLater({ message }: GrpcError): boolean {
  return /unhealthy cluster|not enough started members|in sync with leader/.test(message);
}
