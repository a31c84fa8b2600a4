import { once } from 'node:events';
import { chmod, mkdir, unlink } from 'node:fs/promises';
import { createServer } from 'node:http2';
import type { Http2Server, ServerHttp2Stream } from 'node:http2';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { Failure, systemCode } from '../../core/failure.ts';
import { failureToRecord } from '../../core/protocol/failure-record.ts';
import { bodyOf, callerOf, jsonBody } from './asked.ts';
import type { Asked } from './asked.ts';

/** What a route gives back: a value that goes out as JSON, or bytes with headers before them. */
export type Reply =
  | { readonly json: unknown; readonly status?: number }
  | {
      readonly status?: number;
      readonly headers: Record<string, string>;
      readonly bytes: AsyncIterable<Buffer | string>;
    };

/** By path, with the method before it where that is not GET: `PUT /v1/thing`. A path that ends in a slash is a prefix, of any method. */
export type Routes = Readonly<Record<string, (asked: Asked) => Promise<Reply>>>;

/** Per stream and connection; with back-pressure this is what a slow reader can make the agent hold. */
const windowBytes = 1024 * 1024;

/** An HTTP/2 server for `routes`. It listens on nothing yet: hand it connections, or use listenOnSocket. */
export function agentServer(routes: Routes, node: string): Http2Server {
  const server = createServer({
    settings: {
      initialWindowSize: windowBytes,
      maxConcurrentStreams: 32,
      enablePush: false,
      maxHeaderListSize: 16_384,
    },
    maxHeaderListPairs: 64,
    // Bounds of what one connection may cost: streams opened and reset at once, and frames that make no sense.
    streamResetBurst: 200,
    streamResetRate: 30,
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 50,
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    void answer({ stream, routes, node, method: headers[':method'], target: headers[':path'] });
  });
  server.on('sessionError', () => undefined);
  return server;
}

/**
 * Listens on a unix socket that only root can open. A socket left by an agent that died is replaced; one that answers is not.
 * @throws {Failure} `socket-in-use`.
 */
export async function listenOnSocket(server: Http2Server, socketPath: string, node: string): Promise<void> {
  await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 });
  if (await answers(socketPath))
    throw new Failure({
      reason: 'socket-in-use',
      what: `another agent answers on ${socketPath}`,
      node,
      next: 'only one agent runs on a node: see what else is there with kubectl get pods -A -o wide',
    });
  await unlink(socketPath).catch((thrown: unknown) => {
    if (systemCode(thrown) !== 'ENOENT') throw thrown;
  });
  server.listen(socketPath);
  await once(server, 'listening');
  await chmod(socketPath, 0o600);
}

/** Whether somebody listens on the socket: a file alone may be what a dead process has left. */
export async function answers(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function answer(asked: {
  readonly stream: ServerHttp2Stream;
  readonly routes: Routes;
  readonly node: string;
  readonly method: string | undefined;
  readonly target: string | undefined;
}): Promise<void> {
  const { stream, node } = asked;
  const gone = new AbortController();
  stream.once('close', () => gone.abort(new Error('the caller has gone')));
  try {
    const { route, rest, query } = routeOf(asked);
    const caller = callerOf(stream.session);
    const reply = await route({
      method: asked.method ?? '',
      rest,
      query,
      caller,
      signal: gone.signal,
      json: (schema) => jsonBody(stream, schema),
      bytes: () => bodyOf(stream),
    });
    if ('json' in reply) {
      respondJson(stream, reply.status ?? 200, reply.json);
    } else if (!stream.destroyed) {
      stream.respond({ ':status': reply.status ?? 200, ...reply.headers });
      await sendAll(reply.bytes, stream);
    }
  } catch (thrown) {
    // Not close(): that ends the body in good order before it says that something went wrong.
    if (stream.headersSent) stream.destroy(new Error('the reply broke off'));
    else respondJson(stream, thrown instanceof UnknownRequest ? 404 : 500, failureToRecord(thrown, node));
  }
}

/**
 * Piece by piece: the next is asked for when the one before has left this process, as whoever makes them fills the same memory again. What
 * HTTP/2 and the system hold on either side keeps both busy meanwhile.
 */
async function sendAll(bytes: AsyncIterable<Buffer | string>, stream: ServerHttp2Stream): Promise<void> {
  for await (const piece of bytes) {
    await sent(piece, stream);
    if (stream.destroyed) return;
  }
  stream.end();
}

/**
 * Resolves when the piece has left, or when nobody is there any more. One promise a piece, which holds on to nothing afterwards: a log may be
 * followed for weeks.
 */
function sent(piece: Buffer | string, stream: ServerHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('close', done);
      resolve();
    };
    stream.once('close', done);
    stream.write(piece, done);
  });
}

/** @throws {UnknownRequest} */
function routeOf({
  routes,
  method,
  target,
}: {
  routes: Routes;
  method: string | undefined;
  target: string | undefined;
}) {
  const { pathname, search, searchParams: query } = new URL(target ?? '/', 'http://agent');
  const key = method === 'GET' ? pathname : `${method ?? ''} ${pathname}`;
  const exact = Object.hasOwn(routes, key) ? routes[key] : undefined;
  if (exact !== undefined) return { route: exact, rest: '', query };
  const prefix = Object.keys(routes).find((path) => path.endsWith('/') && pathname.startsWith(path));
  const route = prefix === undefined ? undefined : routes[prefix];
  if (prefix === undefined || route === undefined) throw new UnknownRequest(method, pathname);
  return { route, rest: pathname.slice(prefix.length) + search, query };
}

function respondJson(stream: ServerHttp2Stream, status: number, value: unknown): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': status, 'content-type': 'application/json' });
  stream.end(JSON.stringify(value));
}

class UnknownRequest extends Failure {
  constructor(method: string | undefined, pathname: string) {
    super({
      reason: 'unknown-request',
      what: `this agent does not know the request ${method ?? ''} ${pathname.slice(0, 100)}`,
      why: 'plugin and agent are of different versions',
      next: 'kubectl etcd version shows both; kubectl etcd install brings the agents to the version of the plugin',
    });
  }
}
