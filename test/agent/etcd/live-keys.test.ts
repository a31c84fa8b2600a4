import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextRange } from '../../../agent/etcd/live-keys.ts';
import type { KeyRange } from '../../../agent/etcd/member-client.ts';

const start = { from: Buffer.from([0]), end: Buffer.from([0]) };

/** What etcd gives for a range; `left` is what it goes over to count it (mvcc's index), besides the page. */
function page(keys: readonly Buffer[], { from, end }: KeyRange, limit: number) {
  const begin = placeOf(keys, from);
  const behind = end.equals(start.end) ? keys.length : placeOf(keys, end);
  const found = keys.slice(begin, Math.min(begin + limit, behind));
  return { found, left: behind - begin - found.length };
}

/** The first key that is not before this one. */
function placeOf(keys: readonly Buffer[], key: Buffer): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle]?.compare(key) ?? 0) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function listed(keys: readonly Buffer[], limit: number) {
  const all = { found: [] as Buffer[], wentOver: 0, pages: 0 };
  for (let range: KeyRange | undefined = start; range !== undefined;) {
    const { found, left } = page(keys, range, limit);
    all.found.push(...found);
    all.wentOver += found.length + left;
    all.pages += 1;
    if (all.pages > 20_000) throw new Error('it goes round');
    const [first, last = first] = [found[0], found.at(-1)];
    range = nextRange(range, first === undefined || last === undefined ? undefined : { first, last, left });
  }
  return all;
}

const sorted = (names: readonly string[]) =>
  names.map((name) => Buffer.from(name, 'latin1')).sort((one, other) => one.compare(other));

const part = fc.constantFrom('a', 'b', '/', '\u00ff', '\0');
const names = fc.uniqueArray(fc.string({ unit: part, minLength: 1, maxLength: 8 }), { maxLength: 60 });

test('ranges, one behind the other, meet every key once and in order', () => {
  const meetsAll = (all: readonly string[], limit: number) => {
    const keys = sorted(all);
    expect(listed(keys, limit).found).toEqual(keys);
  };
  fc.assert(
    fc.property(names, (few) => meetsAll(few, 3)),
    { numRuns: 1000 },
  );
  // More than is counted with each page, with others before, in the midst and behind; the first page ends in a part that begins with the last byte.
  const many = (count: number, beginning: string) => Array.from({ length: count }, (_, at) => `${beginning}${at}`);
  const much = [
    ...many(400, 'b\u00fe'),
    ...many(400, 'b\u00ff'),
    ...many(9_000, 'b\u00ff\u00ff/'),
    ...many(9_000, 'c/'),
  ];
  meetsAll(much, 500);
  fc.assert(
    fc.property(names, (few) => meetsAll([...new Set([...few, ...much])], 500)),
    { numRuns: 15 },
  );
});

test.each([
  ['in directories', (at: number) => `/registry/${'abcde'[at % 5] ?? ''}s/n${Math.floor(at / 5) % 50}/x${at}`],
  ['in one directory', (at: number) => `/registry/pods/default/${at * 7919}`],
  [
    'with names that begin alike',
    (at: number) => `/registry/pods/default/${'x'.repeat(60)}${String(at).padStart(6, '0')}`,
  ],
])('what etcd goes over is far less than all that is left, time and again: %s', (_what, name) => {
  const keys = sorted(Array.from({ length: 60_000 }, (_, at) => name(at)));
  const { found, wentOver, pages } = listed(keys, 1_000);
  expect(found).toHaveLength(60_000);
  expect(pages).toBeLessThan(400);
  // With one range for all: 60 pages of 30,000 on average.
  expect(wentOver).toBeLessThan(1_800_000 / 2);
});
