import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { Failure, messageOf } from '../../core/failure.ts';

/**
 * The way to an agent on this very machine: its unix socket. Local mode goes this way, and so does root on a node.
 * @throws {Failure} `agent-unreachable`.
 */
export async function openSocketStream(socketPath: string, node: string, signal: AbortSignal): Promise<Duplex> {
  signal.throwIfAborted();
  const socket = connect({ path: socketPath });
  // Raised below or by whoever uses the stream; an error that comes in between is not to be nobody's.
  socket.on('error', () => undefined);
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (cause) {
    socket.destroy();
    if (signal.aborted) throw signal.reason;
    throw new Failure({
      reason: 'agent-unreachable',
      what: 'the agent does not answer',
      node,
      // The system's message names the socket.
      why: messageOf(cause),
      next: 'start the agent that listens there; kubectl etcd status shows which ones answer',
      cause,
    });
  }
}
