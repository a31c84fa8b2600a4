import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ran } from '../local/run-plugin.ts';
import { poweredOff, untilEtcd } from './injuries.ts';
import { clusterName, openStage } from './stage.ts';
import type { Stage } from './stage.ts';

const caseMs = 400_000;
const nodes = ['cp1', 'cp2', 'cp3'];
const consent = ['--yes', '--cluster-name', clusterName];
const kept = 'recover-kept';

describe('recover', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await stage.kubectl('-n', 'default', 'create', 'configmap', kept, '--from-literal=a=b');
  }, caseMs);
  afterAll(async () => {
    await stage.untilWell();
    await stage.kubectl('-n', 'default', 'delete', 'configmap', kept, '--ignore-not-found');
    await stage.plugin(['kept', 'delete', '--all', ...consent]);
    // What is left of them is history, which outlives an uninstall.
    for (const node of nodes) await stage.shell(node, 'rm -rf /var/lib/kubectl-etcd/operations');
    await stage.close();
  }, caseMs);

  /** Past the API server, which is down. */
  const plugin = (...argv: string[]) => stage.plugin([...argv, '--access', stage.accessFile]);
  const keptIsThere = async () =>
    expect(await stage.kubectl('-n', 'default', 'get', 'configmap', kept, '-o', 'jsonpath={.data.a}')).toBe('b');

  /** No manifest and no process has the flag, and nothing else lies in the kubelet's directory. */
  async function expectNoFlag(node: string): Promise<void> {
    const look = "grep -rl force-new-cluster /etc/kubernetes/manifests; tr '\\0' ' ' < /proc/$(pidof etcd)/cmdline";
    const found = await stage.shell(node, look);
    expect(found).not.toContain('force-new-cluster');
    expect(found).toContain('--initial-cluster-state=existing');
  }

  async function expectWhole(): Promise<void> {
    await stage.lab.untilHealthy({ timeoutMs: 120_000 });
    const { stdout } = done(await plugin('status'));
    expect(stdout).toMatch(/MEMBERS 3 of 3 healthy/);
    await keptIsThere();
    for (const node of nodes) await expectNoFlag(node);
  }

  test(
    'two of three lost their data: they come back with what the third has, by one command on that node',
    async () => {
      for (const node of ['cp2', 'cp3']) await stage.shell(node, 'mv /etc/kubernetes/manifests/etcd.yaml /root/');
      for (const node of ['cp2', 'cp3']) await untilEtcd(stage, node, 'gone');
      for (const node of ['cp2', 'cp3'])
        await stage.shell(node, 'rm -rf /var/lib/etcd/member && mv /root/etcd.yaml /etc/kubernetes/manifests/');
      await untilNoQuorum();
      const there = ['/usr/local/bin/kubectl-etcd', 'recover', ...consent];
      done(await stage.lab.on('cp1', there, { timeoutMs: 300_000 }));
      await expectWhole();
    },
    caseMs,
  );

  test(
    'two of three are powered off: the third serves; booted again they are fenced, and rejoin',
    async () => {
      await using off = await poweredOff(stage, 'cp2', 'cp3');
      await untilNoQuorum();
      expect((await plugin('recover', ...consent)).code).toBe(5);
      const ran = done(await plugin('recover', '--dead', 'cp2', '--dead', 'cp3', ...consent, '-o', 'json'));
      const report = JSON.parse(ran.stdout) as { outcome: string; wholeMs: number };
      expect(report.outcome).toBe('done');
      await keptIsThere();
      await stage.kubectl('-n', 'default', 'annotate', 'configmap', kept, 'alone=yes', '--overwrite');
      await expectNoFlag('cp1');

      await off.undo();
      for (const node of ['cp2', 'cp3']) {
        await untilFenced(node);
        await untilEtcd(stage, node, 'gone');
      }
      for (const node of ['cp2', 'cp3']) done(await plugin('member', 'rejoin', node, ...consent));
      await expectWhole();
    },
    caseMs,
  );

  /** A leader that has lost its followers steps down within an election's time. */
  async function untilNoQuorum(): Promise<void> {
    const endMs = Date.now() + 60_000;
    while ((await plugin('status')).code !== 4) {
      if (Date.now() > endMs) throw new Error('quorum is not lost');
      await sleep(500);
    }
  }

  async function untilFenced(node: string): Promise<void> {
    for (const endMs = Date.now() + 120_000; ;) {
      const { stdout, stderr } = await plugin('status');
      if (new RegExp(`${node}: fenced`).test(`${stdout}${stderr}`)) return;
      if (Date.now() > endMs) throw new Error(`${node} is not fenced: ${stdout}${stderr}`);
      await sleep(500);
    }
  }
});

function done<Some extends Pick<Ran, 'stdout' | 'stderr'> & { readonly code: number | null }>(ran: Some): Some {
  if (ran.code !== 0) throw new Error(`exit code ${ran.code ?? 'none'}: ${ran.stdout}${ran.stderr}`);
  return ran;
}
