/** Sorted runs of keys in a file: written one after the other, read from any key on, merged. Every block is told from what it was when written. */
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { Failure } from '../failure.ts';
import { recordsOf } from './key-run.ts';
import type { KeyRun } from './key-run.ts';
import type { KeyRecord } from './revision-match.ts';

/** Where a block lies, what its first key is, and the CRC-32 of its bytes. */
export interface StoredBlock {
  readonly offset: number;
  readonly lengthBytes: number;
  readonly firstKey: string;
  readonly crc: number;
}

/** The blocks of one run, ascending. */
export type StoredRun = readonly StoredBlock[];

export type ReadAt = (offset: number, lengthBytes: number) => Promise<Buffer>;

/** What is read is not what was written. An index is then left aside; without one only the disk of the temporary directory can be meant. */
function damaged(offset: number): Failure {
  return new Failure({
    reason: 'sorted-keys-damaged',
    what: 'the keys that were put into a temporary file came back as others',
    why: `its block at ${offset} differs from what was written`,
    next: 'look at the disk of the temporary directory, or name another with TMPDIR, and run the command again',
  });
}

/** Appends a run to a file of `offset` bytes, in a few large pieces. */
export async function writeRun(handle: FileHandle, offset: number, run: KeyRun): Promise<StoredRun> {
  const stored: StoredBlock[] = [];
  const pending = Buffer.allocUnsafe(writeBytes);
  let filled = 0;
  let at = offset;
  const flush = async (bytes: Buffer) => {
    await handle.appendFile(bytes);
    at += bytes.length;
  };
  for (const { bytes, firstKey } of run.blocks()) {
    if (filled + bytes.length > pending.length) {
      await flush(pending.subarray(0, filled));
      filled = 0;
    }
    stored.push({ offset: at + filled, lengthBytes: bytes.length, firstKey, crc: crc32(bytes) });
    if (bytes.length > pending.length) await flush(bytes);
    else filled += bytes.copy(pending, filled);
  }
  await flush(pending.subarray(0, filled));
  return stored;
}

const writeBytes = 512 * 1024;

/** Where the next run goes. */
export function endOf(run: StoredRun): number {
  const last = run.at(-1);
  return last === undefined ? 0 : last.offset + last.lengthBytes;
}

/** The states of a run whose keys begin with `prefix`, ascending. @throws {Failure} `sorted-keys-damaged`; what `read` throws. */
export async function* readRun(read: ReadAt, run: StoredRun, prefix = ''): AsyncGenerator<KeyRecord, void, undefined> {
  // The last block that begins before the prefix may end in it.
  const first = Math.max(0, lastBefore(run, prefix));
  for (const block of run.slice(first)) {
    if (block.firstKey > prefix && !block.firstKey.startsWith(prefix)) return;
    const bytes = await read(block.offset, block.lengthBytes);
    if (bytes.length !== block.lengthBytes || crc32(bytes) !== block.crc) throw damaged(block.offset);
    for (const record of recordsOf(bytes)) {
      if (record.key < prefix) continue;
      if (!record.key.startsWith(prefix)) return;
      yield record;
    }
  }
}

/** The index of the last block that begins before `key`; -1 where none does. */
function lastBefore(run: StoredRun, key: string): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((run[middle]?.firstKey ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

type Run = Generator<KeyRecord, void, undefined> | AsyncGenerator<KeyRecord, void, undefined>;

/** The keys of several runs, each in order, in their order: each key once, as the first run that has it says, and none that was deleted. */
export async function* mergeRuns(runs: readonly Run[]): AsyncGenerator<KeyRecord, void, undefined> {
  // What comes next of each, the first of all at the end.
  const heads: Head[] = [];
  const advance = async (run: Run, rank: number) => {
    const { done, value: record } = await run.next();
    if (done !== true) heads.splice(placeFor(heads, { record, run, rank }), 0, { record, run, rank });
  };
  try {
    for (const [rank, run] of runs.entries()) await advance(run, rank);
    let last: string | undefined;
    for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
      const { record, run, rank } = head;
      if (record.key !== last && record.version > 0) yield record;
      last = record.key;
      await advance(run, rank);
    }
  } finally {
    for (const run of runs) await run.return();
  }
}

interface Head {
  readonly record: KeyRecord;
  readonly run: Run;
  /** Of its run: of the same key the lowest holds. */
  readonly rank: number;
}

/** Before the first head that comes earlier. */
function placeFor(heads: readonly Head[], { record, rank }: Head): number {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = heads[middle];
    const isEarlier =
      other !== undefined && (other.record.key < record.key || (other.record.key === record.key && other.rank < rank));
    if (isEarlier) high = middle;
    else low = middle + 1;
  }
  return low;
}
