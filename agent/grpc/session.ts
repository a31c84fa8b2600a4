/**
 * gRPC straight on node:http2. @grpc/grpc-js would do, but for two things that were measured (DESIGN.md): a connection whose far side accepts
 * and then says nothing, as a stopped etcd does, outlives its client's close(); and a long stream of small messages costs it three times the
 * processor. What is left of gRPC without them is an envelope of five bytes and two trailers.
 */
import { connect as connectSocket } from 'node:net';
import { connect, constants } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';

/** What a client shows, and by what it knows the server; everything absent for plain HTTP and unix sockets. PEM. */
export interface TlsCredentials {
  readonly ca?: Buffer;
  readonly certificate?: Buffer;
  readonly key?: Buffer;
  /** The name to check the server's certificate against, where it is not valid for the address we connect to. */
  readonly serverName?: string;
}

export interface GrpcTarget {
  /** `https://127.0.0.1:2379`, `http://…` or `unix:/run/containerd/containerd.sock`. */
  readonly url: string;
  readonly credentials: TlsCredentials;
}

/** gRPC's status codes, those that are told apart here: 0 is success. */
export const grpcStatus = { ok: 0, deadlineExceeded: 4, permissionDenied: 7, outOfRange: 11, unavailable: 14 } as const;

/** What a call that failed says: gRPC's status code, and the server's own words or those of the connection. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  readonly code: number;

  constructor(code: number, words: string) {
    super(words);
    this.code = code;
  }
}

/** Connects; never fails here: what goes wrong is the failure of the first request. `destroy` ends it at once, whatever state it is in. */
export function openSession({ url, credentials }: GrpcTarget, windowBytes: number): ClientHttp2Session {
  const settings = { initialWindowSize: windowBytes, enablePush: false };
  const session = url.startsWith('unix:')
    ? connect('http://localhost', { settings, createConnection: () => connectSocket(url.slice('unix:'.length)) })
    : connect(url, {
        settings,
        ca: credentials.ca,
        cert: credentials.certificate,
        key: credentials.key,
        ...(credentials.serverName === undefined ? {} : { servername: credentials.serverName }),
      });
  session.once('connect', () => session.setLocalWindowSize(windowBytes));
  // Errors of the session arrive at its streams as well, and are reported from there.
  session.on('error', () => undefined);
  return session;
}

/** Begins a call with its one request message. `:path` is `/package.Service/Method`. */
export function beginCall(session: ClientHttp2Session, path: string, message: Uint8Array): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const envelope = Buffer.alloc(5);
  envelope.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([envelope, message]));
  return stream;
}

/**
 * How the call ended, by the server's own word; success is undefined. Never rejects: a connection that closes before the server has said
 * anything is an outcome too.
 */
export function outcomeOf(stream: ClientHttp2Stream): Promise<GrpcError | undefined> {
  return new Promise((resolve) => {
    let httpStatus: number | undefined;
    const read = (headers: NodeJS.Dict<string | string[] | number>) => {
      if (headers['grpc-status'] === undefined) return;
      const code = Number(headers['grpc-status']);
      resolve(code === grpcStatus.ok ? undefined : new GrpcError(code, wordsIn(headers['grpc-message'], code)));
    };
    stream.once('response', (headers) => {
      httpStatus = headers[':status'];
      read(headers);
    });
    stream.once('trailers', read);
    stream.once('error', (error: Error) => resolve(new GrpcError(grpcStatus.unavailable, error.message)));
    stream.once('close', () => {
      const said = httpStatus === undefined || httpStatus === constants.HTTP_STATUS_OK ? '' : ` (HTTP ${httpStatus})`;
      resolve(new GrpcError(grpcStatus.unavailable, `the connection was closed before the call was complete${said}`));
    });
  });
}

/** gRPC percent-encodes what is not plain ASCII; a server that does it wrongly is quoted as it is. */
function wordsIn(message: string | string[] | number | undefined, code: number): string {
  const text = String(message ?? '');
  if (text === '') return `gRPC status ${code}`;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
