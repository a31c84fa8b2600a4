import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pausedEtcd, poweredOff, unplugged, withoutApiServers, withoutKubelet } from './injuries.ts';
import type { Injury } from './injuries.ts';
import { caseTimeoutMs, openStage, testAll } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => (stage = await openStage()), caseTimeoutMs);
afterAll(async () => {
  await stage.untilWell();
  await stage.close();
}, caseTimeoutMs);

const around = /^API server https:\S+ does not answer; reaching the agents directly \(access file demo, 3 nodes\)$/m;

describe('the API servers are stopped on all nodes', () => {
  let injury: Injury;
  beforeAll(async () => (injury = await withoutApiServers(stage)), caseTimeoutMs);
  afterAll(async () => {
    await injury.undo();
    await stage.lab.untilHealthy({ timeoutMs: 150_000 });
  }, caseTimeoutMs);

  test('every command goes around them, and says so', async () => {
    const status = await stage.status();
    expect(status.code).toBe(0);
    expect(status.stderr).toMatch(around);
    expect(status.tookMs).toBeLessThan(5_000);
    expect(status.document.access.agents?.map(({ node, reached }) => [node, reached])).toEqual([
      ['cp1', true],
      ['cp2', true],
      ['cp3', true],
    ]);
    for (const argv of [
      ['snapshot', 'save', 'around.db'],
      ['logs', 'cp3', '--tail', '1'],
      ['version'],
      ['access', 'list'],
    ]) {
      const ran = await stage.plugin(argv);
      expect({ argv, code: ran.code }).toEqual({ argv, code: 0 });
      expect(ran.stderr).toMatch(around);
    }
    expect((await stage.plugin(['snapshot', 'verify', 'around.db'])).code).toBe(0);
    expect((await stage.plugin(['access', 'show'])).code).toBe(0);
  }, 60_000);

  test('all pods of the agents are gone: the agents are not', async () => {
    const kill =
      'for id in $(ctr -n k8s.io containers ls -q "labels.\\"io.kubernetes.pod.namespace\\"==kubectl-etcd"); do ' +
      'ctr -n k8s.io tasks kill -s 9 $id && echo killed; done';
    for (const { name } of stage.lab.nodes) expect(await stage.shell(name, kill)).toContain('killed');
    const show = await stage.plugin(['access', 'show']);
    expect(show).toMatchObject({ code: 0 });
    expect(await stage.plugin(['snapshot', 'save', 'no-pods.db'])).toMatchObject({ code: 0 });
  }, 60_000);

  test('root on a node, with nothing else at hand; all laptops are gone', async () => {
    const status = await stage.there('cp2', ['status', '-o', 'json']);
    expect(status).toMatchObject({ code: 0 });
    expect(status.stderr).toBe('No kubeconfig here; reaching the agents from this node, cp2 (3 nodes)\n');
    const kubeadms = await stage.lab.on('cp2', [
      ...['env', 'KUBECONFIG=/etc/kubernetes/admin.conf', '/usr/local/bin/kubectl-etcd', 'status'],
    ]);
    expect(kubeadms).toMatchObject({ code: 0 });
    expect(kubeadms.stderr).toMatch(/^API server https:\S+ does not answer; reaching the agents from this node, cp2/);

    expect(await stage.there('cp2', ['access', 'save', '/run/anna.json', '--name', 'anna@new'])).toMatchObject({
      code: 0,
    });
    const file = join(stage.work, 'anna.json');
    writeFileSync(file, await stage.shell('cp2', 'cat /run/anna.json && rm /run/anna.json'), { mode: 0o600 });
    expect((await stage.plugin(['status', '--access', file])).code).toBe(0);
    // It stands in for the API server that install went through: found by itself where access files lie.
    const home = join(stage.work, 'anna');
    mkdirSync(join(home, '.kube/kubectl-etcd'), { recursive: true });
    copyFileSync(file, join(home, '.kube/kubectl-etcd/demo.json'));
    const found = await stage.plugin(['status'], { environment: { HOME: home } });
    expect(found.code).toBe(0);
    expect(found.stderr).toMatch(around);
    expect((await stage.plugin(['access', 'revoke', 'anna@new'])).code).toBe(0);
    expect((await stage.plugin(['status', '--access', file])).code).toBe(1);
  }, 60_000);

  test(
    'a node is rebooted: its agent answers, and no pod of its is there',
    async () => {
      await (await poweredOff(stage, 'cp3')).undo();
      const begunMs = performance.now();
      for (;;) {
        const { document } = await stage.status();
        if (document.access.agents?.find(({ node }) => node === 'cp3')?.reached === true) break;
        expect(performance.now() - begunMs).toBeLessThan(40_000);
      }
      expect(await stage.plugin(['logs', 'cp3', '--tail', '1'])).toMatchObject({ code: 0 });
    },
    caseTimeoutMs,
  );
});

