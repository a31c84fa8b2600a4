/**
 * CRC-32C (Castagnoli): what `etcdutl snapshot status` prints as the hash. Node's own crc32 has another polynomial, and a native module would
 * have to be shipped for every platform.
 *
 * A checksum is the remainder of a division of polynomials whose coefficients are bits. It stays the same when first divided by a multiple of the
 * polynomial, and there is one of four terms: `x^5275 + x^4508 + x^2751 + 1`. Squaring a sum of bits squares its terms, so that the same holds for
 * x^128, and the division goes by vectors of 128 bits: each is added (xor) to those 767, 2524 and 5275 behind it, and is gone. That is
 * all for each byte of a file, in a hundred bytes of WebAssembly (hack/crc32c-wasm.ts); only the 5275 vectors that are left in the end are divided by the polynomial
 * itself, once. Sam Russell, "Chorba: a novel CRC32 implementation" (2024), has the idea.
 */
import { crc32cModule, distances } from './crc32c.generated.ts';

const polynomial = 0x82f63b78;
const vectorBytes = 16;
const vectorWords = vectorBytes / 4;
/** The last vectors that were divided lie at the beginning of the module's memory, what is to be divided behind them. */
const historyBytes = Math.max(...distances) * vectorBytes;
const dataBytes = 256 * 1024;
/** What leaves the checksum full of ones, as it has to begin, when it comes before everything else. */
const preamble = 0x641f_6454;

type Divide = (at: number, end: number) => void;
let compiled: WebAssembly.Module | undefined;

/** The checksum of bytes that come piece by piece. */
export class Crc32c {
  readonly #divide: Divide;
  readonly #memory: Uint8Array;
  #filledBytes = 0;
  /** A whole number of vectors. */
  #dividedBytes = 0;

  constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(crc32cModule, 'base64'));
    const { memory, divide } = new WebAssembly.Instance(compiled).exports;
    if (!(memory instanceof WebAssembly.Memory) || typeof divide !== 'function')
      throw new TypeError('not the module that was made');
    this.#divide = divide as Divide;
    this.#memory = new Uint8Array(memory.buffer, 0, historyBytes + dataBytes);
    new DataView(memory.buffer).setUint32(historyBytes - 4, preamble, true);
  }

  /** Goes on over `bytes` from `start` up to `end`; they may be used again afterwards. */
  update(bytes: Uint8Array, start = 0, end = bytes.length): this {
    for (let at = start; at < end;) {
      const taken = Math.min(end - at, dataBytes - this.#filledBytes);
      this.#memory.set(bytes.subarray(at, at + taken), historyBytes + this.#filledBytes);
      this.#filledBytes += taken;
      at += taken;
      if (this.#filledBytes < dataBytes) continue;
      this.#divideFilled();
      this.#memory.copyWithin(0, dataBytes);
      this.#filledBytes = this.#dividedBytes = 0;
    }
    return this;
  }

  /** Of all bytes so far; more may follow. */
  get value(): number {
    this.#divideFilled();
    const rest = this.#memory.slice(this.#dividedBytes, historyBytes + this.#filledBytes);
    takeBack(new Uint32Array(rest.buffer, 0, historyBytes / 4));
    return ~remainder(rest) >>> 0;
  }

  #divideFilled(): void {
    const end = this.#filledBytes - (this.#filledBytes % vectorBytes);
    this.#divide(this.#dividedBytes, end);
    this.#dividedBytes = end;
  }
}

/** The last vectors have been added to each other already, and are not gone: from the last on, each is as it was before. */
function takeBack(words: Uint32Array): void {
  for (let at = words.length - 1; at >= 0; at--)
    for (const distance of distances) {
      const earlier = at - distance * vectorWords;
      if (earlier >= 0) words[at] = (words[at] ?? 0) ^ (words[earlier] ?? 0);
    }
}

/** By the polynomial itself. */
function remainder(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = afterByte(crc ^ byte);
  return crc;
}

/** Moves a checksum on by one byte, which has been put into its lowest bits. */
export function afterByte(crc: number): number {
  let moved = crc;
  for (let bit = 0; bit < 8; bit++) moved = (moved & 1) === 0 ? moved >>> 1 : (moved >>> 1) ^ polynomial;
  return moved >>> 0;
}
