import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { NetworkAccess } from '../../../core/access/access-file.ts';
import { followed, followNodes } from '../../../plugin/link/follow-nodes.ts';

/** `cp1 10.0.0.11,10.9.9.1 2378` */
const place = (line: string) => {
  const [name = '', addresses = '', port = '2378'] = line.split(' ');
  return { name, addresses: addresses.split(',').filter(Boolean), port: Number(port) };
};
const places = (text: string) => text.split('; ').filter(Boolean).map(place);

test.each<[string, string, string, string | undefined]>([
  ['nothing is new', 'cp1 a; cp2 b', 'cp1 a; cp2 b', undefined],
  ['an outer address that the agents do not know stays', 'cp1 a,outer', 'cp1 a', undefined],
  ['another order is nothing new', 'cp1 a,b', 'cp1 b,a', undefined],
  ['a node has moved', 'cp1 a; cp2 b', 'cp1 a; cp2 c', 'cp1 a; cp2 c,b'],
  ['a port has changed', 'cp1 a', 'cp1 a 2390', 'cp1 a 2390'],
  ['a node has come', 'cp1 a', 'cp1 a; cp2 b', 'cp1 a; cp2 b'],
  ['a node has left', 'cp1 a; cp2 b', 'cp1 a', 'cp1 a'],
  ['an agent that knows of nobody is not believed', 'cp1 a', '', undefined],
])('%s', (_, known, told, expected) => {
  expect(followed(places(known), places(told))).toEqual(expected === undefined ? undefined : places(expected));
});

test('addresses of years do not gather', () => {
  const known = [{ name: 'cp1', addresses: Array.from({ length: 16 }, (_, index) => `old${index}`), port: 2378 }];
  const [node] = followed(known, places('cp1 new')) ?? [];
  expect(node?.addresses).toHaveLength(16);
  expect(node?.addresses[0]).toBe('new');
});

describe('the file', () => {
  let directory: string;
  let path: string;
  const access: NetworkAccess = {
    formatVersion: 1,
    cluster: { name: 'prod', apiServers: [] },
    nodes: places('cp1 a'),
    ...{ holder: 'anna', issuedAt: '', expiresAt: '' },
    ...{ authority: '-----BEGIN A', certificate: '-----BEGIN C\n', key: '-----BEGIN K' },
  };
  const nodesIn = (file: string) => (JSON.parse(readFileSync(file, 'utf8')) as NetworkAccess).nodes;
  const follow = () => followNodes(path, access, places('cp1 b'));
  beforeEach(() => {
    directory = mkdtempSync('/tmp/kfn-');
    path = join(directory, 'prod.json');
    writeFileSync(path, `${JSON.stringify(access, null, 2)}\n`, { mode: 0o600 });
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('is replaced, 0600, and nothing is left beside it', async () => {
    await follow();
    expect(nodesIn(path)).toEqual(places('cp1 b,a'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['prod.json']);
  });

  test.each<[string, () => void]>([
    ['read-only', () => chmodSync(path, 0o400)],
    [
      'one that has another certificate by now',
      () => writeFileSync(path, JSON.stringify({ ...access, certificate: 'C2' })),
    ],
    [
      'a link to where somebody keeps it',
      () => {
        rmSync(path);
        writeFileSync(join(directory, 'kept'), JSON.stringify(access));
        symlinkSync('kept', path);
      },
    ],
  ])('is left alone: %s', async (_, make) => {
    make();
    const before = readFileSync(path, 'utf8');
    await follow();
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test('that cannot be written is no error', async () => {
    rmSync(path);
    await expect(follow()).resolves.toBeUndefined();
  });
});
