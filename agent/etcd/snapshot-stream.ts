import { constants } from 'node:http2';
import type { ClientHttp2Stream } from 'node:http2';
import { Failure, messageOf } from '../../core/failure.ts';
import { beginCall, openSession, outcomeOf } from '../grpc/session.ts';
import { Arriving } from '../../core/protocol/arriving.ts';
import { BlockBuffers, givingBack } from '../../core/protocol/block-buffers.ts';
import type { MemberEndpoint } from './member-client.ts';
import { SnapshotBlobs } from './snapshot-blobs.ts';

/** Enough that etcd is never kept waiting on loopback; small enough that a slow link costs no memory. */
const windowBytes = 1024 * 1024;
const pieceBytes = 128 * 1024;
/** etcd sends the first bytes at once, and stalls only with its disk. */
const silenceMs = 30_000;

/**
 * Streams the member's database: the bytes of the file that `etcdctl snapshot save` would write, etcd's trailing sha256 included.
 * Back-pressure reaches etcd through HTTP/2's windows. Leaving the loop early, or the signal, cancels the call.
 * @throws {Failure} `snapshot-interrupted` when the stream ends in any way but etcd's own success.
 */
export async function* streamSnapshot(
  endpoint: MemberEndpoint,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const session = openSession(endpoint, windowBytes);
  try {
    // An empty message: SnapshotRequest has no fields.
    const stream = beginCall(session, '/etcdserverpb.Maintenance/Snapshot', Buffer.alloc(0));
    const cancel = () => stream.close(constants.NGHTTP2_CANCEL);
    signal.addEventListener('abort', cancel, { once: true });
    stream.setTimeout(silenceMs, () => stream.destroy(new Error(`etcd sent nothing for ${silenceMs / 1000} s`)));
    const outcome = outcomeOf(stream);
    try {
      yield* joined(stream);
      signal.throwIfAborted();
      const failed = await outcome;
      if (failed !== undefined) throw failed;
    } finally {
      signal.removeEventListener('abort', cancel);
      cancel();
    }
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    throw new Failure({
      reason: 'snapshot-interrupted',
      what: 'etcd broke off the snapshot',
      why: messageOf(thrown),
      next: 'kubectl etcd status shows which members answer; save from another with --from NODE',
      cause: thrown,
    });
  } finally {
    session.destroy();
  }
}

/**
 * What etcd sends comes in slices of 8 KiB, and whatever a slice passes on its way costs its time: so they are joined, in buffers that go round.
 * What is yielded holds until the next but one is asked for. Waiting for the garbage collector would cost a third of the processor time.
 */
async function* joined(stream: ClientHttp2Stream): AsyncGenerator<Buffer, void, undefined> {
  const blobs = new SnapshotBlobs();
  const buffers = new BlockBuffers(2, pieceBytes);
  let piece = buffers.next();
  let filledBytes = 0;
  for await (const chunk of givingBack(arrivingOn(stream)))
    for (const blob of blobs.push(chunk))
      for (let at = 0; at < blob.length;) {
        const copiedBytes = blob.copy(piece, filledBytes, at);
        at += copiedBytes;
        filledBytes += copiedBytes;
        if (filledBytes < pieceBytes) continue;
        yield piece;
        piece = buffers.next();
        filledBytes = 0;
      }
  blobs.end();
  if (filledBytes > 0) yield piece.subarray(0, filledBytes);
}

function arrivingOn(stream: ClientHttp2Stream): Arriving {
  const arriving = new Arriving(stream, () => stream.close(constants.NGHTTP2_CANCEL));
  stream.once('end', () => arriving.end());
  stream.once('error', (error) => arriving.fail(error));
  stream.once('close', () => arriving.fail(new Error('the connection was closed before the call was complete')));
  return arriving;
}
