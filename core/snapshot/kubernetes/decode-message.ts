import { NotProtobuf, readFields, wire } from '../protobuf.ts';
import type { Field } from '../protobuf.ts';
import { messageShape } from './schema.ts';
import type { FieldShape, MessageShape } from './schema.ts';
import { wellKnown } from './well-known.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Kubernetes' deepest objects (schemas of custom resources) are not protobuf; what is nested deeper than this is noise. */
const deepest = 64;

/**
 * A message as Kubernetes spells it in JSON. Fields that the table does not know, or that do not fit it, are kept under `unknownField` and their
 * number, and listed in `unknown` by their path: nothing is dropped.
 * @throws {NotProtobuf} when the bytes are no message at all.
 */
export function decodeMessage(bytes: Uint8Array, type: string, unknown: string[]): Json {
  return decode(bytes, { type, path: '', unknown, depth: 0 });
}

interface Place {
  readonly type: string;
  readonly path: string;
  readonly unknown: string[];
  readonly depth: number;
}

type JsonObject = Record<string, Json>;

/** Without a prototype: a label may be called `__proto__`. */
function emptyObject(): JsonObject {
  return Object.create(null) as JsonObject;
}

function decode(bytes: Uint8Array, place: Place): Json {
  if (place.depth > deepest) throw new NotProtobuf(0, `nested deeper than ${deepest}`);
  const special = wellKnown[place.type];
  if (special !== undefined) return special(bytes);
  const shape = messageShape(place.type);
  const found = emptyObject();
  for (const field of inOnePiece([...readFields(bytes)], shape)) {
    const known = shape?.fields.get(field.number);
    const listed = place.unknown.length;
    if (known !== undefined && putField(found, field, known, place)) continue;
    // What was found inside before it turned out not to fit is shown with all of it.
    place.unknown.length = listed;
    keepUnknown(found, field, place);
  }
  if (shape?.alias !== true) return found;
  const values = Object.values(found);
  return values.length > 1 ? found : (values[0] ?? []);
}

/** By protobuf's rule a message that comes in several fields is their content one behind the other. */
function inOnePiece(fields: readonly Field[], shape: MessageShape | undefined): Field[] {
  const found: Field[] = [];
  const pieces = new Map<number, { readonly at: number; readonly contents: Uint8Array[] }>();
  for (const field of fields) {
    const known = shape?.fields.get(field.number);
    const isMessage = known !== undefined && !known.repeated && !known.map && !(known.type in scalars);
    const before = isMessage && field.wire === wire.bytes ? pieces.get(field.number) : undefined;
    before?.contents.push(field.bytes);
    if (before !== undefined) continue;
    if (isMessage && field.wire === wire.bytes) pieces.set(field.number, { at: found.length, contents: [field.bytes] });
    found.push(field);
  }
  for (const { at, contents } of pieces.values()) {
    const first = found[at];
    if (first !== undefined && contents.length > 1) found[at] = { ...first, bytes: Buffer.concat(contents) };
  }
  return found;
}

/** Puts a known field in its place; false when its bytes do not fit what the table says. */
function putField(found: JsonObject, field: Field, known: FieldShape, place: Place): boolean {
  const inner = {
    ...place,
    type: known.type,
    path: known.inline ? place.path : `${place.path}.${known.name}`,
    depth: place.depth + 1,
  };
  try {
    if (known.map) {
      const entry = mapEntry(field, inner);
      const map = objectAt(found, known.name);
      if (map === undefined || isMessage(map[entry.key])) return false;
      map[entry.key] = entry.value;
      return true;
    }
    if (known.repeated) return append(found, field, known, inner);
    const value = valueOf(field, inner);
    if (value === undefined) return false;
    if (known.inline) return inlineInto(found, value);
    if (known.omitEmpty && !known.pointer && isEmpty(value)) return true;
    found[known.name] = value;
    return true;
  } catch (thrown) {
    if (thrown instanceof NotProtobuf) return false;
    throw thrown;
  }
}

