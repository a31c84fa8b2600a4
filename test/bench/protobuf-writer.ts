/** Writes protobuf messages into one buffer that grows: what etcd's requests and Kubernetes' stored objects are made of. */
export class ProtobufWriter {
  #buffer = Buffer.allocUnsafe(16 * 1024);
  #at = 0;

  /** A copy of what was written; the writer is empty again. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    return taken;
  }

  raw(bytes: Uint8Array): this {
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** Non-negative and safe; protobuf's int32, int64, uint64 and bool. */
  number(field: number, value: number): this {
    this.#room(20);
    this.#varint(field * 8);
    this.#varint(value);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#room(20 + value.length);
    this.#varint(field * 8 + 2);
    this.#varint(value.length);
    return this.raw(value);
  }

  /** ASCII alone: its length in bytes is its length. */
  text(field: number, value: string): this {
    this.#room(20 + value.length);
    this.#varint(field * 8 + 2);
    this.#varint(value.length);
    this.#at += this.#buffer.write(value, this.#at, 'latin1');
    return this;
  }

  texts(field: number, values: readonly string[]): this {
    for (const value of values) this.text(field, value);
    return this;
  }

  /** map<string, string>: entries in the order of their keys, as Kubernetes writes them. */
  map(field: number, entries: Readonly<Record<string, string>>): this {
    for (const key of Object.keys(entries).sort())
      this.message(field, (entry) => entry.text(1, key).text(2, entries[key] ?? ''));
    return this;
  }

  /** The length stands before the content and is known after it: written behind a gap, which is closed where it is too wide. */
  message(field: number, write: (content: this) => unknown): this {
    this.#room(20);
    this.#varint(field * 8 + 2);
    const lengthAt = this.#at;
    this.#at += 1;
    write(this);
    const lengthBytes = this.#at - lengthAt - 1;
    const gap = varintBytes(lengthBytes);
    if (gap > 1) {
      this.#room(gap);
      this.#buffer.copyWithin(lengthAt + gap, lengthAt + 1, this.#at);
    }
    this.#at = lengthAt;
    this.#varint(lengthBytes);
    this.#at += lengthBytes;
    return this;
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#buffer[this.#at++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#at++] = rest;
  }

  #room(lengthBytes: number): void {
    if (this.#at + lengthBytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe((this.#at + lengthBytes) * 2);
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}
