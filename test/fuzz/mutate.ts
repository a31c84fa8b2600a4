import type { SeededRandom } from '../bench/seeded-random.ts';

/** Numbers at which decoders err. */
const edges = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff];

/** The same as protocol buffers write them, one of them longer than it needs to be, and one longer than any may be. */
const varints = [
  '8001',
  'ffff03',
  '80808001',
  '8080808001',
  'ffffffffffffffffff01',
  '808000',
  'ffffffffffffffffffff01',
].map((digits) => Buffer.from(digits, 'hex'));

/** Some bytes of a sound input, changed in a few of the ways in which inputs go bad. */
export function mutated(sound: Buffer, random: SeededRandom): Buffer {
  let bytes = Buffer.from(sound);
  for (let changes = 1 + random.below(4); changes > 0 && bytes.length > 4; changes--) {
    const at = random.below(bytes.length - 4);
    switch (random.below(9)) {
      case 0:
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.below(8)), at);
        break;
      case 1:
        bytes.writeUInt8(random.below(256), at);
        break;
      case 2:
        bytes.writeUInt32LE(random.one(edges), at);
        break;
      case 3:
        bytes = bytes.subarray(0, at);
        break;
      case 4:
        bytes.copy(bytes, at, random.below(bytes.length));
        break;
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), random.one(varints), bytes.subarray(at + random.below(3))]);
        break;
      case 6:
        bytes = bytes.subarray(0, bytes.length - 1 - random.below(3));
        break;
      case 7:
        // Where sizes, counts and flags are.
        bytes.writeUInt8(random.below(4), random.below(Math.min(bytes.length, 48)));
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(40)), bytes.subarray(at)]);
    }
  }
  return bytes;
}
