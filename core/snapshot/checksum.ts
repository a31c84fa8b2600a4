import { createHash } from 'node:crypto';

/** etcd appends the sha256 of everything before it: 32 bytes. */
export const trailerBytes = 32;
/**
 * etcd calls a file a snapshot with a checksum when its size is 32 more than a multiple of this: database pages are multiples of 512 bytes
 * (etcdutl's restore decides by the same rule).
 */
const sectorBytes = 512;

/** Whether a file of this size ends in etcd's checksum, by etcd's own rule. */
export function hasTrailer(sizeBytes: number): boolean {
  return sizeBytes >= sectorBytes + trailerBytes && sizeBytes % sectorBytes === trailerBytes;
}

export interface FileHashes {
  readonly sizeBytes: number;
  /** Hexadecimal, of the whole file, trailing checksum included. */
  readonly sha256: string;
  /** Hexadecimal, of all but the last 32 bytes: what etcd appended, if all is well. */
  readonly contentSha256: string;
  /** `absent`: the size says that etcd appended none (a member's own database file, or a truncated snapshot). */
  readonly trailer: 'matches' | 'differs' | 'absent';
}

/** What a file is, from the hash of all but its last 32 bytes, that of everything, and these bytes. */
export function fileHashes(found: {
  readonly sizeBytes: number;
  readonly content: Uint8Array;
  readonly all: Uint8Array;
  readonly held: Uint8Array;
}): FileHashes {
  const { sizeBytes, content, all, held } = found;
  const trailer = !hasTrailer(sizeBytes) ? 'absent' : Buffer.compare(content, held) === 0 ? 'matches' : 'differs';
  return { sizeBytes, sha256: hexadecimal(all), contentSha256: hexadecimal(content), trailer };
}

function hexadecimal(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/**
 * One pass over a snapshot's bytes, one sha256: holds back the last 32 bytes, because only the end of the stream tells which they are. Keeps
 * no more than those.
 */
export class SnapshotHash {
  readonly #hash = createHash('sha256');
  #held: Buffer = Buffer.alloc(0);
  #sizeBytes = 0;

  /** The bytes seen so far. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Takes the next bytes; the chunk may be reused by the caller afterwards. */
  update(chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    if (chunk.length >= trailerBytes) {
      this.#hash.update(this.#held);
      this.#hash.update(chunk.subarray(0, chunk.length - trailerBytes));
      this.#held = Buffer.from(chunk.subarray(chunk.length - trailerBytes));
      return;
    }
    const joined = Buffer.concat([this.#held, chunk]);
    const surplus = Math.max(0, joined.length - trailerBytes);
    this.#hash.update(joined.subarray(0, surplus));
    this.#held = joined.subarray(surplus);
  }

  /** What the file was, once its last byte has been given. May be called once more bytes arrive, too: nothing is used up. */
  finish(): FileHashes {
    const content = this.#hash.copy().digest();
    const all = this.#hash.copy().update(this.#held).digest();
    return fileHashes({ sizeBytes: this.#sizeBytes, content, all, held: this.#held });
  }
}
