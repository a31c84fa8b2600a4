/**
 * CRC-32C (Castagnoli): what `etcdutl snapshot status` prints as the hash. Node's own crc32 has another polynomial, and a native module would
 * have to be shipped for every platform: the inner loop is 700 bytes of WebAssembly, four times as fast as the same loop in JavaScript.
 */
import { crc32cModule } from './crc32c.generated.ts';

const polynomial = 0x82f63b78;
const tableCount = 16;
/** The tables lie at the beginning of the memory, what is to be hashed behind them. */
const dataOffset = tableCount * 1024;
const dataBytes = 1024 * 1024;

type Inner = (crc: number, at: number, end: number) => number;
let loaded: { readonly inner: Inner; readonly data: Uint8Array } | undefined;

/** Goes on from `crc` (0 at first) over `bytes` from `start` up to `end`. */
export function crc32c(crc: number, bytes: Uint8Array, start: number, end: number): number {
  loaded ??= load();
  const { inner, data } = loaded;
  let c = ~crc;
  for (let at = start; at < end; at += dataBytes) {
    const part = bytes.subarray(at, Math.min(end, at + dataBytes));
    data.set(part);
    c = inner(c, dataOffset, dataOffset + part.length);
  }
  return ~c >>> 0;
}

function load(): { readonly inner: Inner; readonly data: Uint8Array } {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(crc32cModule, 'base64')));
  const { memory, crc } = exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof crc !== 'function')
    throw new TypeError('not the module that was made');
  fillTables(new Uint32Array(memory.buffer, 0, tableCount * 256));
  return { inner: crc as Inner, data: new Uint8Array(memory.buffer, dataOffset, dataBytes) };
}

/** Table k says what a byte does to the crc when k more bytes follow. */
function fillTables(tables: Uint32Array): void {
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ polynomial;
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256] ?? 0;
    tables[at] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
  }
}
