/**
 * CRC-32C (Castagnoli): what `etcdutl snapshot status` prints as the hash. Node's own crc32 has another polynomial, and a native module would
 * have to be shipped for every platform: the inner loop is 4 KB of WebAssembly with vectors (hack/crc32c-wasm.ts).
 */
import { crc32cModule } from './crc32c.generated.ts';

const polynomial = 0x82f63b78;
/** As the module has it: a block is sixteen pieces; its tables lie at the beginning of its memory, what is to be hashed behind them. */
const pieceBytes = 256;
const blockBytes = 16 * pieceBytes;
const halfTablesOffset = 4096;
const dataOffset = 8192;
/** A whole number of blocks, and small enough for the processor's own cache. */
const dataBytes = 64 * blockBytes;

type Blocks = (crc: number, at: number, end: number) => number;
let compiled: WebAssembly.Module | undefined;

/** The checksum of bytes that come piece by piece. */
export class Crc32c {
  readonly #blocks: Blocks;
  /** The module's memory where it takes what is to be hashed. */
  readonly #data: Uint8Array;
  #filled = 0;
  #crc = 0xffff_ffff;

  constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(crc32cModule, 'base64'));
    const { memory, blocks } = new WebAssembly.Instance(compiled).exports;
    if (!(memory instanceof WebAssembly.Memory) || typeof blocks !== 'function')
      throw new TypeError('not the module that was made');
    fillTables(memory.buffer);
    this.#blocks = blocks as Blocks;
    this.#data = new Uint8Array(memory.buffer, dataOffset, dataBytes);
  }

  /** Goes on over `bytes` from `start` up to `end`; they may be used again afterwards. */
  update(bytes: Uint8Array, start = 0, end = bytes.length): this {
    for (let at = start; at < end;) {
      const taken = Math.min(end - at, dataBytes - this.#filled);
      this.#data.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled < dataBytes) continue;
      this.#crc = this.#blocks(this.#crc, dataOffset, dataOffset + dataBytes);
      this.#filled = 0;
    }
    return this;
  }

  /** Of all bytes so far; more may follow. */
  get value(): number {
    const whole = this.#filled - (this.#filled % blockBytes);
    let crc = this.#blocks(this.#crc, dataOffset, dataOffset + whole);
    for (let at = whole; at < this.#filled; at++) crc = afterByte(crc ^ (this.#data[at] ?? 0));
    return ~crc >>> 0;
  }
}

/** Moves a checksum on by one byte, which has been put into its lowest bits. */
export function afterByte(crc: number): number {
  let moved = crc;
  for (let bit = 0; bit < 8; bit++) moved = (moved & 1) === 0 ? moved >>> 1 : (moved >>> 1) ^ polynomial;
  return moved >>> 0;
}

/**
 * Everything here is linear over bits: what a checksum becomes is the sum (xor) of what its bits become.
 * First what each byte of a checksum becomes when a piece's length follows; then what each half of a byte does to each byte of the checksum.
 */
function fillTables(memory: ArrayBuffer): void {
  const join = new Uint32Array(memory, 0, 4 * 256);
  for (let bit = 0; bit < 32; bit++) {
    let crc = (1 << bit) >>> 0;
    for (let count = 0; count < pieceBytes; count++) crc = afterByte(crc);
    const plane = 256 * (bit >>> 3);
    const value = 1 << (bit & 7);
    for (let lower = 0; lower < value; lower++) join[plane + value + lower] = (join[plane + lower] ?? 0) ^ crc;
  }
  const halves = new Uint8Array(memory, halfTablesOffset, 8 * 16);
  for (let half = 0; half < 16; half++)
    for (let plane = 0; plane < 4; plane++) {
      halves[16 * plane + half] = afterByte(half) >>> (8 * plane);
      halves[64 + 16 * plane + half] = afterByte(half << 4) >>> (8 * plane);
    }
}
