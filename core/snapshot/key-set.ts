/**
 * A set of keys by a 64-bit hash of theirs: counts distinct keys in 16 bytes each, whatever their length. Two different keys of ten million
 * have the same hash once in 300,000 databases.
 */
export class KeySet {
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);
  #size = 0;
  /** Slots that ever held something: removed ones stay as marks, so that what lies behind them is found. */
  #taken = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns whether it is new. */
  add(bytes: Uint8Array, start: number, end: number): boolean {
    hashKey(bytes, start, end);
    return this.#insert(hashLow, hashHigh);
  }

  delete(bytes: Uint8Array, start: number, end: number): void {
    hashKey(bytes, start, end);
    const slot = this.#find(hashLow, hashHigh);
    if (this.#high[slot] === 0) return;
    this.#high[slot] = removed;
    this.#low[slot] = 0;
    this.#size -= 1;
  }

  /** Keeps its memory, to be filled again. */
  clear(): void {
    this.#low.fill(0);
    this.#high.fill(0);
    this.#size = this.#taken = 0;
  }

  #insert(low: number, high: number): boolean {
    const slot = this.#find(low, high);
    if (this.#high[slot] !== 0) return false;
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#size += 1;
    this.#taken += 1;
    if (this.#taken * 2 > this.#high.length) this.#rebuild();
    return true;
  }

  /** The slot of this hash, or the empty one where it would go. */
  #find(low: number, high: number): number {
    const mask = this.#high.length - 1;
    let slot = low & mask;
    while (this.#high[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low)) slot = (slot + 1) & mask;
    return slot;
  }

  #rebuild(): void {
    const [low, high] = [this.#low, this.#high];
    const length = this.#size * 4 > high.length ? high.length * 2 : high.length;
    this.#low = new Uint32Array(length);
    this.#high = new Uint32Array(length);
    this.#size = this.#taken = 0;
    for (let slot = 0; slot < high.length; slot++) {
      const value = high[slot] ?? 0;
      if (value > removed) this.#insert(low[slot] ?? 0, value);
    }
  }
}

/** Never a hash: those are made to be at least 2. 0 is an empty slot. */
const removed = 1;
let hashLow = 0;
let hashHigh = 0;

/** Two 32-bit hashes of different kinds (multiplicative, after MurmurHash3's mixing), together 64 bits. */
function hashKey(bytes: Uint8Array, start: number, end: number): void {
  let a = 0x9747b28c ^ (end - start);
  let b = 0x3c6ef372;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b + byte, 0x85ebca6b);
    b ^= b >>> 13;
  }
  hashLow = mixed(a ^ (b << 7)) >>> 0;
  const high = mixed(b ^ (a >>> 5)) >>> 0;
  hashHigh = high > removed ? high : high + 2;
}

function mixed(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
