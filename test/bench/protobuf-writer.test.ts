import { describe, expect, test } from '@jest/globals';
import { readFields } from '../../core/snapshot/protobuf.ts';
import { kubernetesHistory } from './kubernetes-history.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { median } from './run-timed.ts';

function first(count: number, seed: string) {
  const history = kubernetesHistory({ seed, prefix: '/bench' });
  return Array.from({ length: count }, () => history.next().value);
}

describe('the filler', () => {
  test.each([0, 1, 127, 128, 16_383, 16_384, 3_000_000])('a message of %d bytes is read again whole', (length) => {
    const bytes = new ProtobufWriter()
      .message(7, (inner) => inner.raw(Buffer.alloc(length, 'x')))
      .text(2, 'after')
      .take();
    const fields = [...readFields(bytes)];
    expect(fields.map(({ number, bytes: { length: size } }) => [number, size])).toEqual([
      [7, length],
      [2, 5],
    ]);
  });

  test('the same seed gives the same history, another seed another; every object has the envelope', () => {
    const text = (seed: string) => first(500, seed).map(({ key, value }) => `${key} ${value.toString('hex')}`);
    expect(text('a')).toEqual(text('a'));
    expect(text('a')).not.toEqual(text('b'));
    for (const { value } of first(500, 'a')) {
      expect(value.subarray(0, 4).toString('latin1')).toBe('k8s\0');
      expect([...readFields(value.subarray(4))].map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    }
  });

  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])('the median of %j is %d', (numbers, expected) => {
    expect(median(numbers)).toBe(expected);
  });
});
