/**
 * Makes core/snapshot/crc32c.generated.ts: CRC-32C for WebAssembly, sixteen streams at once. A block is sixteen pieces of 256 bytes; each vector
 * holds one byte of each piece, and each of the four bytes of the sixteen checksums. What a byte does to a checksum is looked up by its two
 * halves, since a swizzle is sixteen lookups in a table of sixteen. At the end of a block the sixteen are joined: each is moved on by the length
 * of a piece, through four tables of 256 that the caller has put into memory (see core/snapshot/crc32c.ts).
 * Usage: node hack/crc32c-wasm.ts [WAT2WASM]; wat2wasm is in Debian's package wabt.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

const lanes = 16;
const pieceBytes = 256;
const blockBytes = lanes * pieceBytes;
/** What lies where in memory, as core/snapshot/crc32c.ts fills it. */
const joinTables = 0;
const halfTables = 4096;
const scratch = halfTables + 8 * 16;

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const rows = numbers(lanes);
const planes = numbers(4);

const loadRows = rows.map(
  (row) => `(local.set $r${row} (v128.load offset=${row * pieceBytes} (i32.add (local.get $at) (local.get $column))))`,
);

/** Four perfect shuffles of sixteen rows make rows of columns. */
const low = numbers(16).map((index) => (index % 2) * 16 + Math.floor(index / 2));
const high = low.map((index) => index + 8);
function transposed(): string[] {
  const lines: string[] = [];
  let [from, to] = ['r', 't'];
  for (let stage = 0; stage < 4; stage++) {
    for (let row = 0; row < 8; row++)
      for (const [half, lanesTaken] of [low, high].entries())
        lines.push(
          `(local.set $${to}${2 * row + half} (i8x16.shuffle ${lanesTaken.join(' ')} (local.get $${from}${row}) (local.get $${from}${row + 8})))`,
        );
    [from, to] = [to, from];
  }
  return lines;
}

/** One byte of each piece goes into the sixteen checksums, of which $s0 holds the lowest bytes. */
function step(row: number): string[] {
  const lookUp = (plane: number) =>
    `(v128.xor (i8x16.swizzle (local.get $l${plane}) (local.get $lower)) (i8x16.swizzle (local.get $h${plane}) (local.get $upper)))`;
  return [
    `(local.set $lower (v128.xor (local.get $s0) (local.get $r${row})))`,
    `(local.set $upper (v128.and (i16x8.shr_u (local.get $lower) (i32.const 4)) (local.get $nibble)))`,
    `(local.set $lower (v128.and (local.get $lower) (local.get $nibble)))`,
    ...[0, 1, 2].map((plane) => `(local.set $s${plane} (v128.xor (local.get $s${plane + 1}) ${lookUp(plane)}))`),
    `(local.set $s3 ${lookUp(3)})`,
  ];
}

const shuffled = (lanesTaken: readonly number[], a: string, b: string) =>
  `(i8x16.shuffle ${lanesTaken.join(' ')} ${a} ${b})`;
const wordsOf = (half: readonly number[], a: number, b: number) =>
  shuffled(half, `(local.get $s${a})`, `(local.get $s${b})`);
const pairs = (from: number) =>
  numbers(16).map((index) => (index % 4 < 2 ? 0 : 16) + from + 2 * Math.floor(index / 4) + (index % 2));
/** The checksums as sixteen numbers in memory. */
const store = [low, high].flatMap((half, which) =>
  [0, 8].map(
    (from, quarter) =>
      `(v128.store offset=${scratch + 32 * which + 16 * quarter} (i32.const 0) ${shuffled(pairs(from), wordsOf(half, 0, 1), wordsOf(half, 2, 3))})`,
  ),
);
const moved = planes
  .map(
    (plane) =>
      `(i32.load offset=${joinTables + 1024 * plane} (i32.shl (i32.and (i32.shr_u (local.get $crc) (i32.const ${8 * plane})) (i32.const 255)) (i32.const 2)))`,
  )
  .reduce((sum, each) => `(i32.xor ${sum} ${each})`);
/** The first stream went on from the checksum so far; each further one is appended. */
const join = rows.map((row) => {
  const own = `(i32.load offset=${scratch + 4 * row} (i32.const 0))`;
  return `(local.set $crc ${row === 0 ? own : `(i32.xor ${moved} ${own})`})`;
});

const locals = [
  ...rows.flatMap((row) => [`$r${row}`, `$t${row}`]),
  ...planes.flatMap((plane) => [`$s${plane}`, `$l${plane}`, `$h${plane}`]),
  ...['$lower', '$upper', '$nibble'],
];
const tables = planes.flatMap((plane) =>
  ['l', 'h'].map(
    (half, index) =>
      `(local.set $${half}${plane} (v128.load offset=${halfTables + 64 * index + 16 * plane} (i32.const 0)))`,
  ),
);
const wat = `(module
 (memory (export "memory") 5)
 (func (export "blocks") (param $crc i32) (param $at i32) (param $end i32) (result i32)
  (local $column i32) ${locals.map((name) => `(local ${name} v128)`).join(' ')}
  (local.set $nibble (i8x16.splat (i32.const 15)))
  ${tables.join('\n  ')}
  (block $done (loop $block
   (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
   (local.set $s0 (i8x16.replace_lane 0 (v128.const i64x2 0 0) (local.get $crc)))
   ${[1, 2, 3].map((plane) => `(local.set $s${plane} (i8x16.replace_lane 0 (v128.const i64x2 0 0) (i32.shr_u (local.get $crc) (i32.const ${8 * plane}))))`).join('\n   ')}
   (local.set $column (i32.const 0))
   (loop $columns
    ${[...loadRows, ...transposed(), ...rows.flatMap(step)].join('\n    ')}
    (local.set $column (i32.add (local.get $column) (i32.const 16)))
    (br_if $columns (i32.lt_u (local.get $column) (i32.const ${pieceBytes}))))
   ${[...store, ...join].join('\n   ')}
   (local.set $at (i32.add (local.get $at) (i32.const ${blockBytes})))
   (br $block)))
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
