/**
 * CRC-32C as Go's hash/crc32 goes on with it: over many small pieces, with the value wanted after each. The fast one (core/snapshot/crc32c.ts) takes
 * long pieces and gives one value at the end.
 */
import { afterByte } from '../snapshot/crc32c.ts';

const table = Uint32Array.from({ length: 256 }, (_, byte) => afterByte(byte));

/** The checksum of what has `crc` followed by `bytes`; that of nothing is 0. */
export function crcAfter(crc: number, bytes: Uint8Array): number {
  let moved = ~crc;
  for (const byte of bytes) moved = (table[(moved ^ byte) & 0xff] ?? 0) ^ (moved >>> 8);
  return ~moved >>> 0;
}
