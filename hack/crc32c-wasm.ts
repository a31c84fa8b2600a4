/**
 * Makes core/snapshot/crc32c.generated.ts: the multiple of CRC-32C's polynomial by which core/snapshot/crc32c.ts divides, and the division's inner
 * loop for WebAssembly, which has vectors.
 * Usage: node hack/crc32c-wasm.ts [WAT2WASM]; wat2wasm is in Debian's package wabt.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

const polynomial = 0x82f63b78;
const vectorBytes = 16;

/**
 * The multiple of least degree with four terms, `x^a + x^b + x^c + 1`: how far behind the first the others are. There is none with fewer, and none
 * below 5275, as this polynomial was chosen to notice any four wrong bits in that many.
 */
function sparseMultiple(): readonly number[] {
  const one = 0x8000_0000;
  const exponentOf = new Map([[one, 0]]);
  const powers = [one];
  for (let a = 1; ; a++) {
    const before = powers[a - 1] ?? 0;
    const power = (before & 1) === 0 ? before >>> 1 : (before >>> 1) ^ polynomial;
    powers.push(power >>> 0);
    exponentOf.set(power >>> 0, a);
    for (let b = 1; b < a; b++) {
      const c = exponentOf.get((power ^ (powers[b] ?? 0) ^ one) >>> 0);
      if (c !== undefined && c > 0 && c < b) return [a - b, a - c, a];
    }
  }
}

const distances = sparseMultiple();
const historyBytes = Math.max(...distances) * vectorBytes;
const earlier = (distance: number) => `(v128.load offset=${historyBytes - distance * vectorBytes} (local.get $at))`;
/** From $at to $end, both counted from where the history begins: each vector takes in what those before it leave there. */
const wat = `(module
  (memory (export "memory") 6)
  (func (export "divide") (param $at i32) (param $end i32)
    (block $done (loop $vector
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (v128.store offset=${historyBytes} (local.get $at)
        ${distances.reduce((sum, distance) => `(v128.xor ${sum} ${earlier(distance)})`, earlier(0))})
      (local.set $at (i32.add (local.get $at) (i32.const ${vectorBytes})))
      (br $vector)))))
`;

const work = mkdtempSync(path.join(tmpdir(), 'crc32c-'));
try {
  writeFileSync(path.join(work, 'crc.wat'), wat);
  execFileSync(process.argv[2] ?? 'wat2wasm', [path.join(work, 'crc.wat'), '-o', path.join(work, 'crc.wasm')], {
    stdio: 'inherit',
  });
  const base64 = readFileSync(path.join(work, 'crc.wasm')).toString('base64');
  writeFileSync(
    path.join(import.meta.dirname, '../core/snapshot/crc32c.generated.ts'),
    `/** Made by hack/crc32c-wasm.ts. */\nexport const distances = [${distances.join(', ')}] as const;\nexport const crc32cModule =\n  '${base64}';\n`,
  );
} finally {
  rmSync(work, { recursive: true });
}
