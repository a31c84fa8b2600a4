import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Enough for a collection (some milliseconds) not to be felt, little enough not to be seen in the memory of the process. */
const collectEveryBytes = 32 * 1024 * 1024;

/**
 * Lets go of buffers that are done with. V8 collects by the growth of its own heap, and a block of a megabyte is a few hundred bytes there:
 * left to itself it keeps some 60 MB of them around before it looks. The old space too: of those in use at a small
 * collection some grow old, and only a large one finds them. Where V8 does not offer its collector, nothing happens.
 */
export class BufferCollection {
  #collect: unknown;
  #doneBytes = 0;

  /** To be told of every buffer that has been used. */
  done(lengthBytes: number): void {
    this.#doneBytes += lengthBytes;
    if (this.#doneBytes < collectEveryBytes) return;
    this.#doneBytes = 0;
    this.#collect ??= collector();
    if (typeof this.#collect === 'function')
      Reflect.apply(this.#collect, undefined, [{ type: 'major', execution: 'sync' }]);
  }
}

function collector(): unknown {
  setFlagsFromString('--expose-gc');
  return runInNewContext("typeof gc === 'function' ? gc : undefined");
}
