import { NotProtobuf, readFields } from '../protobuf.ts';
import { decodeObject, isObject, rawOf } from './object.ts';
import type { StoredObject } from './object.ts';
import { wellKnown } from './well-known.ts';

/** ObjectMeta is the first field of every object, and this its eighth (meta/v1/generated.proto). */
const metadataField = 1;
const creationTimestampField = 8;

/**
 * When an object was created, RFC 3339; undefined where it does not say. Looks at nothing else of it: of thousands of objects that are listed.
 * @returns what it is, where it is no object
 */
export function creationTimeOf(
  value: Buffer,
): string | undefined | Exclude<StoredObject, { form: 'protobuf' | 'json' }> {
  const raw = rawOf(value);
  if (raw !== undefined) {
    const seconds = within(within(raw, metadataField), creationTimestampField);
    const time = seconds === undefined ? undefined : wellKnown['~apis.meta.v1.Time']?.(Buffer.from(seconds));
    if (typeof time === 'string') return time;
  }
  const stored = decodeObject(value);
  if (stored.form === 'encrypted' || stored.form === 'other') return stored;
  const { metadata } = stored.object;
  const created = isObject(metadata) ? metadata['creationTimestamp'] : undefined;
  return typeof created === 'string' ? created : undefined;
}

/** The content of a message's field. */
function within(message: Uint8Array | undefined, number: number): Uint8Array | undefined {
  try {
    for (const field of readFields(message ?? new Uint8Array())) if (field.number === number) return field.bytes;
  } catch (thrown) {
    if (!(thrown instanceof NotProtobuf)) throw thrown;
  }
  return undefined;
}
