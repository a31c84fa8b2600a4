import { compareRanges } from './bbolt/format.ts';
import type { KeyRecord } from './revision-match.ts';

/** Length of the key, five numbers, lease; then the key's bytes. Little-endian. */
const headBytes = 4 + 5 * 8 + 8;
/** Entries that lie together on disk and are read together. */
const blockBytes = 32 * 1024;

export interface KeyBlock {
  /** Whole entries, ascending. Valid until the next block is asked for. */
  readonly bytes: Buffer;
  readonly firstKey: string;
}

/**
 * States of keys, gathered in any order and given out in the order of keys. They lie in one piece of memory that is used again: as objects they
 * would cost several times as much, and stay until the collector looks.
 */
export class KeyRun {
  readonly #fullBytes: number;
  #bytes: Buffer;
  #endBytes = 0;
  #starts = new Uint32Array(1024);
  #count = 0;

  /** @param fullBytes more than so much makes it full. */
  constructor(fullBytes: number) {
    this.#fullBytes = fullBytes;
    this.#bytes = Buffer.allocUnsafeSlow(fullBytes);
  }

  /** It takes what comes even then, but should be emptied. */
  get isFull(): boolean {
    return this.#endBytes >= this.#fullBytes;
  }

  /** The key must not be in it yet. */
  add(record: KeyRecord): void {
    const start = this.#endBytes;
    this.#endBytes = start + headBytes + record.key.length;
    if (this.#endBytes > this.#bytes.length) this.#bytes = grown(this.#bytes, this.#endBytes);
    if (this.#count === this.#starts.length) {
      const starts = this.#starts;
      this.#starts = new Uint32Array(2 * starts.length);
      this.#starts.set(starts);
    }
    this.#starts[this.#count++] = start;
    encode(record, this.#bytes, start);
  }

  clear(): void {
    this.#endBytes = this.#count = 0;
  }

  /** Ascending. */
  *sorted(): Generator<KeyRecord, void, undefined> {
    for (const start of this.#order()) yield decode(this.#bytes, start);
  }

  /** The same, as `recordsOf` reads it. */
  *blocks(): Generator<KeyBlock, void, undefined> {
    let bytes: Buffer = Buffer.allocUnsafe(blockBytes);
    let firstKey = '';
    let filled = 0;
    for (const start of this.#order()) {
      const end = entryEnd(this.#bytes, start);
      if (filled > 0 && filled + end - start > bytes.length) {
        yield { bytes: bytes.subarray(0, filled), firstKey };
        filled = 0;
      }
      // Hardly ever: a key longer than a block.
      if (end - start > bytes.length) bytes = Buffer.allocUnsafe(end - start);
      if (filled === 0) firstKey = decode(this.#bytes, start).key;
      filled += this.#bytes.copy(bytes, filled, start, end);
    }
    if (filled > 0) yield { bytes: bytes.subarray(0, filled), firstKey };
  }

  #order(): Uint32Array {
    const bytes = this.#bytes;
    return this.#starts
      .subarray(0, this.#count)
      .sort((a, b) =>
        compareRanges(bytes, a + headBytes, entryEnd(bytes, a), bytes, b + headBytes, entryEnd(bytes, b)),
      );
  }
}

/** The entries of a block. @throws {RangeError} where it is none. */
export function* recordsOf(bytes: Buffer): Generator<KeyRecord, void, undefined> {
  for (let at = 0; at < bytes.length; at = entryEnd(bytes, at)) yield decode(bytes, at);
}

function entryEnd(bytes: Buffer, start: number): number {
  return start + headBytes + bytes.readUInt32LE(start);
}

function encode(record: KeyRecord, into: Buffer, start: number): void {
  const { key, createRevision, modRevision, sub, version, valueBytes, lease } = record;
  let at = into.writeUInt32LE(key.length, start);
  for (const number of [createRevision, modRevision, sub, version, valueBytes]) at = into.writeDoubleLE(number, at);
  at = into.writeBigUInt64LE(lease === undefined ? 0n : BigInt(`0x${lease}`), at);
  into.write(key, at, 'latin1');
}

function decode(bytes: Buffer, start: number): KeyRecord {
  const numberAt = (index: number) => bytes.readDoubleLE(start + 4 + 8 * index);
  const lease = bytes.readBigUInt64LE(start + 44);
  return {
    key: bytes.toString('latin1', start + headBytes, entryEnd(bytes, start)),
    ...{ createRevision: numberAt(0), modRevision: numberAt(1), sub: numberAt(2) },
    ...{ version: numberAt(3), valueBytes: numberAt(4) },
    ...(lease === 0n ? {} : { lease: lease.toString(16) }),
  };
}

function grown(bytes: Buffer, leastBytes: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(leastBytes, bytes.length + blockBytes));
  bytes.copy(larger);
  return larger;
}
