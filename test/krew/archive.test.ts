import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Header, list } from 'tar';
import { writeArchive } from '../../krew/archive.ts';
import { checkIntegrity } from '../../krew/node-binary.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'krew-archive-'));
  for (const name of ['launcher', 'program']) await writeFile(join(directory, name), `${name}\n`);
});
afterAll(() => rm(directory, { recursive: true }));

const write = (name: string, content: Readonly<Record<string, string>>): Promise<string> =>
  writeArchive({ file: join(directory, `${name}.tar.gz`), content, scratch: join(directory, name) });

test('the same content gives the same bytes, whatever its order, times and modes on disk, and the umask', async () => {
  const [launcher, program] = [join(directory, 'launcher'), join(directory, 'program')];
  const first = await write('first', { 'kubectl-etcd': launcher, LICENSE: program });
  await chmod(launcher, 0o600);
  await utimes(program, new Date(1e12), new Date(1e12));
  const umask = process.umask(0o077);
  const second = await write('second', { LICENSE: program, 'kubectl-etcd': launcher });
  process.umask(umask);
  expect(second).toBe(first);
  expect(
    createHash('sha256')
      .update(await readFile(join(directory, 'second.tar.gz')))
      .digest('hex'),
  ).toBe(first);
});

test('it says nothing of the machine it was made on', async () => {
  const entries: Partial<Header>[] = [];
  await list({ file: join(directory, 'first.tar.gz'), onReadEntry: ({ header }) => entries.push(header) });
  expect(
    entries.map(({ path, mode, uid, uname, mtime }) => ({
      path,
      mode,
      owner: uid ?? 0,
      uname: uname ?? '',
      seconds: Number(mtime),
    })),
  ).toEqual([
    { path: 'LICENSE', mode: 0o644, owner: 0, uname: '', seconds: 0 },
    { path: 'kubectl-etcd', mode: 0o755, owner: 0, uname: '', seconds: 0 },
  ]);
});

test("a Node.js that is not the lock file's is not shipped", async () => {
  const file = join(directory, 'program');
  const integrity = `sha512-${createHash('sha512').update('program\n').digest('base64')}`;
  await expect(checkIntegrity(file, integrity)).resolves.toBeUndefined();
  await writeFile(file, 'another program\n');
  await expect(checkIntegrity(file, integrity)).rejects.toMatchObject({ reason: 'node-altered' });
});
