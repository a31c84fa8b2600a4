import { connect, constants } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type * as v from 'valibot';
import { Failure, messageOf } from '../../core/failure.ts';
import { Arriving } from '../../core/protocol/arriving.ts';
import { decodeJson } from '../../core/protocol/decode.ts';
import { failureFrom } from '../../core/protocol/failure-record.ts';
import { failureRecord } from '../../core/protocol/messages.ts';

/** What the plugin lets an agent send ahead of its reading, per stream and in all. */
const windowBytes = 4 * 1024 * 1024;
const largestJsonBytes = 8 * 1024 * 1024;
/**
 * The agent itself is asked for a sign of life, as the way there has more than one leg: a node that is unplugged leaves the API server's
 * WebSocket to us in the best of health. Bytes that arrive are signs too, so that a slow line is not taken for a dead one.
 */
const usualPingEveryMs = 3_000;
const silentAfterPings = 3;

export interface ByteReply {
  readonly headers: IncomingHttpHeaders;
  readonly bytes: AsyncIterable<Buffer>;
}

/** What a request carries that is not a plain GET: a value, or bytes as fast as the agent takes them. */
export type Sent = { readonly method: 'PUT' | 'POST' | 'DELETE' } & (
  { readonly json: unknown } | { readonly bytes: AsyncIterable<Buffer> }
);

/** Requests to one agent over one Duplex, whichever way that came about. */
export class AgentSession implements Disposable {
  readonly node: string;
  readonly #duplex: Duplex;
  readonly #http2: ClientHttp2Session;
  readonly #pings: NodeJS.Timeout;
  #lost: Failure | undefined;
  #unanswered = 0;

  constructor(duplex: Duplex, node: string, { pingEveryMs = usualPingEveryMs } = {}) {
    this.node = node;
    this.#duplex = duplex;
    duplex.on('error', (error) => (this.#lost ??= this.#failure(error)));
    this.#http2 = connect('http://agent', {
      createConnection: () => duplex,
      settings: { initialWindowSize: windowBytes, enablePush: false },
    });
    // HTTP/2 over a stream that is no socket hears of its errors and its end, not of its being destroyed.
    duplex.once('close', () => this.#http2.destroy());
    this.#http2.on('error', (error: Error) => (this.#lost ??= this.#failure(error)));
    // It may have been ended in the same moment.
    this.#http2.once('connect', () => this.#http2.destroyed || this.#http2.setLocalWindowSize(windowBytes));
    this.#pings = setInterval(() => this.#ping(pingEveryMs), pingEveryMs).unref();
    this.#http2.once('close', () => clearInterval(this.#pings));
  }

  /**
   * GETs a JSON reply; with `send` by that method, and with that body.
   * @throws {Failure} the agent's own; `link-lost`; `agent-silent` after `timeoutMs`; `protocol-mismatch`.
   */
  async get<Schema extends v.GenericSchema>(
    target: string,
    schema: Schema,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined; readonly send?: Sent },
  ): Promise<v.InferOutput<Schema>> {
    const timeout = AbortSignal.timeout(options.timeoutMs);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
    try {
      const { bytes } = await this.stream(target, signal, options.send);
      const decoder = new TextDecoder();
      let text = '';
      for await (const chunk of bytes) {
        // A letter may be in two pieces.
        text += decoder.decode(chunk, { stream: true });
        if (text.length > largestJsonBytes)
          throw new Failure({ reason: 'protocol-mismatch', what: 'the reply has no end', node: this.node });
      }
      return decodeJson(schema, text, { what: "the agent's reply", node: this.node });
    } catch (thrown) {
      if (timeout.aborted && options.signal?.aborted !== true) throw this.#silent(options.timeoutMs);
      throw thrown;
    }
  }

