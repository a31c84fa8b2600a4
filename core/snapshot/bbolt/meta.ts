import type { RandomAccess } from '../source.ts';
import {
  formatVersion,
  largestPageBytes,
  magic,
  noFreelist,
  pageFlag,
  pageHeadBytes,
  readPageId,
  smallestPageBytes,
} from './format.ts';

export interface Meta {
  /** 0 or 1. */
  readonly page: number;
  readonly pageBytes: number;
  /** The page of the bucket of buckets. */
  readonly root: number;
  /** Absent where bbolt keeps none on disk. */
  readonly freelist: number | undefined;
  /** One more than the highest page in use or free: the database's size in pages. */
  readonly pageCount: number;
  readonly transaction: bigint;
}

/** A meta page that cannot be used: its place and what is wrong with it. */
export interface BadMeta {
  readonly page: number;
  readonly offset: number;
  readonly why: string;
}

/** The meta itself behind the page's head: 56 bytes and their FNV-64a. */
const metaBytes = 64;
const checksumOffset = 56;
/** Head and meta: what must be there for a file to be looked at at all. */
export const smallestMetaPage = pageHeadBytes + metaBytes;

export interface Metas {
  /** The one that counts: valid, and of the later transaction. */
  readonly current: Meta;
  /** bbolt writes both; one that is not valid is damage, though the database can be read through the other. */
  readonly bad: readonly BadMeta[];
}

/**
 * Reads both metas as bbolt does: the valid one of the later transaction counts. Where meta 0 is unreadable, the page size is unknown, and
 * meta 1 is looked for at every page size.
 * @returns undefined where neither is there; `bad` then says why.
 */
export async function readMetas(
  source: RandomAccess,
): Promise<Metas | { readonly current: undefined; readonly bad: readonly BadMeta[] }> {
  const first = await readMeta(source, 0, 0);
  const places = 'why' in first ? pageSizes() : [first.pageBytes];
  let second: Meta | BadMeta | undefined;
  for (const offset of places) {
    second = await readMeta(source, 1, offset);
    if (!('why' in second)) break;
  }
  const read = [first, ...(second === undefined ? [] : [second])];
  const good: Meta[] = [];
  const bad: BadMeta[] = [];
  for (const meta of read)
    if ('why' in meta) bad.push(meta);
    else good.push(meta);
  const [current] = good.sort((a, b) => (b.transaction > a.transaction ? 1 : -1));
  return current === undefined ? { current, bad } : { current, bad };
}

function pageSizes(): number[] {
  const sizes: number[] = [];
  for (let size = smallestPageBytes; size <= largestPageBytes; size *= 2) sizes.push(size);
  return sizes;
}

async function readMeta(source: RandomAccess, page: number, offset: number): Promise<Meta | BadMeta> {
  if (offset + smallestMetaPage > source.sizeBytes)
    return { page, offset: source.sizeBytes, why: 'the file ends before this meta page' };
  const bytes = await source.read(offset, smallestMetaPage);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const bad = (at: number, why: string): BadMeta => ({ page, offset: offset + at, why });
  const at = pageHeadBytes;
  const foundMagic = view.getUint32(at, true);
  if (foundMagic !== magic)
    return bad(at, `the magic number is 0x${foundMagic.toString(16)}, not 0x${magic.toString(16)}`);
  const foundVersion = view.getUint32(at + 4, true);
  if (foundVersion !== formatVersion)
    return bad(at + 4, `the format's version is ${foundVersion}, not ${formatVersion}`);
  const checksum = view.getBigUint64(at + checksumOffset, true);
  if (fnv64a(bytes.subarray(at, at + checksumOffset)) !== checksum)
    return bad(at + checksumOffset, "the meta's checksum does not match");
  const id = readPageId(view, 0);
  if (id !== page) return bad(0, `the page says that it is page ${id}`);
  if (view.getUint16(8, true) !== pageFlag.meta)
    return bad(8, `the flags 0x${view.getUint16(8, true).toString(16)} are not a meta's`);
  const pageBytes = view.getUint32(at + 8, true);
  if (pageBytes < smallestPageBytes || pageBytes > largestPageBytes || (pageBytes & (pageBytes - 1)) !== 0)
    return bad(at + 8, `${pageBytes} is no page size`);
  if (page === 1 && pageBytes !== offset)
    return bad(at + 8, `the page size is ${pageBytes}, and this page lies at ${offset}`);
  return {
    page,
    pageBytes,
    root: readPageId(view, at + 16),
    freelist: view.getBigUint64(at + 32, true) === noFreelist ? undefined : readPageId(view, at + 32),
    pageCount: readPageId(view, at + 40),
    transaction: view.getBigUint64(at + 48, true),
  };
}

/** FNV-1a, 64 bits: what bbolt puts behind a meta. */
export function fnv64a(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn;
  return hash;
}
