import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { scratchRoot } from './scratch-root.ts';

test.each([
  ['/etc/plain', '/etc/plain'],
  ['/etc/kubernetes/pki/ca.crt', '/data/pki/ca.crt'],
  ['/etc/relative', '/etc/plain'],
  ['/etc/above', '/etc/plain'],
  ['/etc/chain', '/data/pki/ca.crt'],
  ['/etc/nowhere', '/not/there'],
  ['/etc/../../../etc/./plain', '/etc/plain'],
  ['/etc/kubernetes/pki/../x', '/data/x'],
])('%s is %s on the host', async (path, canonical) => {
  await using scratch = await scratchRoot({
    '/etc/plain': 'plain',
    '/data/pki/ca.crt': 'ca',
    '/etc/kubernetes/pki': '-> /data/pki',
    '/etc/relative': '-> plain',
    '/etc/above': '-> ../../../../etc/plain',
    '/etc/chain': '-> /etc/kubernetes/pki/ca.crt',
    '/etc/nowhere': '-> /not/there',
  });
  expect(await scratch.root.canonical(path)).toBe(canonical);
});

test('a link to itself and one that grows end', async () => {
  await using scratch = await scratchRoot({ '/loop': '-> /loop', '/grows': '-> grows/more' });
  await expect(scratch.root.readFile('/loop')).rejects.toMatchObject({ reason: 'host-path-loop' });
  await expect(scratch.root.readFile('/grows')).rejects.toMatchObject({ reason: 'host-path-loop' });
});

test('reads whole files within the limit, and says precisely why not otherwise', async () => {
  await using scratch = await scratchRoot({ '/full': 'x'.repeat(100), '/folder/file': '' });
  expect((await scratch.root.readFile('/full', 100)).length).toBe(100);
  await expect(scratch.root.readFile('/full', 99)).rejects.toMatchObject({ reason: 'host-file-too-large' });
  await expect(scratch.root.readFile('/missing')).rejects.toMatchObject({ reason: 'host-file-missing' });
  await expect(scratch.root.readFile('/full/below')).rejects.toMatchObject({ reason: 'host-file-missing' });
  await expect(scratch.root.readFile('/folder')).rejects.toMatchObject({ reason: 'host-file-unreadable' });
});

test('does not wait for a pipe that nobody writes to', async () => {
  await using scratch = await scratchRoot({});
  await promisify(execFile)('mkfifo', [join(scratch.folder, 'pipe')]);
  await expect(scratch.root.readFile('/pipe')).rejects.toMatchObject({ why: 'it is not a file' });
});
