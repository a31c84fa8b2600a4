/**
 * The way to an agent over the network: mutual TLS 1.3, under the installation's authority alone. Plugin and agents go it alike.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { Failure, messageOf, systemCode } from '../failure.ts';
import type { Credentials } from './certificates.ts';
import { agentServerName } from './names.ts';

export interface DialTarget {
  readonly node: string;
  /** Tried beside each other, a little later each: one may be of a network that is down. */
  readonly addresses: readonly string[];
  readonly port: number;
}

export interface DialCredentials extends Credentials {
  /** PEM. */
  readonly authority: string;
}

const nextAddressAfterMs = 250;

/**
 * Opens the connection. It is handed over when the agent has shown its certificate, which must be that of `node`, and has accepted ours: it
 * speaks first (HTTP/2's settings), and only to whom it trusts.
 * @throws {Failure} `agent-unreachable`, `agent-untrusted`, `clocks-differ`, `access-refused`; or the signal's reason.
 */
export async function dialAgent(
  target: DialTarget,
  credentials: DialCredentials,
  signal: AbortSignal,
): Promise<TLSSocket> {
  signal.throwIfAborted();
  const settled = new AbortController();
  const either = AbortSignal.any([signal, settled.signal]);
  let first: TLSSocket | undefined;
  const attempts = target.addresses.map(async (address, index) => {
    if (index > 0) await sleep(index * nextAddressAfterMs, undefined, { signal: either });
    const socket = await dialAddress({ target, address, credentials, signal: either });
    if (first !== undefined) socket.destroy();
    return (first ??= socket);
  });
  try {
    return await Promise.any(attempts);
  } catch (thrown) {
    signal.throwIfAborted();
    throw mostTelling(thrown, target);
  } finally {
    settled.abort(new Error('another address has answered'));
  }
}

interface Attempt {
  readonly target: DialTarget;
  readonly address: string;
  readonly credentials: DialCredentials;
  readonly signal: AbortSignal;
}

async function dialAddress({ target, address, credentials, signal }: Attempt): Promise<TLSSocket> {
  signal.throwIfAborted();
  const { authority, certificate, key } = credentials;
  const socket = connect({
    host: address,
    port: target.port,
    servername: agentServerName(target.node),
    ca: [authority],
    cert: certificate,
    key,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['h2'],
  });
  // Raised below or by whoever uses the connection; an error that comes in between is not to be nobody's.
  socket.on('error', () => undefined);
  try {
    await firstByte(socket, signal);
    return socket;
  } catch (cause) {
    socket.destroy();
    if (signal.aborted) throw cause;
    throw socket.authorized ? refused(target, address, cause) : notReached(target, address, cause);
  }
}

/** Resolves when the agent has said something. Bytes stay in the socket: HTTP/2 begins with what it finds there. */
function firstByte(socket: TLSSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('close', onClose).off('readable', onReadable);
      outcome();
    };
    const fail = (thrown: unknown) =>
      settle(() => reject(thrown instanceof Error ? thrown : new Error(String(thrown))));
    const onAbort = () => fail(signal.reason);
    const onError = (error: Error) => fail(error);
    const onClose = () => fail(new Error('it closed the connection'));
    const onReadable = () => {
      if (socket.readableLength > 0) settle(resolve);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('error', onError).on('close', onClose).on('readable', onReadable);
  });
}

/** In TLS 1.3 the server judges our certificate after the handshake is complete for us. */
function refused(target: DialTarget, address: string, cause: unknown): Failure {
  return new Failure({
    reason: 'access-refused',
    what: `the agent at ${shown(address, target.port)} does not accept this certificate`,
    node: target.node,
    why: 'it was revoked, or has expired by the clock of that node',
    next: 'kubectl etcd access save, through the API server or on a control-plane node, issues a new one; kubectl etcd access list says who holds which',
    cause,
  });
}

function notReached(target: DialTarget, address: string, cause: unknown): Failure {
  const at = shown(address, target.port);
  const code = systemCode(cause) ?? '';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return new Failure({
      reason: 'clocks-differ',
      what: `the certificate of the agent at ${at} is not good at this time`,
      node: target.node,
      why: `here it is ${new Date().toISOString()}; agents renew theirs by themselves, so one of the two clocks is wrong`,
      next: 'compare the clocks: date -u, here and there',
      cause,
    });
  if (untrustedCodes.has(code))
    return new Failure({
      reason: 'agent-untrusted',
      what: `what answers at ${at} is not the agent of this node`,
      node: target.node,
      why:
        code === 'ERR_TLS_CERT_ALTNAME_INVALID'
          ? 'its certificate is that of another node'
          : 'its certificate is of another installation',
      next: 'an access file of an earlier installation is replaced by kubectl etcd access save, through the API server or on a control-plane node',
      cause,
    });
  return unreachable(target, `${at}: ${messageOf(cause)}`, cause);
}

function unreachable(target: DialTarget, why: string, cause?: unknown): Failure {
  return new Failure({
    reason: 'agent-unreachable',
    what: 'the agent does not answer',
    node: target.node,
    why,
    next: 'is the node up, its agent running, and the port open to you? kubectl etcd status shows which nodes answer',
    cause,
  });
}

const untrustedCodes = new Set([
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_PURPOSE',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/** One reason for all addresses: what an agent said says more than that others did not answer. */
function mostTelling(thrown: unknown, target: DialTarget): Failure {
  const failures = (thrown instanceof AggregateError ? thrown.errors : [thrown]).filter(
    (failure) => failure instanceof Failure,
  );
  const telling = failures.find(({ reason }) => reason !== 'agent-unreachable');
  if (telling !== undefined) return telling;
  const whys = failures.map(({ why }) => why).filter((why) => why !== undefined);
  return unreachable(target, whys.length === 0 ? 'no address of it is known' : whys.join('; '), thrown);
}

function shown(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
