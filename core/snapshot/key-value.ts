/**
 * etcd's mvccpb.KeyValue, the value of every revision: key 1, create_revision 2, mod_revision 3, version 4, value 5, lease 6. Parsed in place
 * and without allocating, since a scan meets every one of them.
 */
export class KeyValueParser {
  keyStart = 0;
  keyEnd = 0;
  createRevision = 0;
  modRevision = 0;
  version = 0;
  valueStart = 0;
  valueEnd = 0;
  /** Where the lease's varint lies; -1 where there is none. Its 64 bits rarely matter. */
  leaseAt = -1;
  #at = 0;

  /**
   * Parses `bytes` from `start` up to `end`; false when they are no KeyValue. Positions count from the beginning of `bytes`. Unknown fields
   * are passed over.
   */
  parse(bytes: Uint8Array, start: number, end: number): boolean {
    this.keyStart = this.keyEnd = this.valueStart = this.valueEnd = start;
    this.createRevision = this.modRevision = this.version = 0;
    this.leaseAt = -1;
    this.#at = start;
    while (this.#at < end) {
      const head = this.#varint(bytes, end);
      switch (head) {
        case 0x10:
          this.createRevision = this.#varint(bytes, end);
          break;
        case 0x18:
          this.modRevision = this.#varint(bytes, end);
          break;
        case 0x20:
          this.version = this.#varint(bytes, end);
          break;
        case 0x30:
          this.leaseAt = this.#at;
          this.#varint(bytes, end);
          break;
        case 0x0a:
        case 0x2a: {
          const length = this.#varint(bytes, end);
          if (length < 0 || length > end - this.#at) return false;
          if (head === 0x0a) {
            this.keyStart = this.#at;
            this.keyEnd = this.#at + length;
          } else {
            this.valueStart = this.#at;
            this.valueEnd = this.#at + length;
          }
          this.#at += length;
          break;
        }
        default:
          if (!this.#passOver(head, bytes, end)) return false;
      }
      if (this.#at > end) return false;
    }
    return this.#at === end;
  }

  /** The lease's id, hexadecimal as etcdctl prints it; undefined where there is none. */
  lease(bytes: Uint8Array): string | undefined {
    if (this.leaseAt < 0) return undefined;
    let value = 0n;
    for (let at = this.leaseAt, shift = 0n; shift < 70n; at++, shift += 7n) {
      const byte = bytes[at] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value === 0n ? undefined : BigInt.asUintN(64, value).toString(16);
  }

  #passOver(head: number, bytes: Uint8Array, end: number): boolean {
    // Field numbers go from 1 up to 2^29 - 1.
    if (head < 8 || head > 0xffff_ffff) return false;
    switch (head % 8) {
      case 0:
        this.#varint(bytes, end);
        return true;
      case 1:
        this.#at += 8;
        return true;
      case 2: {
        // Not in one statement with +=, which takes the position from before the length was read.
        const length = this.#varint(bytes, end);
        this.#at += Math.max(0, length);
        return true;
      }
      case 5:
        this.#at += 4;
        return true;
      default:
        return false;
    }
  }

  /** Inexact past 2^53; past the end of the bytes it leaves `#at` beyond `end`, which parse() sees. */
  #varint(bytes: Uint8Array, end: number): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      if (this.#at >= end) break;
      const byte = bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    this.#at = end + 1;
    return -1;
  }
}
