import type { Readable } from 'node:stream';

/** So much waits here for its reader before the stream is paused; HTTP/2's windows then hold the far side back. */
const mostHeldBytes = 256 * 1024;

interface Outcome {
  readonly failure?: unknown;
}

/**
 * What comes on a stream, for one reader, from the first moment. How it ended is for the stream's owner to judge, who calls `end` or `fail`;
 * what had come before is read first.
 *
 * A gigabyte over TLS and HTTP/2 comes in 130,000 pieces, so it counts what a piece costs: Readable's own iterator copies all that waits into
 * new memory, and every generator between stream and reader takes its turns of the event loop for each. Here a piece that waits is there at once.
 */
export class Arriving implements AsyncIterableIterator<Buffer, undefined, undefined> {
  /** Rejects when nothing more will come, for whoever waits for something else of the stream meanwhile. */
  readonly failed: Promise<never>;
  readonly #stream: Readable;
  readonly #leave: () => void;
  readonly #failing = Promise.withResolvers<never>();
  readonly #held: Buffer[] = [];
  #heldBytes = 0;
  #waiting: PromiseWithResolvers<IteratorResult<Buffer, undefined>> | undefined;
  #outcome: Outcome | undefined;

  /** @param leave called when the reader leaves the loop: whoever sends is to stop. */
  constructor(stream: Readable, leave: () => void) {
    this.#stream = stream;
    this.#leave = leave;
    this.failed = this.#failing.promise;
    // Raised to whoever reads; nobody need wait for it.
    this.failed.catch(() => undefined);
    stream.on('data', (chunk: Buffer) => this.#arrived(chunk));
  }

  /** Everything has come. Of `end` and `fail` the first call counts. */
  end(): void {
    this.#settle({});
  }

  fail(failure: unknown): void {
    this.#settle({ failure });
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    const chunk = this.#held.shift();
    if (chunk !== undefined) {
      this.#heldBytes -= chunk.length;
      if (this.#heldBytes === 0 && this.#stream.isPaused()) this.#stream.resume();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#outcome !== undefined) return resultOf(this.#outcome);
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  return(): Promise<IteratorResult<Buffer, undefined>> {
    this.#settle({});
    this.#held.length = 0;
    this.#leave();
    return resultOf({});
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #arrived(chunk: Buffer): void {
    if (this.#outcome !== undefined) return;
    if (this.#waiting !== undefined) {
      this.#waiting.resolve({ done: false, value: chunk });
      this.#waiting = undefined;
      return;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes >= mostHeldBytes) this.#stream.pause();
  }

  #settle(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    if ('failure' in outcome) this.#failing.reject(outcome.failure);
    this.#waiting?.resolve(resultOf(outcome));
    this.#waiting = undefined;
  }
}

function resultOf(outcome: Outcome): Promise<IteratorResult<Buffer, undefined>> {
  if (!('failure' in outcome)) return Promise.resolve({ done: true, value: undefined });
  const { failure } = outcome;
  return Promise.reject(failure instanceof Error ? failure : new Error(String(failure)));
}
