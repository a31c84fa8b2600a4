import { once } from 'node:events';
import { constants } from 'node:crypto';
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import type { DialCredentials } from '../../core/access/dial.ts';
import { readCertificate } from '../../core/access/read-certificate.ts';
import { Failure, messageOf, systemCode } from '../../core/failure.ts';
import { HalfOpen } from './half-open.ts';

export interface TlsListenerOptions {
  readonly node: string;
  /** `::` is every address of both families, where the node has IPv6; then it is tried with 0.0.0.0. */
  readonly host: string;
  readonly port: number;
  /** Speaks with whoever has come through. */
  readonly http2: Http2Server;
  readonly credentials: () => DialCredentials;
  readonly isRevoked: (serial: string) => boolean;
  readonly idleMs?: number;
}

/** From the first byte to the verified certificate. */
const handshakeTimeoutMs = 5_000;
/** Connections that have shown their certificate. */
const mostConnections = 128;
/** A plugin sends a sign of life every three seconds; who is silent this long has gone. */
const usualIdleMs = 60_000;
/** After these many requests a connection is asked to be opened anew. */
const mostRequests = 10_000;
const listenAgainAfterMs = 2_000;

/**
 * The agent's port: TLS 1.3, and nothing but a handshake for anybody who has no certificate of this installation that is good and not
 * withdrawn. Whoever says nothing is given five seconds, and has to go earlier when others come (see half-open.ts).
 */
export class TlsListener {
  readonly #options: TlsListenerOptions;
  readonly #open: Server;
  readonly #tls: TlsServer;
  readonly #halfOpen = new HalfOpen<Socket>();
  readonly #trusted = new Map<TLSSocket, { readonly serial: string; readonly expiresAtMs: number }>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #problem: Failure | undefined;
  #again: NodeJS.Timeout | undefined;
  #shown: string | undefined;

  constructor(options: TlsListenerOptions) {
    this.#options = options;
    this.#tls = createTlsServer({
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
      ALPNProtocols: ['h2'],
      handshakeTimeout: handshakeTimeoutMs,
      // A session that is taken up again would not show its certificate again.
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
    this.#tls.on('secureConnection', (socket) => this.#admit(socket));
    this.#tls.on('tlsClientError', (_, socket) => socket.destroy());
    this.#open = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
    this.#open.on('connection', (socket) => this.#greet(socket));
    this.#open.on('error', (error) => this.#later(error));
    this.#open.on('listening', () => (this.#problem = undefined));
    options.http2.on('session', (session) => this.#bound(session));
  }

  get state(): { readonly listening: boolean; readonly problem: Failure | undefined } {
    return { listening: this.#open.listening, problem: this.#problem };
  }

  /** Where it listens; undefined where it does not. */
  get port(): number | undefined {
    const address = this.#open.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  }

  /**
   * To be called when certificate or revocations have changed: shows the new certificate from now on, closes the connections of those that
   * were withdrawn, and begins to listen when there is something to show.
   */
  refresh(): void {
    const { authority, certificate, key } = this.#options.credentials();
    if (this.#shown !== certificate)
      this.#tls.setSecureContext({ ca: [authority], cert: certificate, key, minVersion: 'TLSv1.3' });
    this.#shown = certificate;
    this.dropUntrusted(Date.now());
    if (!this.#open.listening && this.#again === undefined) this.#listen(this.#options.host);
  }

  /** Closes the connections whose certificate is no longer good. */
  dropUntrusted(nowMs: number): void {
    for (const [socket, { serial, expiresAtMs }] of this.#trusted)
      if (this.#options.isRevoked(serial) || expiresAtMs < nowMs) socket.destroy();
  }

  /** No new connections and requests. Resolves when what is under way is done. */
  async close(): Promise<void> {
    clearTimeout(this.#again);
    this.#again = undefined;
    this.#halfOpen.clear();
    this.#open.close();
    const sockets = [...this.#trusted.keys()].filter((socket) => !socket.destroyed);
    for (const session of this.#sessions) session.close();
    await Promise.all(sockets.map((socket) => once(socket, 'close')));
  }

  #listen(host: string): void {
    this.#again = undefined;
    this.#open.listen({ host, port: this.#options.port });
  }

  /** Another process has the port, or the node has no IPv6. Neither ends the agent: it is there for the API server's way all the same. */
  #later(error: Error): void {
    const noIPv6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'].includes(systemCode(error) ?? '');
    if (noIPv6 && this.#options.host === '::') return this.#listen('0.0.0.0');
    this.#problem = new Failure({
      reason: 'port-unavailable',
      what: `the agent cannot listen on port ${this.#options.port}`,
      node: this.#options.node,
      why: messageOf(error),
      next: `ss -ltnp on that node says who listens there; kubectl etcd install --port chooses another`,
      cause: error,
    });
    this.#again = setTimeout(() => this.#listen(this.#options.host), listenAgainAfterMs);
    this.#again.unref();
  }

  #greet(socket: Socket): void {
    socket.on('error', () => undefined);
    this.#halfOpen.add(socket, { from: socket.remoteAddress ?? '', key: keyOf(socket) }, performance.now());
    socket.once('close', () => this.#halfOpen.remove(keyOf(socket), socket));
    this.#tls.emit('connection', socket);
  }

  #admit(socket: TLSSocket): void {
    socket.on('error', () => undefined);
    this.#halfOpen.admit(keyOf(socket));
    const certificate = socket.getPeerX509Certificate();
    const facts = certificate === undefined ? undefined : readCertificate(certificate);
    const good =
      socket.authorized &&
      !socket.isSessionReused() &&
      socket.alpnProtocol === 'h2' &&
      facts?.role !== undefined &&
      !this.#options.isRevoked(facts.serial) &&
      this.#trusted.size < mostConnections;
    if (!good) {
      socket.destroy();
      return;
    }
    this.#trusted.set(socket, { serial: facts.serial, expiresAtMs: facts.notAfter.getTime() });
    socket.once('close', () => this.#trusted.delete(socket));
    this.#options.http2.emit('connection', socket);
  }

  #bound(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
    let requests = 0;
    session.on('stream', () => {
      requests += 1;
      if (requests === mostRequests) session.close();
    });
    // Node counts what goes out, and not the pings that come in: a log that is followed may be silent for hours.
    const { idleMs = usualIdleMs } = this.#options;
    let heardAtMs = performance.now();
    session.on('ping', () => (heardAtMs = performance.now()));
    session.on('timeout', () => {
      if (performance.now() - heardAtMs >= idleMs) session.destroy();
      else session.setTimeout(idleMs);
    });
    session.setTimeout(idleMs);
  }
}

function keyOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
