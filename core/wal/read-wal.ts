/**
 * Reads etcd's write-ahead log for what raft knows of itself, as etcd's own wal.ReadAll does, in bounded memory: no entry is kept. Looks, and changes
 * nothing; may be done while etcd writes, and then sees what is written so far.
 */
import { Failure } from '../failure.ts';
import { NotProtobuf } from '../snapshot/protobuf.ts';
import type { RandomAccess } from '../snapshot/source.ts';
import { crcAfter } from './crc.ts';
import {
  entryIn,
  frameBytes,
  hardStateIn,
  idsIn,
  mostHeadBytes,
  readFrame,
  readHead,
  recordType,
  snapshotIn,
} from './record.ts';
import type { Frame, HardState, LogPosition, RecordHead } from './record.ts';
import { segmentsAmong, segmentsFrom } from './segments.ts';
import { Window } from './window.ts';

export interface WalFolder {
  /** What a person knows it by. */
  readonly name: string;
  /** The names of its files. */
  readonly files: readonly string[];
  readonly open: (file: string) => Promise<RandomAccess>;
}

export interface WalFacts {
  readonly memberId: string;
  readonly clusterId: string;
  /** Absent in a log in which nothing was voted or written yet. */
  readonly hardState: HardState | undefined;
  /** The newest entry, or the raft snapshot that has taken the place of all of them; both 0 in an empty log. */
  readonly last: LogPosition;
  /** Where the next record goes, and what its checksum goes on from. */
  readonly end: { readonly file: string; readonly offset: number; readonly crc: number };
  /** Whether what stood there was written half: etcd cuts it off when it starts. */
  readonly torn: boolean;
}

/**
 * @param since the index of the newest raft snapshot beside it: etcd reads no segment that ends before it, and neither does this.
 * @param newest how many segments are read, of 64 MB each: the last one alone begins with what is known by then. All, unless said otherwise.
 * @throws {Failure} `wal-damaged`, with file and offset, where etcd itself would not start on it; `wal-missing` where there is none.
 */
export async function readWal(
  folder: WalFolder,
  { since = 0, newest = Infinity }: { readonly since?: number; readonly newest?: number } = {},
): Promise<WalFacts> {
  const segments = segmentsFrom(segmentsAmong(folder.files), since).slice(-newest);
  if (segments.length === 0)
    throw new Failure({ reason: 'wal-missing', what: `there is no write-ahead log in ${folder.name}` });
  const reading = new Reading();
  for (const [at, { file, sequence }] of segments.entries()) {
    const before = segments[at - 1];
    if (before !== undefined && sequence !== before.sequence + 1)
      throw damaged(folder, file, 0, `the segment before it is missing: ${before.file} is number ${before.sequence}`);
    await using source = await folder.open(file);
    try {
      await reading.segment(new Window(source), { file, isLast: at === segments.length - 1 });
    } catch (thrown) {
      if (thrown instanceof NotARecord) throw damaged(folder, file, thrown.offset, thrown.message);
      throw thrown;
    }
  }
  const facts = reading.facts();
  if (facts === undefined) throw damaged(folder, segments[0]?.file ?? '', 0, 'it does not say of which member it is');
  return facts;
}

function damaged({ name }: WalFolder, file: string, offset: number, why: string): Failure {
  return new Failure({
    reason: 'wal-damaged',
    what: 'the write-ahead log is damaged',
    why: `${name}/${file} at offset ${offset}: ${why}`,
    next: 'etcd does not start on it either: another member has to be the one to go on with, or a snapshot',
  });
}

/** What makes no sense, and is no half-written end. */
class NotARecord extends Error {
  readonly offset: number;
  constructor(offset: number, why: string) {
    super(why);
    this.offset = offset;
  }
}

/** A record whose data was read through. */
interface ReadRecord extends RecordHead {
  readonly offset: number;
  /** The beginning of its data, which is all of it but in entries; good until the next one is read. */
  readonly start: Buffer;
  readonly crcAfter: number;
}

/** Data that is read as a whole: the largest is a snapshot record with its list of members. Of an entry its head is read. */
const mostDataBytes = 64 * 1024;
const sectorBytes = 512;

class Reading {
  #ids: ReturnType<typeof idsIn> | undefined;
  #hardState: HardState | undefined;
  #entry: LogPosition = { term: 0, index: 0 };
  #snapshot: LogPosition = { term: 0, index: 0 };
  #crc = 0;
  #end = { file: '', offset: 0 };
  #torn = false;

