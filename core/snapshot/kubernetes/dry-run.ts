/**
 * How an API server is made to decode what it once wrote: by a creation that it only tries (dryRun=All), given in protobuf and answered in JSON. What it
 * says of metadata and status is of the object that it would create, so those stay as this program decodes them; and so does every other part
 * that this program knows wholly, since the server's may have been changed on the way by defaults and admission.
 */
import { protobufMagic } from './object.ts';
import type { StoredObject } from './object.ts';
import type { Json } from './decode-message.ts';
import { readFields } from '../protobuf.ts';

/** An object under another name, as what is there already cannot be created even for a try: what is written last of a field counts. */
export function renamed(value: Buffer, name: string): Buffer {
  const bytes = Buffer.from(name, 'utf8');
  // ObjectMeta is field 1 of an object, and the name field 1 of it.
  const metadata = lengthDelimited(1, lengthDelimited(1, bytes));
  const parts: Buffer[] = [protobufMagic];
  for (const field of readFields(value.subarray(protobufMagic.length))) {
    if (field.number > 2) continue;
    const content = Buffer.from(field.bytes);
    parts.push(lengthDelimited(field.number, field.number === 2 ? Buffer.concat([content, metadata]) : content));
  }
  return Buffer.concat(parts);
}

function lengthDelimited(number: number, bytes: Buffer): Buffer {
  const head = [(number << 3) | 2];
  let rest = bytes.length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) head.push((rest % 0x80) | 0x80);
  return Buffer.concat([Buffer.from([...head, rest]), bytes]);
}

/** Parts that only the file knows. */
const ownParts = ['apiVersion', 'kind', 'metadata', 'status'];

/**
 * The object with what this program does not know as the server has it.
 * @returns what remains unknown: of metadata and status.
 */
export function completedBy(
  served: Readonly<Record<string, Json>>,
  stored: Extract<StoredObject, { form: 'protobuf' | 'json' }>,
): { readonly object: Readonly<Record<string, Json>>; readonly unknown: readonly string[] } {
  const partOf = (path: string) => /^[^.[]*/.exec(path)?.[0] ?? path;
  const incomplete = new Set(stored.unknown.map(partOf).filter((part) => !ownParts.includes(part)));
  const object: Record<string, Json> = {};
  for (const [part, value] of Object.entries(stored.object)) if (!incomplete.has(part)) object[part] = value;
  for (const [part, value] of Object.entries(served))
    if (!ownParts.includes(part) && !(part in object)) object[part] = value;
  return { object, unknown: stored.unknown.filter((path) => !incomplete.has(partOf(path))) };
}
