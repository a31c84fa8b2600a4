/** What the API server put into a key: an object in protobuf or JSON, something encrypted, or something else. */
import { encryptionOf } from '../encryption.ts';
import type { Encryption } from '../encryption.ts';
import { NotProtobuf, readFields, wire } from '../protobuf.ts';
import { decodeMessage } from './decode-message.ts';
import type { Json } from './decode-message.ts';
import { messageOfKind } from './schema.ts';

export type StoredObject =
  | {
      readonly form: 'protobuf' | 'json';
      readonly apiVersion: string;
      readonly kind: string;
      readonly object: Readonly<Record<string, Json>>;
      /** Paths of fields that this program does not know; they are in the object as `unknownFieldN`. */
      readonly unknown: readonly string[];
    }
  | { readonly form: 'encrypted'; readonly encryption: Encryption }
  | { readonly form: 'other'; readonly why: string };

/** runtime.Unknown behind four bytes: apimachinery's protobuf serializer. */
export const protobufMagic = Buffer.from('k8s\0');

/** The object's own message inside the envelope; undefined where there is none. */
export function rawOf(value: Buffer): Uint8Array | undefined {
  if (value.compare(protobufMagic, 0, 4, 0, Math.min(4, value.length)) !== 0) return undefined;
  try {
    for (const field of readFields(value.subarray(4))) if (field.number === 2) return field.bytes;
  } catch (thrown) {
    if (!(thrown instanceof NotProtobuf)) throw thrown;
  }
  return undefined;
}

/** Never throws: what cannot be decoded is `other`, with the reason. */
export function decodeObject(value: Buffer): StoredObject {
  const encryption = encryptionOf(value);
  if (encryption !== undefined) return { form: 'encrypted', encryption };
  if (value.length >= 4 && value.compare(protobufMagic, 0, 4, 0, 4) === 0) return decodeProtobuf(value.subarray(4));
  if (/^\s*\{/.test(value.subarray(0, 16).toString('latin1'))) return decodeJson(value);
  return { form: 'other', why: value.length === 0 ? 'it is empty' : 'it is neither protobuf nor JSON of Kubernetes' };
}

function decodeProtobuf(envelope: Buffer): StoredObject {
  try {
    let raw: Uint8Array = new Uint8Array(0);
    let apiVersion = '';
    let kind = '';
    for (const field of readFields(envelope))
      if (field.wire !== wire.bytes) continue;
      else if (field.number === 1)
        for (const part of readFields(field.bytes)) {
          if (part.number === 1) apiVersion = Buffer.from(part.bytes).toString('utf8');
          if (part.number === 2) kind = Buffer.from(part.bytes).toString('utf8');
        }
      else if (field.number === 2) raw = field.bytes;
    const unknown: string[] = [];
    const message = messageOfKind(apiVersion, kind);
    const content = message === undefined ? ofUnknownKind(raw, unknown) : decodeMessage(raw, message, unknown);
    const object = { apiVersion, kind, ...(isObject(content) ? content : {}) };
    return { form: 'protobuf', apiVersion, kind, object, unknown };
  } catch (thrown) {
    if (thrown instanceof NotProtobuf) return { form: 'other', why: `its protobuf is damaged: ${thrown.message}` };
    throw thrown;
  }
}

/** Every field is unknown, and shown by its number, but for the first: it is the metadata in every object of Kubernetes. */
function ofUnknownKind(raw: Uint8Array, unknown: string[]): Json {
  const paths: string[] = [];
  const content = decodeMessage(raw, 'unknown kind', paths);
  const inMetadata: string[] = [];
  const metadata = metadataOf(raw, inMetadata);
  if (!isObject(content) || !isObject(metadata) || typeof metadata['name'] !== 'string') {
    unknown.push(...paths);
    return content;
  }
  unknown.push(...inMetadata.map((each) => `metadata.${each}`), ...paths.filter((each) => each !== 'unknownField1'));
  delete content['unknownField1'];
  return { metadata, ...content };
}

/** undefined where the first field is none. In several pieces it is all of them, by protobuf's rule: so an object is renamed for `--via-server`. */
function metadataOf(raw: Uint8Array, unknown: string[]): Json | undefined {
  try {
    const pieces = [...readFields(raw)].filter((field) => field.number === 1);
    if (pieces.length === 0 || pieces.some((field) => field.wire !== wire.bytes)) return undefined;
    const bytes = Buffer.concat(pieces.map((field) => field.bytes));
    return decodeMessage(bytes, '~apis.meta.v1.ObjectMeta', unknown);
  } catch (thrown) {
    if (thrown instanceof NotProtobuf) return undefined;
    throw thrown;
  }
}

function decodeJson(value: Buffer): StoredObject {
  try {
    const object: Json = JSON.parse(value.toString('utf8')) as Json;
    if (!isObject(object)) return { form: 'other', why: 'its JSON is no object' };
    const { apiVersion, kind } = object;
    return {
      form: 'json',
      apiVersion: typeof apiVersion === 'string' ? apiVersion : '',
      kind: typeof kind === 'string' ? kind : '',
      object,
      unknown: [],
    };
  } catch {
    return { form: 'other', why: 'its JSON is damaged' };
  }
}

export function isObject(value: Json | undefined): value is Record<string, Json> {
  return value !== undefined && value !== null && typeof value === 'object' && !Array.isArray(value);
}
