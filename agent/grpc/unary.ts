import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { PackageDefinition } from '@grpc/proto-loader';
import { beginCall, GrpcError, grpcStatus, openSession, outcomeOf } from './session.ts';
import type { GrpcTarget } from './session.ts';

const windowBytes = 256 * 1024;
/** Of a reply; a node's list of containers is some tens of kilobytes. */
const largestReplyBytes = 16 * 1024 * 1024;
const envelopeBytes = 5;

/**
 * Unary calls to one endpoint, with message definitions carried as data: a deadline on every call, and no retry ever, as not every call may be
 * made twice. Connects with the first call, and anew with the next one after the connection was lost.
 */
export class GrpcEndpoint implements Disposable {
  readonly #target: GrpcTarget;
  readonly #definitions: PackageDefinition;
  #session: ClientHttp2Session | undefined;

  constructor(options: GrpcTarget & { readonly definitions: PackageDefinition }) {
    this.#target = options;
    this.#definitions = options.definitions;
  }

  /**
   * Calls once and waits at most `timeoutMs`.
   * @returns the decoded reply, still of unknown shape: decode it with a schema.
   * @throws {GrpcError} with the server's words, or those of the connection.
   */
  async call(service: string, method: string, request: object, timeoutMs: number): Promise<unknown> {
    const definition = this.#method(service, method);
    const stream = beginCall(this.#openSession(), definition.path, definition.requestSerialize(request));
    const late = setTimeout(() => stream.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    try {
      const outcome = outcomeOf(stream);
      const [reply, failed] = [await messageOf(stream), await outcome];
      if (failed !== undefined) throw failed;
      return definition.responseDeserialize(reply);
    } catch (thrown) {
      if (thrown instanceof GrpcError || !(thrown instanceof Error)) throw thrown;
      throw new GrpcError(grpcStatus.unavailable, thrown.message);
    } finally {
      clearTimeout(late);
      stream.close();
    }
  }

  [Symbol.dispose](): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  #openSession(): ClientHttp2Session {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed)
      this.#session = openSession(this.#target, windowBytes);
    return this.#session;
  }

  #method(service: string, method: string) {
    const found = this.#definitions[service];
    if (found === undefined || 'type' in found || found[method] === undefined)
      throw new TypeError(`${service} has no method ${method} among the definitions`);
    return found[method];
  }
}

/** The one message of a reply; empty where the server sent none, which its status then explains. */
async function messageOf(stream: ClientHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let gathered = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    gathered += chunk.length;
    if (gathered > largestReplyBytes) throw new Error(`a reply of more than ${largestReplyBytes} bytes`);
  }
  const bytes = Buffer.concat(chunks, gathered);
  if (bytes.length === 0) return bytes;
  if (bytes.length < envelopeBytes || bytes[0] !== 0 || bytes.readUInt32BE(1) !== bytes.length - envelopeBytes)
    throw new Error('the reply is no single gRPC message');
  return bytes.subarray(envelopeBytes);
}
