import { expect, test } from '@jest/globals';
import { cleaningUp } from './cleaning-up.ts';

const fine = () => Promise.resolve();
const failing = (what: string) => () => Promise.reject(new Error(what));

test('it is cleaned up after work that went well, and after work that failed', async () => {
  const done: string[] = [];
  const clean = () => Promise.resolve(void done.push('cleaned'));
  expect(await cleaningUp(() => Promise.resolve('value'), clean)).toBe('value');
  await expect(cleaningUp(failing('disk full'), clean)).rejects.toThrow(/^disk full$/);
  expect(done).toEqual(['cleaned', 'cleaned']);
});

test('what went wrong first is told first', async () => {
  await expect(cleaningUp(fine, failing('no room'))).rejects.toThrow(/^no room$/);
  await expect(cleaningUp(failing('disk full'), failing('no room'))).rejects.toThrow(
    /^disk full\nand something was left behind: no room$/,
  );
});
