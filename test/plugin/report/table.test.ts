import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderTable } from '../../../plugin/report/table.ts';
import type { Column } from '../../../plugin/report/table.ts';
import { cutToWidth, oneLine, paintColours, widthOf } from '../../../plugin/report/text.ts';

type Row = readonly [string, string, string];
const columns: readonly Column<Row>[] = [
  { header: 'node', cell: ([node]) => node },
  {
    header: 'status',
    cell: ([, status]) => (status === 'bad' ? { text: status, style: 'red' } : status),
    givesWay: true,
  },
  { header: 'size', cell: ([, , size]) => size },
];

test('headers in capitals, three spaces, nothing behind the last column, a dash for what is empty', () => {
  expect(
    renderTable(columns, [
      ['cp1', 'healthy', '1.1 GiB'],
      ['cp10', '', ''],
    ]),
  ).toEqual(['NODE   STATUS    SIZE', 'cp1    healthy   1.1 GiB', 'cp10   -         -']);
});

test('wide, combining and joined characters take the columns that they take on a terminal', () => {
  expect(
    renderTable(columns, [
      ['节点一', 'e\u0301t\u00e9', 'x'],
      ['cp1', '👩‍🚀', 'y'],
    ]),
  ).toEqual(['NODE     STATUS   SIZE', '节点一   e\u0301té      x', 'cp1      👩‍🚀       y']);
});

test('colour changes no column and follows the cut', () => {
  const row: Row = ['cp1', 'bad', 'x'];
  expect(renderTable(columns, [row], { paint: paintColours })[1]).toBe('cp1    \u001b[31mbad\u001b[39m      x');
});

test.each([
  [80, 'cp1    a very long story of what went wrong   1.1 GiB'],
  [40, 'cp1    a very long story of w…   1.1 GiB'],
  [33, 'cp1    a very long sto…   1.1 GiB'],
  [28, 'cp1    a very long sto…   1…'],
  [5, 'cp1'],
])('at %d columns', (widthColumns, text) => {
  expect(renderTable(columns, [['cp1', 'a very long story of what went wrong', '1.1 GiB']], { widthColumns })[1]).toBe(
    text,
  );
});

test('no line is ever wider than the terminal, and none is cut in a pipe', () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 30 });
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell)), fc.integer({ min: 1, max: 60 }), (rows, widthColumns) => {
      for (const line of renderTable(columns, rows, { widthColumns }))
        expect(widthOf(line)).toBeLessThanOrEqual(widthColumns);
      const whole = renderTable(columns, rows);
      for (const [at, row] of rows.entries())
        for (const text of row) expect(whole[at + 1]).toContain(oneLine(text).trim());
    }),
  );
});

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 5, 'abcd…'],
  ['节点一', 5, '节点…'],
  ['节点一', 4, '节…'],
  ['abc', 1, '…'],
  ['abc', 0, ''],
])('%s cut to %d is %s', (text, width, cut) => expect(cutToWidth(text, width)).toBe(cut));

test.each([
  ['two\nlines', 'two lines'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007text', 'text'],
  ['bell\u0007', 'bell'],
  ['  trimmed\t', 'trimmed'],
])('%j becomes %j', (text, clean) => expect(oneLine(text)).toBe(clean));
