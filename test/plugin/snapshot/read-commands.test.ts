/** The commands that look into a file, as processes, on snapshots of a real etcd and a real API server. */
import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fixtures } from '../../core/snapshot/fixtures/fixtures.ts';

const main = path.join(import.meta.dirname, '../../../plugin/main.ts');
const { kubernetes, etcd35 } = fixtures;

function run(...words: string[]): { readonly exit: number | null; readonly out: string; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'snapshot', ...words], { encoding: 'utf8' });
  return { exit: status, out: stdout, said: stderr };
}

describe('kubectl etcd snapshot', () => {
  test.each<[words: string[], exit: number, out: RegExp]>([
    [['status', etcd35], 0, /^HASH +c4c562e1\nREVISION +67 \(compacted at 30\)\nLIVE KEYS +23 /],
    [
      ['status', etcd35, '-o', 'json'],
      0,
      /^\{\n {2}"hash": 3301270241,\n {2}"revision": 67,\n {2}"totalKey": 67,\n {2}"totalSize": 65536,/,
    ],
    [['ls', kubernetes], 0, /^RESOURCE +OBJECTS\n[\s\S]*^secrets +2$/m],
    [
      ['ls', kubernetes, 'secrets', '-n', 'shop'],
      0,
      /^shop +plain +\d+ +2026-\S+Z\nshop +sealed +\d+ +encrypted by aescbc with key key1$/m,
    ],
    [['ls', kubernetes, 'deploy', '-A', '-o', 'name'], 0, /^deployments\/cart\n$/],
    [
      ['get', kubernetes, 'deploy', 'cart', '-n', 'shop'],
      0,
      /^apiVersion: apps\/v1\nkind: Deployment\n[\s\S]*maxSurge: 25%/,
    ],
    [['get', kubernetes, 'pv', 'pv1', '-o', 'json'], 0, /"storage": "5Gi"/],
    [['get', kubernetes, 'pv/pv1', '-o', 'json'], 0, /"storage": "5Gi"/],
    [['get', kubernetes, 'secret', 'plain', '-n', 'shop', '-o', 'yaml'], 0, /password: aHVudGVyMg==/],
    [['get', kubernetes, 'secret', 'plain', '-n', 'shop', '-o', 'raw'], 0, /^k8s\0/],
    [['keys', etcd35, '/registry/key1', '--revision', '50'], 0, /^\/registry\/key1\n\/registry\/key10\n/],
    [['keys', etcd35, '/registry/a', '--values'], 0, /^\/registry\/a\tone\n$/],
    [['usage', kubernetes], 0, /^48\.0 KiB: .* live .* history .* free .* overhead/],
  ])('%j', (words, exit, out) => {
    const ran = run(...words);
    expect(ran).toMatchObject({ exit, said: '' });
    expect(ran.out).toMatch(out);
  });

  test.each<[words: string[], exit: number, said: RegExp]>([
    [
      ['get', kubernetes, 'secret', 'sealed', '-n', 'shop'],
      1,
      /encrypted at rest\n +why +by aescbc v1 with the key "key1".*\n.* secret sealed -n shop -o raw\n/,
    ],
    [['get', kubernetes, 'pod'], 2, /"pod" names no object/],
    [['get', kubernetes, 'pod', 'none', '-o', 'yml'], 2, /-o takes yaml, json, raw\n/],
    [['get', kubernetes, 'pod', 'none'], 1, /has no pod "none" in the namespace default/],
    [['ls', kubernetes, 'gadgets'], 1, /has no gadgets/],
    [['keys', etcd35, '--revision', '29'], 1, /no longer holds revision 29[\s\S]*--revision 30/],
    [['keys', etcd35, '--revision', 'x'], 2, /"x" is no revision/],
    [['status', '/nowhere.db'], 1, /there is no such file\n +next +give the path of a snapshot/],
    [['status', main], 1, /is not a bbolt database\n +why +it looks like text/],
    [['ls', etcd35], 1, /has no objects of Kubernetes under \/registry\/\n +next +kubectl etcd snapshot keys /],
    [
      ['ls', kubernetes, 'secrets', '-n', 'none'],
      1,
      /has no secrets in the namespace none\n +next .* ls \S+ secrets$/m,
    ],
    [['keys', etcd35, '/nothing'], 1, /has no keys that begin with "\/nothing"/],
    [['status', etcd35, '-o', 'wide'], 2, /no output format "wide"/],
  ])('%j fails and says why', (words, exit, said) => {
    const ran = run(...words);
    expect(ran).toMatchObject({ exit, out: '' });
    expect(ran.said).toMatch(said);
  });
});
