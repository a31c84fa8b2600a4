import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { setEnvironment } from '../../../agent/host/edit-environment.ts';
import { readEnvironmentFile } from '../../../agent/host/systemd-unit.ts';

const set = (text: string, variables: Readonly<Record<string, string | undefined>>) =>
  setEnvironment(text, new Map(Object.entries(variables)), '/etc/etcd.env');

describe('an environment file', () => {
  test.each<[string, string, Record<string, string | undefined>, string]>([
    ['a new value in its place', 'A=1\nETCD_NAME=a\nB=2\n', { ETCD_NAME: 'b' }, 'A=1\nETCD_NAME=b\nB=2\n'],
    ['its quotes stay', `ETCD_NAME="a"\nX='1'\n`, { ETCD_NAME: 'b', X: '2' }, `ETCD_NAME="b"\nX='2'\n`],
    ['quotes where they are wanted', 'ETCD_NAME=a\n', { ETCD_NAME: 'a b', X: '' }, 'ETCD_NAME="a b"\nX=\n'],
    ['the last of two', 'N=a\nN=b\n', { N: 'c' }, 'N=a\nN=c\n'],
    ['a new one at the end', '# ours\nA=1\n', { N: 'a=https://[::1]:1,b=x' }, '# ours\nA=1\nN=a=https://[::1]:1,b=x\n'],
    ['what is only a comment is not set', '#N=a\n;N=b\n', { N: 'c' }, '#N=a\n;N=b\nN=c\n'],
    ['Windows line ends', 'A=1\r\nN=\r\n', { N: 'b', M: 'c' }, 'A=1\r\nN=b\r\nM=c\r\n'],
    ['no end of the last line', 'A=1', { N: 'b' }, 'A=1\nN=b'],
    ['an empty file', '', { N: 'b' }, 'N=b\n'],
    ['a value over two lines', 'N=a,\\\n b\nA=1\n', { N: 'c' }, 'N=c\nA=1\n'],
    ['spaces, as somebody likes them', '  export N = a  \nA=1\n', { N: 'c' }, '  export N = c  \nA=1\n'],
    ['out with all of a name', 'N=a\nA=1\nN=b\n', { N: undefined }, 'A=1\n'],
    ['nothing at all', 'N="a"\nA=1', { N: 'a', M: undefined }, 'N="a"\nA=1'],
  ])('%s', (_, text, variables, expected) => {
    expect(set(text, variables)).toBe(expected);
    expect(set(expected, variables)).toBe(expected);
  });

  test.each<[string, string, Record<string, string>]>([
    ['a comment that goes on', '# odd \\\n', { N: 'a' }],
    ['a value with a line end', 'A=1\n', { N: 'a\nB=2' }],
    ['a value with quotes', 'A=1\n', { N: 'a"b' }],
    ['a value with a backslash', 'A=1\n', { A: 'a\\' }],
  ])('%s is refused', (_, text, variables) => {
    expect(() => set(text, variables)).toThrow(
      expect.objectContaining({ reason: 'environment-not-editable', exit: 5 }),
    );
  });

  const name = fc.constantFrom('ETCD_NAME', 'ETCD_INITIAL_CLUSTER', 'A', 'B');
  const value = fc.stringMatching(/^[\w ,:=./#;-]{0,12}$/);
  const line = fc.oneof(
    fc.constantFrom('', '# a comment', '; another', '#ETCD_NAME=x', '[odd]'),
    fc
      .tuple(name, value, fc.constantFrom('', '"', "'"), fc.constantFrom('', ' ', '\t'))
      .map(([key, text, quote, space]) => `${space}${key}=${quote}${text}${quote}${space}`),
  );
  const file = fc
    .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
    .map(([lines, newline, ended]) =>
      lines.map((each, index) => (index === lines.length - 1 && !ended ? each : `${each}${newline}`)).join(''),
    );
  const wanted = fc.dictionary(name, fc.option(value, { nil: undefined }));

  test('of any layout says what was wanted, keeps every other line, and is the same when done again', () => {
    fc.assert(
      fc.property(file, wanted, (text, variables) => {
        const after = set(text, variables);
        const expected = new Map(Object.entries(readEnvironmentFile(text)));
        for (const [key, to] of Object.entries(variables)) {
          if (to === undefined) expected.delete(key);
          else expected.set(key, to);
        }
        expect(new Map(Object.entries(readEnvironmentFile(after)))).toEqual(expected);
        const others = (given: string) =>
          given
            .split(/\r?\n/)
            .filter((each) => !Object.keys(variables).some((key) => each.trim().startsWith(`${key}=`)));
        expect(others(after).filter(Boolean)).toEqual(others(text).filter(Boolean));
        expect(set(after, variables)).toBe(after);
      }),
      { numRuns: 1000 },
    );
  });

  test('is as it was once what was added is taken out again', () => {
    fc.assert(
      fc.property(file, value, (text, to) => {
        expect(set(set(text, { NEW: to, NEWER: to }), { NEW: undefined, NEWER: undefined })).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});
