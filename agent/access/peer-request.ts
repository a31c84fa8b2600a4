import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { dialAgent } from '../../core/access/dial.ts';
import type { DialCredentials, DialTarget } from '../../core/access/dial.ts';
import { Failure, messageOf } from '../../core/failure.ts';

/** What may be on its way to us before we read it: a forwarded snapshot must not gather here. */
const windowBytes = 1024 * 1024;

const pingEveryMs = 5_000;
const silentAfterPings = 3;

export interface PeerReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Ends only where the other agent ended it; throws where the connection broke. Leaving the loop closes the connection. */
  readonly bytes: AsyncIterable<Buffer>;
}

/**
 * One request to the agent of another node, over a connection of its own.
 * @throws {Failure} what dialAgent throws, or `agent-unreachable` when the connection breaks; the signal's reason.
 */
export async function requestPeer(options: {
  readonly target: DialTarget;
  readonly credentials: DialCredentials;
  readonly method: string;
  readonly path: string;
  readonly body?: Buffer | AsyncIterable<Buffer> | undefined;
  readonly signal: AbortSignal;
}): Promise<PeerReply> {
  const { target, credentials, method, path, body, signal } = options;
  const socket = await dialAgent(target, credentials, signal);
  const session = sessionOver(socket);
  const stop = () => session.destroy();
  signal.addEventListener('abort', stop, { once: true });
  session.once('close', () => signal.removeEventListener('abort', stop));
  try {
    const stream = session.request({ ':method': method, ':path': path }, { endStream: body === undefined });
    stream.on('error', () => undefined);
    if (Buffer.isBuffer(body)) stream.end(body);
    else if (body !== undefined) void send(body, stream);
    const [headers] = (await Promise.race([once(stream, 'response'), closed(stream)])) as [IncomingHttpHeaders];
    return { status: Number(headers[':status']), headers, bytes: bodyOf(stream, session, target.node) };
  } catch (thrown) {
    session.destroy();
    signal.throwIfAborted();
    throw broken(target.node, thrown);
  }
}

function sessionOver(socket: TLSSocket): ClientHttp2Session {
  const session = connect('https://agent', {
    createConnection: () => socket,
    settings: { initialWindowSize: windowBytes, enablePush: false },
  });
  session.on('error', () => undefined);
  // A log that is followed may be silent for hours, and the other agent closes what gives no sign of life; so do we.
  let unanswered = 0;
  const pings = setInterval(() => {
    if (unanswered >= silentAfterPings || session.destroyed) return session.destroy();
    unanswered += 1;
    session.ping((error) => {
      if (error === null) unanswered = 0;
    });
  }, pingEveryMs).unref();
  session.once('close', () => clearInterval(pings));
  return session;
}

async function send(body: AsyncIterable<Buffer>, stream: ClientHttp2Stream): Promise<void> {
  try {
    for await (const chunk of body) if (!stream.write(chunk)) await once(stream, 'drain');
    stream.end();
  } catch {
    stream.close(constants.NGHTTP2_CANCEL);
  }
}

function closed(stream: ClientHttp2Stream): Promise<never> {
  return new Promise((_, reject) => stream.once('close', () => reject(new Error('the connection was closed'))));
}

async function* bodyOf(
  stream: ClientHttp2Stream,
  session: ClientHttp2Session,
  node: string,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
    // A stream ends just as quietly when its connection is cut.
    if (!stream.closed) await once(stream, 'close');
    if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) throw new Error('it was closed before the reply was complete');
  } catch (thrown) {
    throw broken(node, thrown);
  } finally {
    session.destroy();
  }
}

function broken(node: string, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure({
    reason: 'agent-unreachable',
    what: 'the connection to the agent was lost',
    node,
    why: messageOf(thrown),
    next: 'kubectl etcd status shows which nodes answer',
    cause: thrown,
  });
}
