import { expect, test } from '@jest/globals';
import { Failure } from '../../../core/failure.ts';
import { paintColours } from '../../../plugin/report/text.ts';
import { renderFailure } from '../../../plugin/report/failure.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.12:2379'), { code: 'ECONNREFUSED' });
const failure = new Failure({
  reason: 'etcd-silent',
  what: 'cannot reach etcd',
  node: 'cp2',
  why: 'nobody listens\non 10.0.0.12:2379',
  next: 'kubectl etcd logs cp2',
  cause: new Error('the call failed', { cause: refused }),
});

test('what, where, why, and what to do', () => {
  expect(renderFailure(failure, { verbose: false })).toBe(
    'error: cannot reach etcd\n  node  cp2\n  why   nobody listens\n        on 10.0.0.12:2379\n  next  kubectl etcd logs cp2\n',
  );
});

test('what is not known is left out', () => {
  expect(renderFailure(new Failure({ reason: 'x', what: 'cannot go on' }), { verbose: false })).toBe(
    'error: cannot go on\n',
  );
});

test('-v: the reason and the causes down to the innermost', () => {
  expect(renderFailure(failure, { verbose: true }).split('\n').slice(4)).toEqual([
    '  next    kubectl etcd logs cp2',
    '  reason  etcd-silent',
    '  cause   Error: the call failed',
    '  cause   Error ECONNREFUSED: connect ECONNREFUSED 10.0.0.12:2379',
    '',
  ]);
});

test('a defect says that it is one, and how to learn more', () => {
  expect(renderFailure(new TypeError('x is not a function'), { verbose: false })).toBe(
    'error: a defect in kubectl etcd: x is not a function\n  next  the same command with -v shows where it happened; please report that\n',
  );
});

test('a defect with -v shows where', () => {
  const text = renderFailure(new TypeError('x is not a function', { cause: refused }), { verbose: true });
  expect(text).toContain('stack  TypeError: x is not a function');
  expect(text).toContain('failure.test.ts');
  expect(text).toContain('cause  Error ECONNREFUSED');
});

test.each([
  ['a string', 'error: a defect in kubectl etcd: a string\n'],
  [undefined, 'error: a defect in kubectl etcd: undefined\n'],
])('thrown %p', (thrown, start) => expect(renderFailure(thrown, { verbose: false })).toMatch(start));

test('causes that go in a circle end', () => {
  const first = new Error('first');
  first.cause = new Error('second', { cause: first });
  expect(
    renderFailure(new Failure({ reason: 'x', what: 'y', cause: first }), { verbose: true }).match(/cause/g),
  ).toHaveLength(2);
});

test('words from outside stay words', () => {
  const text = renderFailure(new Failure({ reason: 'x', what: 'y\u001b[2J', why: 'a\u001b[31mb\r\nc' }), {
    verbose: false,
  });
  expect(text).toBe('error: y\n  why  ab\n       c\n');
});

test('colour is added to the word error', () => {
  expect(renderFailure(new Failure({ reason: 'x', what: 'y' }), { verbose: false, paint: paintColours })).toBe(
    '\u001b[31merror:\u001b[39m y\n',
  );
});
