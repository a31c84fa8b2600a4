import { expect, test } from '@jest/globals';
import { describeShape, labShapeOf } from './lab-shape.ts';

test.each([
  { line: '', means: '3 nodes, etcd 3.5' },
  { line: '1', means: '1 node, etcd 3.5' },
  { line: '--etcd 3.4 5', means: '5 nodes, etcd 3.4' },
  { line: '5 --etcd=testing', means: '5 nodes, etcd testing' },
  { line: '--probes health', means: '3 nodes, etcd 3.5' },
  { line: '1 --probes livez --etcd 3.5', means: '1 node, etcd 3.5, probes livez' },
])('up $line: $means', ({ line, means }) => {
  expect(describeShape(labShapeOf(words(line)))).toBe(means);
});

test.each([
  { line: '0', says: 'up does not know 0: it takes a number of nodes from 1 to 9' },
  { line: '10', says: 'up does not know 10: it takes a number of nodes from 1 to 9' },
  { line: 'three', says: 'up does not know three: it takes a number of nodes from 1 to 9' },
  { line: '3 5', says: 'up takes one number of nodes, not 3 and 5 too' },
  { line: '--etcd 3.6', says: '--etcd takes 3.4 or 3.5 or testing' },
  { line: '--probes readyz', says: '--probes takes health or livez' },
  { line: '--etcd 3.4 --probes livez', says: 'the etcd 3.4 of Debian 12 has no /livez: it came with 3.4.29' },
  { line: '--etcd', says: /--etcd <value>' argument missing/ },
  { line: '--etdc 3.5', says: /Unknown option '--etdc'/ },
])('up $line is refused with exit code 2', ({ line, says }) => {
  let thrown: unknown;
  try {
    labShapeOf(words(line));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({
    reason: 'usage',
    exit: 2,
    what: says instanceof RegExp ? expect.stringMatching(says) : says,
  });
});

function words(line: string): readonly string[] {
  return line.split(' ').filter((word) => word !== '');
}
