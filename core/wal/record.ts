/**
 * One record of etcd's write-ahead log (server/storage/wal: encoder.go, decoder.go, walpb/record.proto; the same in 3.4 to 3.6): eight bytes with its
 * length, little-endian, whose highest byte holds the number of bytes it is padded with; then a walpb.Record; then the padding, to a multiple of eight.
 */
import { crcAfter } from './crc.ts';
import { NotProtobuf, readFields, wire, WireReader } from '../snapshot/protobuf.ts';

export const frameBytes = 8;

/** walpb's numbers. */
export const recordType = { metadata: 1, entry: 2, state: 3, crc: 4, snapshot: 5 } as const;

export interface Frame {
  readonly recordBytes: number;
  readonly paddingBytes: number;
}

/** What a record says of itself before its data. */
export interface RecordHead {
  readonly type: number;
  /** Of all data so far, this record's included. */
  readonly crc: number;
  /** Where its data begins within the record; at its end where there is none. */
  readonly dataOffset: number;
  readonly dataBytes: number;
}

/** Undefined where there is nothing: preallocated space. */
export function readFrame(bytes: Buffer): Frame | undefined {
  const field = bytes.readBigUInt64LE();
  if (field === 0n) return undefined;
  const isPadded = field >> 63n === 1n;
  return {
    recordBytes: Number(BigInt.asUintN(56, field)),
    paddingBytes: isPadded ? Number((field >> 56n) & 7n) : 0,
  };
}

/** More than what stands before the data of any record. */
export const mostHeadBytes = 64;

/**
 * Reads the head of a record from its first bytes.
 * @throws {NotProtobuf} where it is none, or has its fields in an order in which etcd does not write them.
 */
export function readHead(bytes: Uint8Array, recordBytes: number): RecordHead {
  const reader = new WireReader(bytes.subarray(0, recordBytes));
  const type = numberField(reader, 1);
  const crc = numberField(reader, 2);
  if (reader.at === recordBytes) return { type, crc, dataOffset: recordBytes, dataBytes: 0 };
  const head = reader.varint();
  if (head !== BigInt((3 << 3) | wire.bytes)) throw new NotProtobuf(reader.at, 'no data');
  const dataBytes = Number(reader.varint());
  if (reader.at + dataBytes !== recordBytes) throw new NotProtobuf(reader.at, `${dataBytes} bytes of data`);
  return { type, crc, dataOffset: reader.at, dataBytes };
}

function numberField(reader: WireReader, number: number): number {
  const head = reader.varint();
  if (head !== BigInt((number << 3) | wire.varint)) throw new NotProtobuf(reader.at, `no field ${number}`);
  return Number(reader.varint());
}

/** The numbers of a small message by their fields. */
function numbersIn(message: Uint8Array): (field: number) => bigint {
  const found = new Map<number, bigint>();
  for (const { number, wire: kind, value } of readFields(message)) if (kind === wire.varint) found.set(number, value);
  return (field) => found.get(field) ?? 0n;
}

/** Who a log belongs to, as its metadata record says (etcdserverpb.Metadata); hexadecimal. */
export function idsIn(message: Uint8Array): { readonly memberId: string; readonly clusterId: string } {
  const field = numbersIn(message);
  return { memberId: field(1).toString(16), clusterId: field(2).toString(16) };
}

/** A place in the log: the entry `index`, which was made in `term`. */
export interface LogPosition {
  readonly term: number;
  readonly index: number;
}

/** Where a raft snapshot stands (walpb.Snapshot). */
export function snapshotIn(message: Uint8Array): LogPosition {
  const field = numbersIn(message);
  return { index: safe(field(1)), term: safe(field(2)) };
}

/** What raft has promised and knows to be committed (raftpb.HardState). */
export interface HardState {
  readonly term: number;
  readonly vote: bigint;
  readonly commit: number;
}

export function hardStateIn(message: Uint8Array): HardState {
  const field = numbersIn(message);
  return { term: safe(field(1)), vote: field(2), commit: safe(field(3)) };
}

/** The head of an entry (raftpb.Entry: Type 1, Term 2, Index 3, Data 4), of which its data may be cut off. */
export function entryIn(bytes: Uint8Array): LogPosition {
  const reader = new WireReader(bytes);
  let [term, index] = [0, 0];
  while (!reader.atEnd()) {
    const head = reader.varint();
    if (head === BigInt((4 << 3) | wire.bytes)) break;
    if ((head & 7n) !== BigInt(wire.varint)) throw new NotProtobuf(reader.at, 'no entry');
    const value = reader.varint();
    if (head >> 3n === 2n) term = safe(value);
    if (head >> 3n === 3n) index = safe(value);
  }
  return { term, index };
}

function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new NotProtobuf(0, `the number ${value}`);
  return number;
}

/** A record of a hard state as it follows what has the checksum `crc`, its frame included. */
export function hardStateRecord({ term, vote, commit }: HardState, crc: number): Buffer {
  const data = Buffer.from([
    ...[1 << 3, ...varint(BigInt(term))],
    ...[2 << 3, ...varint(vote)],
    ...[3 << 3, ...varint(BigInt(commit))],
  ]);
  const record = Buffer.from([
    ...[1 << 3, recordType.state],
    ...[2 << 3, ...varint(BigInt(crcAfter(crc, data)))],
    ...[(3 << 3) | wire.bytes, ...varint(BigInt(data.length))],
    ...data,
  ]);
  const paddingBytes = (8 - (record.length % 8)) % 8;
  const frame = Buffer.alloc(frameBytes);
  frame.writeUIntLE(record.length, 0, 6);
  if (paddingBytes > 0) frame.writeUInt8(0x80 | paddingBytes, 7);
  return Buffer.concat([frame, record, Buffer.alloc(paddingBytes)]);
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}