describe('the quorum is lost', () => {
  afterEach(() => stage.untilWell(), caseTimeoutMs);

  /** What is true whatever took the others away. */
  const lost = async () => {
    const { document, code, tookMs, stderr } = await stage.status();
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /^API server https:\S+ (does not answer|answers without its etcd); reaching the agents directly/m,
    );
    expect(tookMs).toBeLessThan(5_000);
    expect(document.health).toBe('quorum-lost');
    const row = document.members.find(({ node }) => node === 'cp1');
    expect(row).toMatchObject({ status: 'running, cannot commit' });
    expect(document.problems[0]?.next).toBe('kubectl etcd snapshot save --from cp1');
    const saved = await stage.plugin(['snapshot', 'save', 'survivor.db', '--force', '--from', 'cp1']);
    expect(saved.code).toBe(0);
    expect((await stage.plugin(['snapshot', 'verify', 'survivor.db'])).code).toBe(0);
  };

  test(
    'two of three are powered off: said within 5 s, and saved from the survivor, from afar and on it',
    async () => {
      await using _ = await poweredOff(stage, 'cp2', 'cp3');
      await lost();
      const begunMs = performance.now();
      expect(await stage.there('cp1', ['status'])).toMatchObject({ code: 4 });
      expect(performance.now() - begunMs).toBeLessThan(5_000);
      expect(await stage.there('cp1', ['snapshot', 'save', '/run/survivor.db'])).toMatchObject({ code: 0 });
      await stage.shell('cp1', 'rm /run/survivor.db*');
    },
    caseTimeoutMs,
  );

  testAll(
    'two of three are unplugged: the same',
    async () => {
      await using _two = await unplugged(stage, 'cp2');
      await using _three = await unplugged(stage, 'cp3');
      await lost();
    },
    caseTimeoutMs,
  );

  testAll(
    'etcd of two of three is paused: the same',
    async () => {
      await using _two = await pausedEtcd(stage, 'cp2');
      await using _three = await pausedEtcd(stage, 'cp3');
      await lost();
    },
    caseTimeoutMs,
  );
});

describe('one node', () => {
  afterEach(() => stage.untilWell(), caseTimeoutMs);

  test(
    'its kubelet is stopped: nobody gets in by exec, and its agent is reached all the same',
    async () => {
      await using _ = await withoutKubelet(stage, 'cp2');
      const saved = await stage.plugin(['snapshot', 'save', 'no-kubelet.db', '--from', 'cp2']);
      expect(saved.code).toBe(0);
      expect(saved.stderr).toContain('cp2: no way through the API server; reaching the agent directly');
      expect((await stage.status()).code).toBe(0);
    },
    caseTimeoutMs,
  );

  testAll(
    'is unplugged: straight, status names it within 3.5 s',
    async () => {
      await using _ = await unplugged(stage, 'cp3');
      const { document, code, tookMs } = await stage.status(['--access', stage.accessFile]);
      expect(code).toBe(3);
      expect(tookMs).toBeLessThan(3_500);
      expect(document.members.filter(({ healthy }) => !healthy).map(({ node }) => node)).toEqual(['cp3']);
      expect(document.agents.notReady).toEqual(['cp3']);
    },
    caseTimeoutMs,
  );
});
