import type { TLSSocket } from 'node:tls';
import { dialAgent } from '../../core/access/dial.ts';
import type { DialCredentials } from '../../core/access/dial.ts';
import { Failure } from '../../core/failure.ts';

/** The agents answer in milliseconds; a node that is down does not keep us from the others. */
const openWithinMs = 2_500;

/** Where the agent of a node listens. */
export interface Place {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly port: number;
}

/** @throws {Failure} `agent-unreachable` after 2.5 s at the latest; what dialAgent throws. */
export async function dialPlace(
  place: Place | undefined,
  credentials: DialCredentials,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { name: node = '', addresses = [], port = 0 } = place ?? {};
  const timeout = AbortSignal.timeout(openWithinMs);
  try {
    return await dialAgent({ node, addresses, port }, credentials, AbortSignal.any([signal, timeout]));
  } catch (thrown) {
    if (!timeout.aborted || signal.aborted) throw thrown;
    const where = addresses.map((address) => (address.includes(':') ? `[${address}]` : address)).join(', ');
    throw new Failure({
      reason: 'agent-unreachable',
      what: 'the agent does not answer',
      node,
      why: `no answer from ${where} port ${port} within ${openWithinMs / 1000} s`,
      next: 'is the node up, its agent running, and the port open to you? kubectl etcd status shows which nodes answer',
      cause: thrown,
    });
  }
}

/** Waits no longer than `signal` wants; what was waited for goes on. */
export function abortable<Value>(waited: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    void waited.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
