/** A cluster that is restored from another's snapshot is that other one from then on, to all agents and to every access file. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { runPlugin } from '../local/run-plugin.ts';

const first = 'aaaaaaaa-0000-4000-8000-000000000001';
const other = 'bbbbbbbb-0000-4000-8000-000000000002';

let work: string;
let etcdDirectory: string;
let cluster: LocalCluster;

beforeAll(async () => {
  work = mkdtempSync('/tmp/keo-');
  etcdDirectory = dirname((await etcdBinaries('3.5')).binaries[0] ?? '');
  cluster = await startLocalCluster({ directory: join(work, 'c'), etcdDirectory, members: 1, tls: true });
}, 60_000);
afterAll(async () => {
  await cluster.stop();
  rmSync(work, { recursive: true, force: true });
});

const plugin = (...argv: string[]) => runPlugin(argv, { environment: cluster.environment, cwd: work });
const restore = async (name: string, ...flags: string[]) => {
  const ran = await plugin('restore', `${name}.db`, '--yes', '--cluster-name', 'local', ...flags);
  return { code: ran.code, reason: /another cluster|is of this cluster/.exec(ran.stderr)?.[0] };
};

/** As an API server stores it, but in JSON. */
async function savedAs(name: string, uid: string): Promise<void> {
  const namespace = { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'kube-system', uid } };
  const put = ['put', '/registry/namespaces/kube-system', JSON.stringify(namespace)];
  execFileSync(join(etcdDirectory, 'etcdctl'), ['--endpoints', cluster.member('n1').clientUrl, ...put], {
    env: { ...process.env, ETCDCTL_API: '3' },
  });
  expect(await plugin('snapshot', 'save', `${name}.db`)).toMatchObject({ code: 0 });
}

test('whose snapshots are its own changes with the one that is restored', async () => {
  await savedAs('first', first);
  await savedAs('other', other);
  expect(await restore('first')).toEqual({ code: 0, reason: undefined });
  expect(await restore('other')).toEqual({ code: 5, reason: 'another cluster' });
  expect(await restore('other', '--different-cluster', other)).toEqual({ code: 0, reason: undefined });
  expect(await restore('other', '--different-cluster', other)).toEqual({ code: 5, reason: 'is of this cluster' });
  expect(await restore('other')).toEqual({ code: 0, reason: undefined });
  expect(await restore('first')).toEqual({ code: 5, reason: 'another cluster' });
}, 120_000);
