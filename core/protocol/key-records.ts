/**
 * How the keys of a running etcd travel, inside a stream of blocks (block-format.ts): one behind the other, ascending by their bytes, each as
 * the length of the key, the key, the revision that created it, and the one that changed it last. Numbers are LEB128. What neighbours have in
 * common, zstd finds.
 */
import { createHash } from 'node:crypto';
import { Failure } from '../failure.ts';
import { readBlocks } from './block-reader.ts';

export interface LiveKey {
  /** The key's bytes, one character each (latin1): keys are bytes, and only Kubernetes' are text. */
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
}

interface From {
  readonly what: string;
  readonly node?: string | undefined;
}

/** etcd takes requests of 1.5 MiB unless told otherwise; who claims more than this is not believed. */
export const longestKeyBytes = 16 * 1024 * 1024;
/** Of a number up to 2^53. */
const longestNumberBytes = 8;

/** Gathers records in memory that is used again. */
export class KeyRecordWriter {
  #bytes = Buffer.allocUnsafeSlow(64 * 1024);
  #filledBytes = 0;

  /** The key is what lies in `bytes` from `start` to `end`. */
  add(
    key: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
    { createRevision, modRevision }: Omit<LiveKey, 'key'>,
  ): void {
    const lengthBytes = key.end - key.start;
    this.#makeRoom(lengthBytes + 3 * longestNumberBytes);
    this.#number(lengthBytes);
    this.#bytes.set(key.bytes.subarray(key.start, key.end), this.#filledBytes);
    this.#filledBytes += lengthBytes;
    this.#number(createRevision);
    this.#number(modRevision);
  }

  /** What was added since the last time; holds until something is added. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#filledBytes);
    this.#filledBytes = 0;
    return taken;
  }

  #makeRoom(moreBytes: number): void {
    const leastBytes = this.#filledBytes + moreBytes;
    if (leastBytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(leastBytes, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#filledBytes);
    this.#bytes = larger;
  }

  #number(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[this.#filledBytes++] = (rest % 0x80) | 0x80;
    this.#bytes[this.#filledBytes++] = rest;
  }
}

/**
 * The keys in an agent's reply. They are all there, and as they were sent, only when the generator has ended without throwing.
 * @throws {Failure} `stream-damaged`; what `readBlocks` throws.
 */
export async function* readKeyStream(
  chunks: AsyncIterable<Buffer>,
  from: From,
): AsyncGenerator<LiveKey, void, undefined> {
  const records = new KeyRecordReader(from);
  const hash = createHash('sha256');
  const blocks = readBlocks(chunks, from);
  try {
    for (;;) {
      const { done, value } = await blocks.next();
      if (done === true) {
        records.end();
        if (value.sha256 !== hash.digest('hex')) throw damaged(from, 'its sha256 is not that of what was sent');
        return;
      }
      hash.update(value);
      yield* records.push(value);
    }
  } finally {
    await blocks.return({ lengthBytes: 0, sha256: '' });
  }
}

/** Takes records apart, wherever the pieces were cut. Believes nothing: what comes is in order, and in bounds. */
export class KeyRecordReader {
  readonly #from: From;
  /** The beginning of a record whose end is yet to come. */
  #begun: Buffer = Buffer.alloc(0);
  #last: string | undefined;
  #at = 0;

  constructor(from: From) {
    this.#from = from;
  }

  /** The piece must hold until all of it has been asked for. @throws {Failure} `stream-damaged`. */
  *push(piece: Buffer): Generator<LiveKey, void, undefined> {
    const bytes = this.#begun.length === 0 ? piece : Buffer.concat([this.#begun, piece]);
    let at = 0;
    for (let record = this.#record(bytes, at); record !== undefined; record = this.#record(bytes, at)) {
      at = this.#at;
      yield record;
    }
    // A copy: the piece's memory is used again.
    this.#begun = Buffer.from(bytes.subarray(at));
  }

  /** @throws {Failure} `stream-damaged` inside a record. */
  end(): void {
    if (this.#begun.length > 0) throw damaged(this.#from, 'it ends inside a key');
  }

  /** undefined where the bytes end before it does. */
  #record(bytes: Buffer, start: number): LiveKey | undefined {
    this.#at = start;
    const lengthBytes = this.#number(bytes);
    if (lengthBytes === undefined) return undefined;
    if (lengthBytes === 0 || lengthBytes > longestKeyBytes) throw damaged(this.#from, `a key of ${lengthBytes} bytes`);
    const keyStart = this.#at;
    this.#at += lengthBytes;
    const createRevision = this.#number(bytes);
    const modRevision = this.#number(bytes);
    if (createRevision === undefined || modRevision === undefined) return undefined;
    if (createRevision < 1 || createRevision > modRevision)
      throw damaged(this.#from, `a key created at revision ${createRevision} and changed at ${modRevision}`);
    const key = bytes.toString('latin1', keyStart, keyStart + lengthBytes);
    if (this.#last !== undefined && key <= this.#last) throw damaged(this.#from, 'its keys are not in order');
    this.#last = key;
    return { key, createRevision, modRevision };
  }

  #number(bytes: Buffer): number | undefined {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < longestNumberBytes; count++) {
      const byte = bytes[this.#at++];
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80 && Number.isSafeInteger(value)) return value;
      scale *= 0x80;
    }
    throw damaged(this.#from, 'a number in it is too large');
  }
}

function damaged({ what, node }: From, why: string): Failure {
  return new Failure({
    reason: 'stream-damaged',
    what: `${what} arrived damaged`,
    node,
    why,
    next: 'run the command again',
  });
}
