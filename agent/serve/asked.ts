import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import { TLSSocket } from 'node:tls';
import type * as v from 'valibot';
import { readCertificate } from '../../core/access/read-certificate.ts';
import type { Role } from '../../core/access/read-certificate.ts';
import { Failure } from '../../core/failure.ts';
import { decodeJson } from '../../core/protocol/decode.ts';

/** Who asks: whoever can open the node's socket (root, or an exec through the API server), or the owner of a certificate. */
export type Caller = { readonly by: 'socket' } | { readonly by: 'network'; readonly role: Role; readonly name: string };

export interface Asked {
  readonly method: string;
  /** What stands behind the route's path, where it is a prefix; with the query. */
  readonly rest: string;
  readonly query: URLSearchParams;
  readonly caller: Caller;
  /** Aborted when the caller has gone or has cancelled the request. */
  readonly signal: AbortSignal;
  /** The request's body. @throws {Failure} `protocol-mismatch`; `request-too-large`. */
  readonly json: <Schema extends v.GenericSchema>(schema: Schema) => Promise<v.InferOutput<Schema>>;
  /** The same as it comes. The answer goes out when it has been read. */
  readonly bytes: () => AsyncIterable<Buffer>;
}

const largestBodyBytes = 4 * 1024 * 1024;

/** Who is at the other end of a session: the TLS handshake has verified the certificate before there was a session. */
export function callerOf(session: Http2Session | undefined): Caller {
  const socket: unknown = session?.socket;
  if (session?.encrypted !== true) return { by: 'socket' };
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  const facts = certificate === undefined ? undefined : readCertificate(certificate);
  if (facts?.role === undefined) throw new Error('a connection without a certificate of ours has come through');
  return { by: 'network', role: facts.role, name: facts.name };
}

/** A request's body. The answer is still to go out over this stream, so that leaving the loop does not destroy it. */
export function bodyOf(stream: ServerHttp2Stream): AsyncIterable<Buffer> {
  return stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

/** Reads a request's body, bounded, and decodes it. */
export async function jsonBody<Schema extends v.GenericSchema>(
  stream: ServerHttp2Stream,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const chunks: Buffer[] = [];
  let lengthBytes = 0;
  for await (const chunk of bodyOf(stream)) {
    chunks.push(chunk);
    lengthBytes += chunk.length;
    if (lengthBytes <= largestBodyBytes) continue;
    stream.once('finish', () => stream.close());
    throw new Failure({
      reason: 'request-too-large',
      what: `the request is larger than ${largestBodyBytes / 1024 ** 2} MiB`,
    });
  }
  return decodeJson(schema, Buffer.concat(chunks).toString(), { what: 'the request' });
}

/** What agents tell each other, and whoever may open the node's socket. @throws {Failure} `socket-only`. */
export function notByPeople(asked: Asked): void {
  if (asked.caller.by === 'socket' || asked.caller.role !== 'agent') onlyOnSocket(asked);
}

/** What only whoever may open the node's socket may ask. @throws {Failure} `socket-only`. */
export function onlyOnSocket({ caller }: Asked): void {
  if (caller.by === 'socket') return;
  throw new Failure({
    reason: 'socket-only',
    what: 'this is answered on the node itself alone, and through the API server',
    next: 'without --access, while the API server answers; or as root on a control-plane node',
  });
}
