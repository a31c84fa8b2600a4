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

const plainBytes = 17;
const tombstoneBytes = 18;
const underscore = 0x5f;
const letterT = 0x74;

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
