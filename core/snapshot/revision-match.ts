import type { Page } from './bbolt/page.ts';
import type { KeySet } from './key-set.ts';
import { KeyValueParser } from './key-value.ts';
import { parseRevision } from './revision.ts';
import type { Revision } from './revision.ts';

export interface KeyRecord {
  /** The key's bytes, one character each (latin1): etcd's keys are bytes, Kubernetes' are ASCII. */
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  /** Counts the key's changes since it was created; 0 where it was deleted. */
  readonly version: number;
  /** Hexadecimal, as etcdctl prints it. */
  readonly lease?: string | undefined;
  readonly valueBytes: number;
  /** Names the revision within its transaction, for `readValue`. */
  readonly sub: number;
}

/** Tells of each element of the `key` bucket whether it matters, without allocating for those that do not. */
export class RevisionMatch {
  readonly #prefixes: readonly Buffer[];
  readonly #limit: number;
  readonly #seen: KeySet | undefined;
  readonly #parser = new KeyValueParser();

  /**
   * @param options.prefixes one of which a key that matters begins with
   * @param options.limit revisions after it do not exist yet
   * @param options.seen of each key only the first that is met matters; these were
   */
  constructor(options: { readonly prefixes: readonly string[]; readonly limit: number; readonly seen?: KeySet }) {
    this.#prefixes = options.prefixes.map((prefix) => Buffer.from(prefix, 'latin1'));
    this.#limit = options.limit;
    this.#seen = options.seen;
  }

  /** What of a value must be in memory for `surelyAnother`. */
  get headBytes(): number {
    return 2 + Math.max(0, ...this.#prefixes.map(({ length }) => length));
  }

  at(page: Page, index: number): KeyRecord | undefined {
    const { bytes } = page;
    const start = page.keyEnd(index);
    const end = page.valueEnd(index);
    if (this.surelyAnother(bytes, start)) return undefined;
    if (this.#limit !== Infinity && this.#revision(page, index).main > this.#limit) return undefined;
    const parser = this.#parser;
    if (!parser.parse(bytes, start, end)) throw page.damageAt(index, 'its value is no KeyValue');
    const { keyStart, keyEnd } = parser;
    // etcd takes no empty key: it is the mark that a revision bump has left.
    if (
      keyStart === keyEnd ||
      !this.#begins(bytes, keyStart, keyEnd) ||
      this.#seen?.add(bytes, keyStart, keyEnd) === false
    )
      return undefined;
    const { main, sub, tombstone } = this.#revision(page, index);
    const lease = parser.lease(bytes);
    return {
      key: bytes.toString('latin1', keyStart, keyEnd),
      createRevision: parser.createRevision,
      modRevision: main,
      version: tombstone ? 0 : Math.max(1, parser.version),
      valueBytes: parser.valueEnd - parser.valueStart,
      sub,
      ...(lease === undefined ? {} : { lease }),
    };
  }

  /**
   * Whether the value that begins at `start` is of a key with none of the prefixes; false where only all of it tells. etcd writes the key first: two
   * bytes of head where it is shorter than 128 bytes. Then its last byte already tells most keys apart.
   */
  surelyAnother(bytes: Buffer, start: number): boolean {
    const length = bytes[start + 1] ?? 0;
    if (bytes[start] !== 0x0a || length >= 0x80) return false;
    return !this.#begins(bytes, start + 2, start + 2 + length);
  }

  #revision(page: Page, index: number): Revision {
    const revision = parseRevision(page.key(index));
    if (revision === undefined) throw page.damageAt(index, `the key ${page.key(index).toString('hex')} is no revision`);
    return revision;
  }

  #begins(bytes: Buffer, start: number, end: number): boolean {
    for (const prefix of this.#prefixes) if (beginsWith(bytes, start, end, prefix)) return true;
    return false;
  }
}

/** From the end on: that is where keys differ. */
function beginsWith(bytes: Buffer, start: number, end: number, prefix: Buffer): boolean {
  if (end - start < prefix.length) return false;
  for (let at = prefix.length - 1; at >= 0; at--) if (bytes[start + at] !== prefix[at]) return false;
  return true;
}
