/**
 * One process in a pod, as a Duplex: its standard input and output over the API server's exec WebSocket.
 *
 * Ours, on `ws`: client-node's Exec has no back-pressure (300 MiB through it cost 554 MB of memory), never settles when the socket dies and
 * loses errors. The protocol is Kubernetes' channel protocol: the first byte of a message names its channel. v5 adds a half-close of standard
 * input; we speak v4's subset of it and never need one, as HTTP/2 inside says in band when it is done.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { Failure, messageOf } from '../../core/failure.ts';
import { execRefused, exitedWith, linkLost } from './link-failure.ts';

export interface ExecTarget {
  /** The exec subresource with its query, as a wss URL. */
  readonly url: string;
  /** TLS, headers and agent, as the kubeconfig wants them. */
  readonly options: RequestOptions;
  readonly node: string;
}

const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const channel = { stdin: 0, stdout: 1, stderr: 2, status: 3 } as const;
/** Proxies and load balancers cut what is idle; a peer that is gone without a word is noticed after three of these. */
const pingEveryMs = 4_000;
const largestStderrBytes = 4_096;

/**
 * Opens the stream; resolves when the API server has accepted the exec.
 * @throws {Failure} `unauthorized`, `forbidden`, `agent-gone`, `exec-refused`, `api-unreachable`.
 */
export async function openExecStream(target: ExecTarget, signal: AbortSignal): Promise<Duplex> {
  signal.throwIfAborted();
  const socket = new WebSocket(target.url, protocols, {
    ...target.options,
    perMessageDeflate: false,
    maxPayload: 16 * 1024 * 1024,
  });
  await new Promise<void>((resolve, reject) => {
    const abort = () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      socket.terminate();
    };
    signal.addEventListener('abort', abort, { once: true });
    // The signal is for opening alone, and often a time limit: a stream that is open outlives it.
    socket.once('open', () => signal.removeEventListener('abort', abort));
    socket.once('open', resolve);
    socket.on('error', (cause) =>
      reject(
        new Failure({
          reason: 'api-unreachable',
          what: 'the API server cannot be reached for exec',
          why: messageOf(cause),
          next: 'kubectl get --raw /readyz shows whether it answers',
          cause,
        }),
      ),
    );
    socket.once('unexpected-response', (_request: ClientRequest, response: IncomingMessage) => {
      void execRefused(response, target.node).then(reject, reject);
    });
  });
  return new ExecStream(socket, target.node);
}

class ExecStream extends Duplex {
  readonly #socket: WebSocket;
  readonly #node: string;
  readonly #pings: NodeJS.Timeout;
  #unanswered = 0;
  #reading = true;
  #stderr = Buffer.alloc(0);

  constructor(socket: WebSocket, node: string) {
    super({ allowHalfOpen: false, highWaterMark: 256 * 1024 });
    this.#socket = socket;
    this.#node = node;
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data: Buffer) => this.#message(data));
    socket.on('close', () => this.destroy(linkLost(node, this.#stderr.toString())));
    socket.on('pong', () => (this.#unanswered = 0));
    this.#pings = setInterval(() => this.#ping(), pingEveryMs);
  }

  override _read(): void {
    this.#reading = true;
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return done(linkLost(this.#node, this.#stderr.toString()));
    this.#socket.send(Buffer.concat([Buffer.of(channel.stdin), chunk]), { binary: true }, (error) =>
      done(error ?? null),
    );
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.close();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.#pings);
    // A peer that does not answer the closing handshake must not keep the process alive; there is nothing more to say to it.
    this.#socket.terminate();
    done(error);
  }

  #message(data: Buffer): void {
    this.#unanswered = 0;
    const body = data.subarray(1);
    if (data[0] === channel.stdout) {
      if (body.length > 0 && !this.push(body)) {
        this.#reading = false;
        this.#socket.pause();
      }
    } else if (data[0] === channel.stderr) {
      this.#stderr = Buffer.concat([this.#stderr, body]).subarray(-largestStderrBytes);
    } else if (data[0] === channel.status) {
      this.destroy(exitedWith(body.toString(), this.#stderr.toString(), this.#node));
    }
  }

  #ping(): void {
    // While we do not read, the answers wait in the socket like everything else.
    if (!this.#reading) return;
    if (this.#unanswered >= 3)
      return void this.destroy(linkLost(this.#node, `no sign of life for ${(3 * pingEveryMs) / 1000} s`));
    this.#unanswered += 1;
    this.#socket.ping();
  }
}
