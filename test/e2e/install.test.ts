import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt } from '../lab/command.ts';
import { checkout } from '../lab/where.ts';
import { caseTimeoutMs, clusterName, openStage, testAll } from './stage.ts';
import type { Stage } from './stage.ts';

/** What install leaves on a node's disk. */
const traces =
  'ls -d /var/lib/kubectl-etcd /etc/systemd/system/kubectl-etcd-agent.service /usr/local/bin/kubectl-etcd 2> /dev/null; true';
const agents = "pgrep -cf '^/[^ ]*/node .*kubectl-etcd-agent.cjs'; true";

describe('install and uninstall', () => {
  let stage: Stage;
  beforeAll(async () => (stage = await openStage()), caseTimeoutMs);
  afterAll(async () => {
    await stage.untilWell();
    await stage.close();
  }, caseTimeoutMs);
  const installation = () =>
    stage.kubectl(
      ...['get', 'namespace,daemonset,pods,serviceaccount,clusterrole,role', '-A', '--ignore-not-found', '-o', 'name'],
    );
  const uninstall = () => stage.plugin(['uninstall']);

  test(
    'uninstall: everything is gone, on the nodes too; again: nothing is installed',
    async () => {
      const ran = await uninstall();
      expect(ran).toMatchObject({ code: 0, stdout: 'the agents are gone; etcd and its snapshots were not touched\n' });
      expect(await installation()).not.toContain('kubectl-etcd');
      for (const { name } of stage.lab.nodes) {
        expect(await stage.shell(name, agents)).toBe('0\n');
        expect(await stage.shell(name, 'ls -A /run/kubectl-etcd 2> /dev/null; true')).toBe('');
        expect(await stage.shell(name, traces)).toBe('');
      }
      expect(await uninstall()).toMatchObject({ code: 0, stdout: 'nothing is installed\n' });
    },
    caseTimeoutMs,
  );

  test('without agents every command says so, and what to do', async () => {
    const status = await stage.plugin(['status']);
    expect(status.code).toBe(1);
    expect(status.stdout + status.stderr).toMatch(/no agent[^]*kubectl etcd install/);
    for (const argv of [
      ['snapshot', 'save', 'x.db'],
      ['logs', 'cp1'],
    ]) {
      const ran = await stage.plugin(argv);
      expect({ argv, code: ran.code, stdout: ran.stdout }).toEqual({ argv, code: 1, stdout: '' });
      expect(ran.stderr).toMatch(/there is no agent[^]*kubectl etcd install/);
    }
  }, 60_000);

  test(
    'install --name: an agent answers on every node; again: up to date, and no pod is replaced',
    async () => {
      const ran = await stage.plugin(['install', '--name', clusterName]);
      expect(ran.code).toBe(0);
      expect(ran.stdout).toMatch(/^demo: 3 of 3 agents answer\n/);
      for (const node of ['cp1', 'cp2', 'cp3'])
        expect(ran.stdout).toMatch(
          new RegExp(`^${node} +0\\.1\\.0 +${node}, static-pod, /etc/kubernetes/manifests/etcd\\.yaml$`, 'm'),
        );
      const pods = await installation();
      const again = await stage.plugin(['install']);
      expect(again).toMatchObject({ code: 0 });
      expect(again.stdout).toMatch(/^demo: 3 of 3 agents answer\n/);
      expect(await installation()).toBe(pods);
      expect((await stage.status()).document.cluster.name).toBe(clusterName);
    },
    caseTimeoutMs,
  );

  test.each(['', '../x', 'a b', '-x', 'x'.repeat(64)])('install --name "%s": refused, exit 2', async (name) => {
    const ran = await stage.plugin(['install', `--name=${name}`]);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/cannot be a cluster's name[^]*next .*--name/);
  });

  testAll(
    'an image that cannot be pulled: exit 3 by the time given, naming nodes and why; install puts it right',
    async () => {
      await stage.install();
      const ran = await stage.plugin(['install', '--image', 'registry.invalid/agent:v9', '--timeout', '30']);
      expect(ran.code).toBe(3);
      expect(ran.stdout).toMatch(/^demo: 0 of 3 agents answer\n/);
      expect(ran.stdout).toMatch(/^cp\d +(ErrImagePull|ImagePullBackOff|ContainerCreating)/m);
      // One agent at a time is replaced: the others are left as they were.
      expect(ran.stdout).toMatch(/^cp\d +still that of an earlier installation/m);
      expect((await stage.plugin(['install'])).code).toBe(0);
    },
    caseTimeoutMs,
  );

  testAll(
    'the default name tells one cluster from the next',
    async () => {
      await uninstall();
      expect((await stage.plugin(['install'])).stdout).toMatch(/^kubernetes-[0-9a-f]{8}: 3 of 3 agents answer\n/);
      expect((await stage.install()).stdout).toMatch(/^demo: 3 of 3 agents answer\n/);
    },
    caseTimeoutMs,
  );

  testAll(
    'kubectl apply -k manifests: the same agents, without the plugin',
    async () => {
      await uninstall();
      const applied = await attempt([
        stage.lab.kubectlPath,
        `--kubeconfig=${stage.lab.kubeconfig}`,
        'apply',
        '-k',
        join(checkout, 'manifests'),
      ]);
      expect(applied.code).toBe(0);
      await stage.kubectl('-n', 'kubectl-etcd', 'rollout', 'status', 'daemonset/kubectl-etcd-agent', '--timeout=90s');
      const { code, document } = await stage.status();
      expect(code).toBe(0);
      expect(document.agents).toEqual({ missing: [], notReady: [], otherVersion: [] });
      expect((await stage.plugin(['snapshot', 'save', 'applied.db'])).code).toBe(0);
      const manifest = await readFile(join(stage.work, 'applied.db.json'), 'utf8');
      await writeFile(join(stage.work, 'seen.json'), manifest);
      expect((await stage.install()).code).toBe(0);
    },
    caseTimeoutMs,
  );
});
