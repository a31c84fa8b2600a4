import { expect, test } from '@jest/globals';
import { readSections, renderResults, renderSection } from './results.ts';

const circumstances = { time: new Date(0), versions: ['kubectl etcd 0.1.0'], loadBefore: 0.1, small: false };
const table = (title: string) => ({ title, columns: ['work', 'time'], rows: [['status', '1 s']], findings: ['fast'] });

test('a page gives its parts back, as often as it is written', () => {
  const sections = new Map([
    ['memory', renderSection(circumstances, [table('Memory'), table('More')])],
    ['read', renderSection(circumstances, [table('Reading')])],
  ]);
  const page = renderResults(sections);
  expect(page).toContain('## Reading');
  expect(readSections(page)).toEqual(sections);
  expect(renderResults(readSections(page))).toBe(page);
  expect(readSections('')).toEqual(new Map());
});

test('one part is replaced, and the others stay to the letter', () => {
  const page = renderResults(
    new Map([
      ['memory', renderSection(circumstances, [table('Memory')])],
      ['read', renderSection(circumstances, [table('Reading')])],
    ]),
  );
  const sections = readSections(page).set('read', renderSection(circumstances, [table('Reading anew')]));
  expect(renderResults(sections)).toBe(page.replace('## Reading', '## Reading anew'));
});
