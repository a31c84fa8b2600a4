/** Who holds a lock on a file, as the kernel says it: with real locks. */
import { afterAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostRoot } from '../../../agent/host/root.ts';
import { holderOf } from '../../../agent/steps/data-holder.ts';
import { scratchRoot } from '../host/scratch-root.ts';

const work = mkdtempSync('/tmp/holder-');
afterAll(() => rmSync(work, { recursive: true, force: true }));
const root = new HostRoot('/');

async function held(file: string, ...flags: string[]): Promise<{ pid: number } & AsyncDisposable> {
  const child = spawn('flock', [...flags, '--no-fork', file, 'sh', '-c', 'echo held; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

test('the process that holds it, until it has gone', async () => {
  const [file, other] = [join(work, 'db'), join(work, 'other')];
  for (const path of [file, other]) writeFileSync(path, '');
  expect(await holderOf(file, root)).toBeUndefined();
  {
    await using holder = await held(file);
    expect(await holderOf(file, root)).toBe(holder.pid);
    expect(await holderOf(other, root)).toBeUndefined();
  }
  expect(await holderOf(file, root)).toBeUndefined();
});

test('a reader holds it too; who waits for it does not', async () => {
  const file = join(work, 'shared');
  writeFileSync(file, '');
  await using reader = await held(file, '--shared');
  const waiting = spawn('flock', ['--no-fork', file, 'true'], { stdio: 'ignore' });
  try {
    expect(await holderOf(file, root)).toBe(reader.pid);
  } finally {
    waiting.kill('SIGKILL');
  }
});

test.each(['/nowhere/db', '/dev/null/db'])('where there is no file there is no holder: %s', async (path) => {
  expect(await holderOf(path, root)).toBeUndefined();
});

/** Device numbers are hexadecimal there, and as large as these only with many disks. */
test.each<[line: (device: string, inode: string) => string, holder: number | undefined]>([
  [(device, inode) => `1: FLOCK  ADVISORY  WRITE 4242 ${device}:${inode} 0 EOF`, 4242],
  [(device, inode) => `17: POSIX  ADVISORY  READ  77 ${device}:${inode} 128 128`, 77],
  [(device, inode) => `2: OFDLCK ADVISORY  WRITE -1 ${device}:${inode} 0 EOF`, -1],
  [(device, inode) => `1: -> FLOCK  ADVISORY  WRITE 4242 ${device}:${inode} 0 EOF`, undefined],
  [(device, inode) => `1: FLOCK  ADVISORY  WRITE 4242 ${device}:${inode}1 0 EOF`, undefined],
  [(_device, inode) => `1: FLOCK  ADVISORY  WRITE 4242 ff:ffff:${inode} 0 EOF`, undefined],
])('a line of /proc/locks, %#', async (line, holder) => {
  const { dev, ino } = statSync(work);
  const major = ((dev >> 8) & 0xfff).toString(16).padStart(2, '0');
  const minor = ((dev & 0xff) | ((dev >> 12) & 0xfff00)).toString(16).padStart(2, '0');
  await using scratch = await scratchRoot({ '/proc/locks': `${line(`${major}:${minor}`, String(ino))}\n` });
  expect(await holderOf(work, scratch.root)).toBe(holder);
});
