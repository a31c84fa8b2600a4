/**
 * Makes core/snapshot/crc32c.generated.ts: the inner loop of CRC-32C for WebAssembly, sixteen bytes a step through sixteen tables.
 * Usage: node hack/crc32c-wasm.ts [WAT2WASM]; wat2wasm is in Debian's package wabt.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

const tableBytes = 1024;
const wide = 16;

/** The table lookup for byte `index` of the step: that of a word, shifted down; its table lies in memory from 0 on. */
function lookup(index: number): string {
  const word = index < 8 ? '$low' : '$high';
  const shift = 8 * (index % 8);
  const byte = `(i32.and (i32.wrap_i64 (i64.shr_u (local.get ${word}) (i64.const ${shift}))) (i32.const 255))`;
  return `(i32.load offset=${(wide - 1 - index) * tableBytes} (i32.shl ${byte} (i32.const 2)))`;
}

const step = Array.from({ length: wide }, (_, index) => lookup(index)).reduce(
  (sum, each) => `(i32.xor ${sum}\n ${each})`,
);
const wat = `(module
 (memory (export "memory") 18)
 (func (export "crc") (param $crc i32) (param $at i32) (param $end i32) (result i32)
  (local $low i64) (local $high i64)
  (block $done (loop $next
   (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const ${wide})) (local.get $end)))
   (local.set $low (i64.xor (i64.load (local.get $at)) (i64.extend_i32_u (local.get $crc))))
   (local.set $high (i64.load offset=8 (local.get $at)))
   (local.set $crc ${step})
   (local.set $at (i32.add (local.get $at) (i32.const ${wide})))
   (br $next)))
  (block $end_ (loop $byte
   (br_if $end_ (i32.ge_u (local.get $at) (local.get $end)))
   (local.set $crc (i32.xor (i32.shr_u (local.get $crc) (i32.const 8))
    (i32.load (i32.shl (i32.and (i32.xor (local.get $crc) (i32.load8_u (local.get $at))) (i32.const 255)) (i32.const 2)))))
   (local.set $at (i32.add (local.get $at) (i32.const 1)))
   (br $byte)))
  (local.get $crc)))
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
    `/** Made by hack/crc32c-wasm.ts. */\nexport const crc32cModule =\n  '${base64}';\n`,
  );
} finally {
  rmSync(work, { recursive: true });
}
