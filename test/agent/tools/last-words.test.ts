import { expect, test } from '@jest/globals';
import { lastWords } from '../../../agent/tools/last-words.ts';

/** What etcdctl 3.4 and etcdutl 3.5 really printed. */
const log34 =
  '{"level":"info","ts":1795283375.225,"caller":"snapshot/v3_snapshot.go:296","msg":"restoring snapshot","path":"flip"}';
const log35 = '2026-11-21T17:49:35Z\tinfo\tsnapshot/v3_snapshot.go:265\trestoring snapshot\t{"path": "flip"}';
const stack = [
  '',
  'goroutine 1 [running]:',
  'go.uber.org/zap/zapcore.CheckWriteAction.OnWrite(0xa5?, 0x0?, {0x4226c0?, 0x4?, 0xc2b8944bd75cd1e3?})',
  '\tgo.uber.org/zap/zapcore/entry.go:196 +0x54',
  'go.etcd.io/etcd/server/mvcc/backend.NewDefaultBackend({0xc000152978, 0x13}, {0xc000299190, 0x1, 0x1?})',
  '\tgo.etcd.io/etcd/server/mvcc/backend/backend.go:181 +0x11e',
];

test.each([
  [
    'another checksum',
    [log35, `Error: expected sha256 [${Array(32).fill(120).join(' ')}], got [${Array(32).fill(203).join(' ')}]`],
    'its content is not what the checksum at its end was made of',
  ],
  ['an error', [log34, 'Error: seek g: invalid argument', ''], 'seek g: invalid argument'],
  [
    'no checksum',
    [log35, 'Error: snapshot missing hash but --skip-hash-check=false'],
    'it does not end in a checksum: it was cut short, or is a member’s own database file',
  ],
  ['a panic of 3.5', [log35, 'panic: failed to open database', ...stack], 'failed to open database'],
  [
    'a panic of 3.4',
    [
      log34,
      '2026-11-21 17:49:35.258538 C | mvcc/backend: cannot open database at x/member/snap/db (invalid database)',
      'panic: cannot open database at x/member/snap/db (invalid database)',
      ...stack,
    ],
    'cannot open database at x/member/snap/db (invalid database)',
  ],
  ['a shell that does not find it', ['sh: 1: etcdutl: not found'], 'sh: 1: etcdutl: not found'],
  ['a stack without a word', stack, undefined],
  ['nothing but its log', [log35, log34], undefined],
  ['nothing', [], undefined],
])('%s', (_what, lines, expected) => {
  expect(lastWords(lines.join('\n'))).toBe(expected);
});
