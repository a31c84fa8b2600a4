/** What must hold for any bytes whatever. Each target throws where it does not. */
import { Damage } from '../../core/snapshot/bbolt/damage.ts';
import { Page } from '../../core/snapshot/bbolt/page.ts';
import { KeyValueParser } from '../../core/snapshot/key-value.ts';
import { decodeObject } from '../../core/snapshot/kubernetes/object.ts';
import { messageOfKind, messageShape } from '../../core/snapshot/kubernetes/schema.ts';
import { NotProtobuf, readFields } from '../../core/snapshot/protobuf.ts';
import type { Field } from '../../core/snapshot/protobuf.ts';

export type FuzzTarget = (bytes: Buffer) => void;

/** A page is refused with a place inside it, or every key and value of it lies inside it, in order and apart. */
const page: FuzzTarget = (bytes) => {
  const place = { file: 'fuzz.db', page: 7, offset: 7 * 4096 };
  let decoded: Page;
  try {
    decoded = new Page(place, bytes);
  } catch (thrown) {
    if (thrown instanceof RangeError && bytes.length < 16) return;
    if (!(thrown instanceof Damage)) throw thrown;
    const at = thrown.offset - place.offset;
    // The table of elements may be claimed to be longer than the page.
    if (thrown.page !== 7 || at < 0 || at > 16 + 16 * 0xffff)
      throw new Error(`names a place outside: ${thrown.offset}`, { cause: thrown });
    return;
  }
  if (bytes.readUInt16LE(8) !== (decoded.kind === 'leaf' ? 2 : 1)) throw new Error(`is taken for a ${decoded.kind}`);
  if (decoded.kind === 'branch' && decoded.count === 0) throw new Error('a branch without children');
  let end = 16 + 16 * decoded.count;
  for (let index = 0; index < decoded.count; index++) {
    if (decoded.keyStart(index) !== end)
      throw new Error(`element ${index} begins at ${decoded.keyStart(index)}, not at ${end}`);
    if (index > 0 && Buffer.compare(decoded.key(index - 1), decoded.key(index)) >= 0)
      throw new Error(`order at ${index}`);
    if (decoded.keyEnd(index) - decoded.keyStart(index) > 32_768)
      throw new Error(`a longer key than bbolt's at ${index}`);
    if (decoded.kind === 'leaf' && bytes.readUInt32LE(16 + 16 * index) > 1) throw new Error(`flags at ${index}`);
    if (decoded.lowerBound(decoded.key(index)) !== index) throw new Error(`element ${index} is not found`);
    end = decoded.kind === 'leaf' ? decoded.valueEnd(index) : decoded.keyEnd(index);
  }
  if (end !== decoded.usedBytes || end > bytes.length) throw new Error(`ends at ${end} of ${bytes.length}`);
};

/** A record is read as whoever reads any message reads it, though in place; or neither takes it. */
const record: FuzzTarget = (bytes) => {
  const parser = new KeyValueParser();
  const isTaken = parser.parse(bytes, 0, bytes.length);
  const expected = fieldsOf(bytes);
  if (!isTaken || expected === undefined) {
    if (isTaken !== (expected !== undefined)) throw new Error(`is ${isTaken ? 'taken' : 'refused'} by one alone`);
    return;
  }
  const { keyStart, keyEnd, valueStart, valueEnd } = parser;
  for (const [start, end, field] of [
    [keyStart, keyEnd, 0x0a],
    [valueStart, valueEnd, 0x2a],
  ] as const) {
    const content = expected.get(field)?.bytes ?? new Uint8Array(0);
    if (start < 0 || end > bytes.length || Buffer.compare(bytes.subarray(start, end), content) !== 0)
      throw new Error(`field 0x${field.toString(16)} lies at ${start} to ${end}`);
  }
  for (const [number, field] of [
    [parser.createRevision, 0x10],
    [parser.modRevision, 0x18],
    [parser.version, 0x20],
  ] as const) {
    const value = expected.get(field)?.value ?? 0n;
    if (value <= Number.MAX_SAFE_INTEGER && BigInt(number) !== value)
      throw new Error(`field 0x${field.toString(16)} is ${number}, not ${value}`);
  }
  const lease = expected.get(0x30)?.value ?? 0n;
  if ((parser.lease(bytes) ?? '0') !== lease.toString(16)) throw new Error(`the lease is not ${lease.toString(16)}`);
};

/** The last field of each number and wire type, by the byte that begins it; undefined where the bytes are no message. */
function fieldsOf(bytes: Buffer): Map<number, Field> | undefined {
  const found = new Map<number, Field>();
  try {
    for (const field of readFields(bytes)) found.set(field.number * 8 + field.wire, field);
  } catch (thrown) {
    if (thrown instanceof NotProtobuf) return undefined;
    throw thrown;
  }
  return found;
}

/**
 * An object whose message can be read is decoded into what JSON can carry, with each of its unknown fields listed and shown; all else is something
 * else.
 */
const object: FuzzTarget = (bytes) => {
  const decoded = decodeObject(bytes);
  const text = JSON.stringify(decoded).slice(0, 400);
  const fields = topFieldsOf(bytes);
  if (decoded.form !== 'protobuf') {
    if (fields !== undefined) throw new Error(`could be read, and is ${text}`);
    return;
  }
  const shown = JSON.stringify(decoded.object).split('"unknownField').length - 1;
  if (shown !== decoded.unknown.length)
    throw new Error(`${decoded.unknown.length} unknown fields listed, ${shown} shown: ${text}`);
  const type = messageOfKind(decoded.apiVersion, decoded.kind);
  const known = type === undefined ? new Map([[1, undefined]]) : messageShape(type)?.fields;
  for (const number of fields ?? [])
    if (known?.has(number) === false && !(`unknownField${number}` in decoded.object))
      throw new Error(`field ${number} is lost: ${text}`);
};

/** The numbers of the fields of the object in an envelope; undefined where one of the two, or the type, is no message. */
function topFieldsOf(bytes: Buffer): number[] | undefined {
  if (bytes.toString('latin1', 0, 4) !== 'k8s\0') return undefined;
  const envelope = fieldsOf(bytes.subarray(4));
  const raw = fieldsOf(Buffer.from(envelope?.get(0x12)?.bytes ?? []));
  if (envelope === undefined || raw === undefined) return undefined;
  for (const field of readFields(bytes.subarray(4)))
    if (field.number === 1 && fieldsOf(Buffer.from(field.bytes)) === undefined) return undefined;
  return [...raw.values()].map((field) => field.number);
}

export const targets: Readonly<Record<string, FuzzTarget>> = { page, record, object };
