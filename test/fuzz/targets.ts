/** What must hold for any bytes whatever. Each target throws where it does not. */
import { Damage } from '../../core/snapshot/bbolt/damage.ts';
import { Page } from '../../core/snapshot/bbolt/page.ts';
import { KeyValueParser } from '../../core/snapshot/key-value.ts';
import { decodeObject } from '../../core/snapshot/kubernetes/object.ts';

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
  let end = 16 + 16 * decoded.count;
  for (let index = 0; index < decoded.count; index++) {
    if (decoded.keyStart(index) !== end)
      throw new Error(`element ${index} begins at ${decoded.keyStart(index)}, not at ${end}`);
    if (index > 0 && Buffer.compare(decoded.key(index - 1), decoded.key(index)) >= 0)
      throw new Error(`order at ${index}`);
    if (decoded.lowerBound(decoded.key(index)) !== index) throw new Error(`element ${index} is not found`);
    end = decoded.kind === 'leaf' ? decoded.valueEnd(index) : decoded.keyEnd(index);
  }
  if (end !== decoded.usedBytes || end > bytes.length) throw new Error(`ends at ${end} of ${bytes.length}`);
};

/** A record is no KeyValue, or its key and value lie inside it. */
const record: FuzzTarget = (bytes) => {
  const parser = new KeyValueParser();
  if (!parser.parse(bytes, 0, bytes.length)) return;
  parser.lease(bytes);
  for (const at of [parser.keyStart, parser.keyEnd, parser.valueStart, parser.valueEnd])
    if (at < 0 || at > bytes.length) throw new Error(`a position of ${at} in ${bytes.length} bytes`);
};

/** An object is decoded into what JSON can carry, with its unknown fields listed, or it is something else. */
const object: FuzzTarget = (bytes) => {
  const decoded = decodeObject(bytes);
  const text = JSON.stringify(decoded);
  if (decoded.form === 'protobuf' && decoded.unknown.length > 0 !== text.includes('"unknownField'))
    throw new Error(`unknown fields listed ${decoded.unknown.length}, and ${text.slice(0, 200)}`);
};

export const targets: Readonly<Record<string, FuzzTarget>> = { page, record, object };
