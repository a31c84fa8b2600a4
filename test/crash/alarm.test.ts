/** A snapshot of a cluster that had run into its quota, restored under the same quota: real etcd, a real alarm. The restored cluster takes writes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { runPlugin } from '../local/run-plugin.ts';

const quotaBytes = 8 * 1024 ** 2;

let work: string;
let etcdDirectory: string;
let cluster: LocalCluster;

beforeAll(async () => {
  work = mkdtempSync('/tmp/kea-');
  etcdDirectory = dirname((await etcdBinaries('3.5')).binaries[0] ?? '');
  cluster = await startLocalCluster({ directory: join(work, 'c'), etcdDirectory, tls: true, quotaBytes });
}, 60_000);
afterAll(async () => {
  await cluster.stop();
  rmSync(work, { recursive: true, force: true });
});

const plugin = (...argv: string[]) => runPlugin(argv, { environment: cluster.environment, cwd: work });
const etcdctl = (...argv: string[]) =>
  execFileSync(join(etcdDirectory, 'etcdctl'), ['--endpoints', cluster.member('n1').clientUrl, ...argv], {
    encoding: 'utf8',
    env: { ...process.env, ETCDCTL_API: '3' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
const alarms = () => etcdctl('alarm', 'list').match(/NOSPACE/g) ?? [];

test('NOSPACE: named in the plan, the history that filled it given back, and taken back on all members', async () => {
  // One key, again and again: what fills most databases is history.
  for (let write = 0; alarms().length === 0; write += 1) {
    if (write === 300) throw new Error('the quota is not reached');
    try {
      etcdctl('put', '/kept', `${write} ${'x'.repeat(100_000)}`);
    } catch {
      // This one is no longer taken.
    }
  }
  expect(() => etcdctl('put', '/refused', 'x')).toThrow();
  expect(await plugin('snapshot', 'save', 'full.db')).toMatchObject({ code: 0 });

  const dry = await plugin('restore', 'full.db', '--dry-run');
  expect(dry.stdout).toContain(
    'The snapshot carries the alarm NOSPACE: the members are defragmented, and it is taken back.',
  );
  const ran = await plugin('restore', 'full.db', '--yes', '--cluster-name', 'local', '-o', 'json');
  if (ran.code !== 0) throw new Error(ran.stdout + ran.stderr);
  expect(JSON.parse(ran.stdout)).toMatchObject({ outcome: 'done', warnings: [] });
  expect(alarms()).toEqual([]);
  for (let write = 0; write < 10; write += 1) etcdctl('put', `/more/${write}`, 'x'.repeat(100_000));
  expect(alarms()).toEqual([]);
  expect(await plugin('status')).toMatchObject({ code: 0 });
}, 180_000);