function append(found: JsonObject, field: Field, known: FieldShape, inner: Place): boolean {
  const existing = found[known.name];
  const list = Array.isArray(existing) ? existing : [];
  const value = valueOf(field, { ...inner, path: `${inner.path}[${list.length}]` });
  if (value === undefined) return false;
  list.push(value);
  found[known.name] = list;
  return true;
}

function objectAt(found: JsonObject, name: string): JsonObject | undefined {
  const existing: Json | undefined = found[name];
  if (existing === undefined) return (found[name] = emptyObject());
  return existing !== null && typeof existing === 'object' && !Array.isArray(existing) ? existing : undefined;
}

function isMessage(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null;
}

function inlineInto(found: JsonObject, value: Json): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  for (const [name, each] of Object.entries(value)) found[name] = each;
  return true;
}

function mapEntry(field: Field, inner: Place): { readonly key: string; readonly value: Json } {
  if (field.wire !== wire.bytes) throw new NotProtobuf(0, 'a map entry that is no message');
  let key = '';
  let value: Json | undefined;
  for (const part of readFields(field.bytes)) {
    if (part.number === 1) key = Buffer.from(part.bytes).toString('utf8');
    else if (part.number === 2 && value === undefined)
      value = valueOf(part, { ...inner, path: `${inner.path}[${JSON.stringify(key)}]` });
    else throw new NotProtobuf(0, 'a map entry with more than a key and a value');
  }
  return { key, value: value ?? (inner.type === 'string' || inner.type === 'bytes' ? '' : null) };
}

const scalars: Readonly<Record<string, { readonly wire: number; readonly read: (field: Field) => Json } | undefined>> =
  {
    string: { wire: wire.bytes, read: ({ bytes }) => Buffer.from(bytes).toString('utf8') },
    bytes: { wire: wire.bytes, read: ({ bytes }) => Buffer.from(bytes).toString('base64') },
    bool: { wire: wire.varint, read: ({ value }) => value !== 0n },
    int32: { wire: wire.varint, read: ({ value }) => Number(BigInt.asIntN(32, value)) },
    int64: { wire: wire.varint, read: ({ value }) => exact(BigInt.asIntN(64, value)) },
    uint32: { wire: wire.varint, read: ({ value }) => Number(BigInt.asUintN(32, value)) },
    uint64: { wire: wire.varint, read: ({ value }) => exact(value) },
    double: { wire: wire.fixed64, read: ({ value }) => float(value, 8) },
    float: { wire: wire.fixed32, read: ({ value }) => float(value, 4) },
  };

/** undefined where the wire type is not the one that the type has. */
function valueOf(field: Field, inner: Place): Json | undefined {
  const scalar = scalars[inner.type];
  if (scalar !== undefined) return field.wire === scalar.wire ? scalar.read(field) : undefined;
  return field.wire === wire.bytes ? decode(field.bytes, inner) : undefined;
}

function keepUnknown(found: JsonObject, field: Field, { path, unknown }: Place): void {
  const name = `unknownField${field.number}`;
  const value =
    field.wire === wire.bytes ? `base64:${Buffer.from(field.bytes).toString('base64')}` : exact(field.value);
  const existing = found[name];
  if (existing === undefined) {
    found[name] = value;
    unknown.push(`${path}.${name}`.replace(/^\./, ''));
  } else if (Array.isArray(existing)) existing.push(value);
  else found[name] = [existing, value];
}

function exact(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function float(bits: bigint, sizeBytes: 4 | 8): Json {
  const view = new DataView(new ArrayBuffer(8));
  if (sizeBytes === 8) view.setBigUint64(0, bits);
  else view.setUint32(0, Number(bits));
  const value = sizeBytes === 8 ? view.getFloat64(0) : view.getFloat32(0);
  return Number.isFinite(value) ? value : String(value);
}

/** What Go's omitempty leaves out: zero scalars and empty lists; never a struct. */
function isEmpty(value: Json): boolean {
  return value === '' || value === 0 || value === false || (Array.isArray(value) && value.length === 0);
}