  /** GETs bytes: resolves when the agent has accepted the request. The signal cancels it at any time; so does leaving the loop. */
  async stream(target: string, signal: AbortSignal, send?: Sent): Promise<ByteReply> {
    signal.throwIfAborted();
    const stream = this.#http2.request(
      { ':path': target, ':method': send?.method ?? 'GET' },
      { signal, endStream: send === undefined },
    );
    if (send !== undefined) void sendBody(send, stream);
    const body = this.#bodyOf(stream, signal);
    try {
      const [headers] = (await Promise.race([once(stream, 'response', { signal }), body.failed])) as [
        IncomingHttpHeaders & { ':status'?: number },
      ];
      if (headers[':status'] === 200) return { headers, bytes: body };
      throw failureFrom(decodeJson(failureRecord, await textOf(body), { what: "the agent's error" }), this.node);
    } catch (thrown) {
      stream.close();
      throw this.#reasonOf(thrown, signal);
    }
  }

  [Symbol.dispose](): void {
    this.#http2.destroy();
    this.#duplex.destroy();
  }

  /**
   * The reply's body, read from the first moment: Node throws away what a stream holds that closes before anybody reads. It ends only when
   * the agent has ended it; Node lets a stream end just as quietly when its connection is cut.
   */
  #bodyOf(stream: ClientHttp2Stream, signal: AbortSignal): Arriving {
    const body = new Arriving(stream, () => stream.close(constants.NGHTTP2_CANCEL));
    stream.on('data', () => (this.#unanswered = 0));
    stream.on('error', (error: Error) => body.fail(this.#reasonOf(this.#lost ?? error, signal)));
    stream.on('close', () => {
      if (stream.readableEnded && stream.rstCode === constants.NGHTTP2_NO_ERROR) body.end();
      else body.fail(this.#reasonOf(new Error('it was closed before the reply was complete'), signal));
    });
    return body;
  }

  /** The first cause: what the person did, then what became of the connection, then what HTTP/2 says of it. */
  #reasonOf(thrown: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    return thrown instanceof Failure ? thrown : (this.#lost ?? this.#failure(thrown));
  }

  #failure(thrown: unknown): Failure {
    if (thrown instanceof Failure) return thrown;
    return new Failure({
      reason: 'link-lost',
      what: 'the connection to the agent was lost',
      node: this.node,
      why: messageOf(thrown),
      next: 'run the command again; kubectl etcd status shows what answers',
      cause: thrown,
    });
  }

  #ping(everyMs: number): void {
    if (this.#http2.destroyed) return;
    if (this.#unanswered >= silentAfterPings) {
      const seconds = (silentAfterPings * everyMs) / 1000;
      this.#lost ??= this.#failure(new Error(`the agent has given no sign of life for ${seconds} s`));
      this.#http2.destroy(this.#lost);
      this.#duplex.destroy();
      return;
    }
    this.#unanswered += 1;
    if (this.#http2.connecting) return;
    this.#http2.ping((error) => {
      if (error === null) this.#unanswered = 0;
    });
  }

  #silent(timeoutMs: number): Failure {
    return new Failure({
      reason: 'agent-silent',
      what: `the agent does not answer within ${timeoutMs / 1000} s`,
      node: this.node,
      next: 'kubectl etcd status shows which nodes answer',
    });
  }
}

async function sendBody(send: Sent, stream: ClientHttp2Stream): Promise<void> {
  if ('json' in send) {
    stream.end(JSON.stringify(send.json));
    return;
  }
  try {
    for await (const piece of send.bytes) {
      // The memory of a piece goes round: it has to have left before the next is asked for.
      await new Promise<void>((resolve, reject) =>
        stream.write(piece, (error) => (error === null || error === undefined ? resolve() : reject(error))),
      );
    }
    stream.end();
  } catch {
    // Whoever reads the reply hears what became of the request.
    stream.close(constants.NGHTTP2_CANCEL);
  }
}

async function textOf(body: Arriving): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > largestJsonBytes) break;
  }
  return text;
}