  /** Reads a segment to its end. @throws {NotARecord} */
  async segment(window: Window, { file, isLast }: { readonly file: string; readonly isLast: boolean }): Promise<void> {
    let offset = 0;
    this.#end = { file, offset };
    for (;;) {
      const left = window.sizeBytes - offset;
      const frame = left < frameBytes ? undefined : readFrame(await window.bytes(offset, frameBytes));
      if (frame === undefined) {
        this.#torn = isLast && left > 0 && left < frameBytes;
        return;
      }
      const next = offset + frameBytes + frame.recordBytes + frame.paddingBytes;
      try {
        if (next > window.sizeBytes)
          throw new NotARecord(offset, `a record of ${frame.recordBytes} bytes, and ${left - frameBytes} are left`);
        this.#take(await this.#read(window, offset, frame));
      } catch (thrown) {
        if (!(thrown instanceof NotARecord)) throw thrown;
        // Cut short by the end of the file, or with a sector that never reached the disk.
        if (!isLast || (next <= window.sizeBytes && !(await hasEmptySector(window, offset + frameBytes, next))))
          throw thrown;
        this.#torn = true;
        return;
      }
      offset = next;
      this.#end = { file, offset };
    }
  }

  facts(): WalFacts | undefined {
    if (this.#ids === undefined) return undefined;
    // A raft snapshot that came from a leader has taken the place of the log when its index was committed, and not before.
    const isReplaced =
      this.#snapshot.index > this.#entry.index && this.#snapshot.index <= (this.#hardState?.commit ?? 0);
    return {
      ...this.#ids,
      hardState: this.#hardState,
      last: isReplaced ? this.#snapshot : this.#entry,
      end: { ...this.#end, crc: this.#crc },
      torn: this.#torn,
    };
  }

  async #read(window: Window, offset: number, { recordBytes }: Frame): Promise<ReadRecord> {
    const at = offset + frameBytes;
    const first = await window.upTo(at, mostHeadBytes);
    const head = meaning(offset, () => readHead(first, recordBytes));
    const from = at + head.dataOffset;
    let crc = this.#crc;
    if (head.type === recordType.crc) {
      if (crc !== 0 && head.crc !== crc) throw new NotARecord(offset, 'it does not follow what is before it');
      crc = head.crc;
    } else {
      for await (const piece of window.pieces(from, head.dataBytes)) crc = crcAfter(crc, piece);
      if (crc !== head.crc) throw new NotARecord(offset, 'its checksum does not match');
    }
    const mostBytes = head.type === recordType.entry ? mostHeadBytes : mostDataBytes;
    const start = await window.bytes(from, Math.min(head.dataBytes, mostBytes));
    return { ...head, offset, start, crcAfter: crc };
  }

  #take({ type, start, offset, crcAfter: crc }: ReadRecord): void {
    meaning(offset, () => {
      if (type === recordType.metadata) this.#takeIds(idsIn(start), offset);
      else if (type === recordType.entry) this.#takeEntry(entryIn(start), offset);
      else if (type === recordType.state) this.#hardState = hardStateIn(start);
      else if (type === recordType.snapshot) this.#snapshot = snapshotIn(start);
      else if (type !== recordType.crc) throw new NotARecord(offset, `a record of the unknown type ${type}`);
    });
    this.#crc = crc;
  }

  #takeIds(ids: ReturnType<typeof idsIn>, offset: number): void {
    const known = this.#ids;
    if (known !== undefined && (known.memberId !== ids.memberId || known.clusterId !== ids.clusterId))
      throw new NotARecord(offset, `it is of member ${ids.memberId}, and what is before it of ${known.memberId}`);
    this.#ids = ids;
  }

  /** One with an index that is there already takes the place of that and of all behind it. */
  #takeEntry(entry: LogPosition, offset: number): void {
    const isFirst = this.#entry.index === 0;
    const follows = Math.max(this.#entry.index, this.#snapshot.index) + 1;
    if (!isFirst && entry.index > follows)
      throw new NotARecord(offset, `entry ${entry.index} follows entry ${this.#entry.index}`);
    this.#entry = entry;
  }
}

/** What `read` finds in the record there. @throws {NotARecord} where it makes no sense. */
function meaning<Found>(offset: number, read: () => Found): Found {
  try {
    return read();
  } catch (thrown) {
    throw thrown instanceof NotProtobuf ? new NotARecord(offset, thrown.message) : thrown;
  }
}

/** etcd's own sign of a write that the power went in the middle of: disks write sectors, and one of these is still as it was preallocated. */
async function hasEmptySector(window: Window, from: number, to: number): Promise<boolean> {
  for (let at = from; at < to;) {
    const lengthBytes = Math.min(sectorBytes - (at % sectorBytes), to - at);
    const sector = await window.bytes(at, lengthBytes);
    if (sector.every((byte) => byte === 0)) return true;
    at += lengthBytes;
  }
  return false;
}
