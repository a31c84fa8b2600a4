import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJournal } from '../../../core/operation/journal.ts';
import type { JournalRecord } from '../../../core/operation/journal.ts';

const step = fc.string({ unit: 'grapheme', maxLength: 12 });
const at = fc.constant('2026-11-21T08:00:00.000Z');
const tookMs = fc.nat();
const failure = fc.record({
  reason: fc.constant('no-room'),
  what: fc.string({ unit: 'grapheme' }),
  exit: fc.constant(1 as const),
});
const record: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({ event: fc.constant('begun' as const), step, at }),
  fc.record({
    event: fc.constant('done' as const),
    step,
    at,
    tookMs,
    result: fc.dictionary(fc.string(), fc.integer()),
  }),
  fc.record({ event: fc.constant('failed' as const), step, at, tookMs, failure }),
  fc.record({ event: fc.constant('undone' as const), step, at, tookMs }),
  fc.record({ event: fc.constant('closed' as const), at, outcome: fc.constant('done' as const), by: step }),
);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('torn at any byte, a journal is what was whole before', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 5 }), (records) => {
      const lines = records.map((each) => Buffer.from(`${JSON.stringify(each)}\n`));
      const whole = Buffer.concat(lines);
      for (let bytes = 0; bytes <= whole.length; bytes += 1) {
        const torn = whole.subarray(0, bytes);
        let count = 0;
        for (let end = 0; count < lines.length && (end += lines[count]?.length ?? 0) <= bytes;) count += 1;
        expect(parseJournal(torn.toString('utf8'))).toEqual(plain(records.slice(0, count)));
      }
    }),
    { numRuns: 30 },
  );
});

test('zeros at the end, as a file system leaves them after a power cut, are no line', () => {
  const line = '{"event":"begun","step":"a","at":"t"}\n';
  expect(parseJournal(`${line}${'\0'.repeat(40)}`)).toHaveLength(1);
});

test.each([
  ['a line that is not the last is damaged', '{"event":"beg\n{"event":"begun","step":"a","at":"t"}\n'],
  ['an event that nobody knows', '{"event":"lost","step":"a","at":"t"}\n'],
  ['a step without a name', '{"event":"begun","at":"t"}\n'],
  ['an outcome that there is not', '{"event":"closed","at":"t","outcome":"fine","by":"anna"}\n'],
])('%s: not guessed at', (_what, text) => {
  expect(() => parseJournal(text)).toThrow();
});
