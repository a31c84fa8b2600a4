/**
 * The wire format of protocol buffers, read field by field without a schema: enough for etcd's own records, and the ground on which Kubernetes
 * objects are decoded. Trusts nothing: every length is checked against the bytes at hand.
 */
export const wire = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

export interface Field {
  readonly number: number;
  readonly wire: number;
  /** The value of a varint or a fixed field; unsigned. */
  readonly value: bigint;
  /** The content of a length-delimited field; empty for others. */
  readonly bytes: Uint8Array;
}

/** Bytes that are no protocol buffer. `offset` counts from the beginning of the message. */
export class NotProtobuf extends Error {
  override readonly name = 'NotProtobuf';
  readonly offset: number;

  constructor(offset: number, why: string) {
    super(`at byte ${offset}: ${why}`);
    this.offset = offset;
  }
}

const nothing = new Uint8Array(0);

/**
 * The fields of a message in the order in which they were written.
 * @throws {NotProtobuf} when the bytes end inside a field, or a field has no valid head.
 */
export function* readFields(message: Uint8Array): Generator<Field, void, undefined> {
  const reader = new WireReader(message);
  while (!reader.atEnd()) yield reader.field();
}

export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes have been read. */
  get at(): number {
    return this.#at;
  }

  atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  field(): Field {
    const start = this.#at;
    const head = this.varint();
    const number = Number(head >> 3n);
    const kind = Number(head & 7n);
    if (number === 0 || number > 0x1fff_ffff) throw new NotProtobuf(start, `field number ${number}`);
    switch (kind) {
      case wire.varint:
        return { number, wire: kind, value: this.varint(), bytes: nothing };
      case wire.fixed64:
        return { number, wire: kind, value: littleEndian(this.#take(8)), bytes: nothing };
      case wire.fixed32:
        return { number, wire: kind, value: littleEndian(this.#take(4)), bytes: nothing };
      case wire.bytes:
        return { number, wire: kind, value: 0n, bytes: this.#take(Number(this.varint())) };
      default:
        throw new NotProtobuf(start, `wire type ${kind}`);
    }
  }

  varint(): bigint {
    const start = this.#at;
    let low = 0;
    // Up to 28 bits as a plain number, which is what almost every varint is.
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte(start);
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte(start);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new NotProtobuf(start, 'a varint of more than ten bytes');
  }

  #byte(start: number): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new NotProtobuf(start, 'ends inside a varint');
    this.#at += 1;
    return byte;
  }

  #take(lengthBytes: number): Uint8Array {
    const start = this.#at;
    if (lengthBytes > this.#bytes.length - start)
      throw new NotProtobuf(start, `${lengthBytes} bytes are promised, ${this.#bytes.length - start} are left`);
    this.#at += lengthBytes;
    return this.#bytes.subarray(start, this.#at);
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}
