/**
 * A key of etcd's `key` bucket: the revision, 8 bytes main, `_`, 8 bytes sub (big endian), and `t` behind them where the revision deletes
 * its key (mvcc/revision.go).
 */
export interface Revision {
  /** Counts transactions. */
  readonly main: number;
  /** Counts the changes within one. */
  readonly sub: number;
  readonly tombstone: boolean;
}

/** Of a revision that is no deletion. */
export const plainBytes = 17;
const tombstoneBytes = 18;
const underscore = 0x5f;
const letterT = 0x74;

/** The main revision of the key at `start` up to `end`, without allocating; -1 where it is no revision. */
export function mainRevision(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length !== plainBytes && length !== tombstoneBytes) return -1;
  if (bytes[start + 8] !== underscore || (length === tombstoneBytes && bytes[start + 17] !== letterT)) return -1;
  let main = 0;
  for (let at = start; at < start + 8; at++) main = main * 256 + (bytes[at] ?? 0);
  // The sub-revision's first bytes are zeros as well where it is one.
  const sub = (bytes[start + 9] ?? 0) * 256 + (bytes[start + 10] ?? 0);
  return main > Number.MAX_SAFE_INTEGER || sub >= 0x20 ? -1 : main;
}

/** undefined where the bytes are no revision. */
export function parseRevision(key: Uint8Array): Revision | undefined {
  if (key.length !== plainBytes && key.length !== tombstoneBytes) return undefined;
  if (key[8] !== underscore || (key.length === tombstoneBytes && key[17] !== letterT)) return undefined;
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  const main = toNumber(view, 0);
  const sub = toNumber(view, 9);
  if (main === undefined || sub === undefined) return undefined;
  return { main, sub, tombstone: key.length === tombstoneBytes };
}

/** The first key in the bucket that a revision, or anything after it, can have. */
export function revisionKey(main: number, sub = 0): Buffer {
  const key = Buffer.alloc(plainBytes);
  key.writeBigUInt64BE(BigInt(main), 0);
  key.writeUInt8(underscore, 8);
  key.writeBigUInt64BE(BigInt(sub), 9);
  return key;
}

/** etcd's revisions are signed 64-bit and count up from 1: one past 2^53 is damage, not a revision. */
function toNumber(view: DataView, offset: number): number | undefined {
  const high = view.getUint32(offset);
  return high > 0x1f_ffff ? undefined : high * 0x1_0000_0000 + view.getUint32(offset + 4);
}
