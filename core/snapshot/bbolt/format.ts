/**
 * bbolt's file format, version 2, as etcd 3.0 to 3.6 write it: an array of pages of one size; pages 0 and 1 are the two metas; every other page in
 * use is a branch, a leaf or the freelist, begins with a head and may go on over `overflow` further pages. Little endian throughout (bbolt
 * writes the machine's order, and etcd supports no other machines).
 */
export const pageHeadBytes = 16;
/** An element of a branch (pos u32, key size u32, page u64) or of a leaf (flags u32, pos u32, key size u32, value size u32). */
export const elementBytes = 16;
/** What a bucket's value begins with: root page u64, sequence u64; an inline bucket's page follows. */
export const bucketHeadBytes = 16;

export const pageFlag = { branch: 0x01, leaf: 0x02, meta: 0x04, freelist: 0x10 } as const;
/** A leaf's element that is a bucket, not a value. */
export const bucketElementFlag = 0x01;

export const magic = 0xed0cdaed;
export const formatVersion = 2;
/** A meta's freelist where none is kept on disk (etcd on Linux): all ones. */
export const noFreelist = 0xffff_ffff_ffff_ffffn;

/** bbolt takes page sizes from 512 (its smallest test) to 64 KiB; the operating system's in practice: 4, 16 or 64 KiB. */
export const smallestPageBytes = 512;
export const largestPageBytes = 65_536;
/** bbolt's own limit. */
export const largestKeyBytes = 32_768;

/**
 * A page id as a number. Past 2^53 it loses digits, which matters to nobody: it is out of every file's range by then, and the comparison
 * says so.
 */
export function readPageId(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * 0x1_0000_0000 + view.getUint32(offset, true);
}

/** Which way round two keys are, bytewise as bbolt orders them; negative when a is the lesser. */
export function compareRanges(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const shared = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < shared; i++) {
    const difference = (a[aStart + i] ?? 0) - (b[bStart + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}
