/** A unit's files on a disk of its own: what is held, what is edited, and what is brought back. systemd itself answers on the lab (test/e2e/systemd.test.ts). */
import { expect, test } from '@jest/globals';
import { chmod, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { etcdConfigurationOf } from '../../../agent/host/etcd-configuration.ts';
import { SystemdControl } from '../../../agent/host/systemd-control.ts';
import type { Workload } from '../../../core/operation/steps.ts';
import { scratchRoot } from './scratch-root.ts';

const file = '/etc/etcd/etcd.conf';
const aside = '/etc/etcd/kubectl-etcd/r-2345/etcd.conf';
const hold = 'etc/systemd/system/etcd.service.d/99-kubectl-etcd-stopped.conf';
const before =
  '# ours\nETCD_NAME=cp1\nETCD_INITIAL_CLUSTER="cp1=https://10.0.0.1:2380"\nETCD_INITIAL_CLUSTER_STATE="new"\n';
const after =
  '# ours\nETCD_NAME=cp1\nETCD_INITIAL_CLUSTER="cp1=https://10.0.0.1:2380,cp2=https://10.0.0.2:2380"\nETCD_INITIAL_CLUSTER_STATE="existing"\n';
const unit = {
  ...{ by: 'systemd', component: 'etcd', unit: 'etcd.service', environment: { file, aside } },
} satisfies Workload;
const flags = {
  'initial-cluster': 'cp1=https://10.0.0.1:2380,cp2=https://10.0.0.2:2380',
  'initial-cluster-state': 'existing',
};

test('stopped, started with other variables, taken back, started: as it was, whatever is done twice', async () => {
  await using host = await scratchRoot({ [file]: before, '/etc/systemd/system/etcd.service': '[Service]\n' });
  await chmod(join(host.folder, file), 0o640);
  const asked: string[] = [];
  const run = (argv: readonly string[]) => {
    asked.push(argv.join(' '));
    return Promise.resolve('inactive\n');
  };
  const control = new SystemdControl(unit, { node: 'cp1', root: host.root, run, processDirectory: undefined });
  const options = { signal: new AbortController().signal, progress: () => undefined };
  const edit = (text: string) => etcdConfigurationOf(unit)?.withFlags(text, flags) ?? '';
  const read = (path: string) => readFile(join(host.folder, path), 'utf8').catch(() => undefined);

  for (let times = 0; times < 2; times += 1) await control.stop(2, options);
  expect(await read(hold)).toMatch(/ConditionPathExists=/);
  expect(asked).toContain('systemctl stop etcd.service');
  for (let times = 0; times < 2; times += 1) await control.start({ ...options, edit });
  expect([await read(file), await read(aside), await read(hold)]).toEqual([after, before, undefined]);
  expect((await stat(join(host.folder, file))).mode & 0o777).toBe(0o640);
  for (let times = 0; times < 2; times += 1) await control.takeBack(2, options);
  expect([await read(file), await read(aside)]).toEqual([before, undefined]);
  expect(await read(hold)).toBeDefined();
  await control.start(options);
  expect([await read(file), await read(hold)]).toEqual([before, undefined]);
});

test('only etcd is configured, and only where its variables stand in a file', () => {
  expect(etcdConfigurationOf({ ...unit, component: 'kube-apiserver' })).toBeUndefined();
  expect(etcdConfigurationOf({ by: 'systemd', component: 'etcd', unit: 'etcd.service' })).toBeUndefined();
  // The local mode's description is what it is started with.
  expect(etcdConfigurationOf({ by: 'process', component: 'etcd' })?.file).toBeUndefined();
});
