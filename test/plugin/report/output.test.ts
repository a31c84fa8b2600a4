import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { formatNames, formatValue, parseOutputFormat } from '../../../plugin/report/output.ts';

const value = {
  name: 'cp1',
  id: '5e10',
  on: 'yes',
  time: '1:20',
  hex: '0x1f',
  none: null,
  left: undefined,
  list: [1, { a: true }],
};

test('JSON: two spaces, the order of the value, a newline', () => {
  expect(formatValue({ b: 1, a: [], left: undefined }, 'json')).toBe('{\n  "b": 1,\n  "a": []\n}\n');
});

test('YAML: what a reader of YAML 1.1 would misread is quoted', () => {
  expect(formatValue(value, 'yaml')).toBe(
    [
      'name: cp1',
      'id: "5e10"',
      'on: "yes"',
      'time: "1:20"',
      'hex: "0x1f"',
      'none: null',
      'list:',
      '  - 1',
      '  - a: true',
      '',
    ]
      .join('\n')
      .replace('on:', '"on":'),
  );
});

test('YAML says the same as JSON, to readers of both versions', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ id: fc.stringMatching(/^[0-9a-f]{1,16}$/), text: fc.string() })), (members) => {
      const text = formatValue({ members }, 'yaml');
      for (const version of ['1.1', '1.2'] as const) expect(parse(text, { version })).toEqual({ members });
    }),
  );
});

test('the same value twice is printed twice, without an anchor', () => {
  const twice = { pod: 'x' };
  expect(formatValue({ a: twice, b: twice }, 'yaml')).toBe('a:\n  pod: x\nb:\n  pod: x\n');
});

test('names are kubectl’s', () => expect(formatNames('member', ['cp1', 'cp2'])).toBe('member/cp1\nmember/cp2\n'));

test.each(['wide', 'json', 'yaml', 'name'])('-o %s', (format) => expect(parseOutputFormat(format)).toBe(format));
test('without -o', () => expect(parseOutputFormat(undefined)).toBe('table'));
test('an unknown format is wrong usage', () => {
  expect(() => parseOutputFormat('xml')).toThrow(
    expect.objectContaining({ exit: 2, next: '-o takes wide, json, yaml, name' }),
  );
});

test('a format that the command does not have is refused, and those that it has are named', () => {
  expect(parseOutputFormat('wide')).toBe('wide');
  expect(parseOutputFormat('json', ['json', 'yaml'])).toBe('json');
  expect(() => parseOutputFormat('wide', ['json', 'yaml'])).toThrow(
    expect.objectContaining({ exit: 2, next: '-o takes json, yaml' }),
  );
});
