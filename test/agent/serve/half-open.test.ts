import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HalfOpen } from '../../../agent/serve/half-open.ts';

class Connection {
  destroyed = false;
  destroy() {
    this.destroyed = true;
  }
}
const limits = { many: 3, most: 5, graceMs: 1_000 };

/** `a@0 a@100 b@1200`: from which address, when. @returns which of them were sent away, in their order. */
function gone(line: string): string[] {
  const list = new HalfOpen<Connection>(limits);
  const came = line.split(' ').map((word, index) => {
    const [from = '', at = '0'] = word.split('@');
    const connection = new Connection();
    list.add(connection, { from, key: String(index) }, Number(at));
    return { word, connection };
  });
  return came.filter(({ connection }) => connection.destroyed).map(({ word }) => word);
}

describe('who has to go', () => {
  test.each([
    ['a@0 a@0 a@0', [], 'as many as there may be'],
    ['a@0 a@1 a@2 a@3 a@4', [], 'many at once, and all of them new'],
    ['a@0 a@1 a@2 a@3 a@4 a@5', ['a@0'], 'more than there may ever be: the oldest'],
    ['a@0 a@1 a@2 b@1500', ['a@0'], 'one that had its second, when another comes'],
    ['b@0 a@1 a@2 a@3 b@1500', ['a@1'], 'of the address that has the most, not the oldest of all'],
    ['b@0 a@1 a@2 a@900 a@901 a@902 a@903', ['a@1', 'a@2'], 'who says nothing pushes out his own'],
  ])('%s: %j (%s)', (line, expected) => {
    expect(gone(line)).toEqual(expected);
  });
});

test('never more than there may be, whoever comes; and who has just come stays', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ from: fc.constantFrom('a', 'b', 'c'), waitMs: fc.nat(2_000) })), (comers) => {
      const list = new HalfOpen<Connection>(limits);
      let nowMs = 0;
      for (const [index, { from, waitMs }] of comers.entries()) {
        const connection = new Connection();
        nowMs += waitMs;
        list.add(connection, { from, key: String(index) }, nowMs);
        expect(list.size).toBeLessThanOrEqual(limits.most);
        expect(connection.destroyed).toBe(false);
      }
    }),
  );
});

test('who has shown a certificate is not sent away, and a key that was used again is not mistaken', () => {
  const list = new HalfOpen<Connection>(limits);
  const [first, second] = [new Connection(), new Connection()];
  list.add(first, { from: 'a', key: 'k' }, 0);
  list.admit('k');
  list.add(second, { from: 'a', key: 'k' }, 0);
  list.remove('k', first);
  expect(list.size).toBe(1);
  list.clear();
  expect([first.destroyed, second.destroyed, list.size]).toEqual([false, true, 0]);
});
