import { createCipheriv, createHash } from 'node:crypto';
import type { Cipheriv } from 'node:crypto';

/** Numbers and bytes that look random and are the same for the same seed: AES in counter mode, as fast as memory. */
export class SeededRandom {
  readonly #cipher: Cipheriv;
  #pool: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(seed: string) {
    const key = createHash('sha256').update(seed).digest();
    this.#cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16, 32));
  }

  bytes(lengthBytes: number): Buffer {
    return this.#cipher.update(Buffer.alloc(lengthBytes));
  }

  /** A whole number from 0 to below `limit`, which is at most 2^32. */
  below(limit: number): number {
    return Math.floor((this.#few(4).readUInt32LE() / 2 ** 32) * limit);
  }

  one<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('one of nothing');
    return item;
  }

  /** Lower-case letters and digits as Kubernetes uses them in generated names: no vowels, nothing that looks like another. */
  suffix(length: number): string {
    let text = '';
    while (text.length < length) text += 'bcdfghjklmnpqrstvwxz2456789'.charAt(this.below(27));
    return text;
  }

  hex(digits: number): string {
    return this.#few(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits);
  }

  uid(): string {
    const hex = this.hex(32);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  /** A few bytes of a pool: a call of the cipher for each would cost more than the bytes. */
  #few(lengthBytes: number): Buffer {
    if (this.#at + lengthBytes > this.#pool.length) {
      this.#pool = this.bytes(64 * 1024);
      this.#at = 0;
    }
    this.#at += lengthBytes;
    return this.#pool.subarray(this.#at - lengthBytes, this.#at);
  }
}
