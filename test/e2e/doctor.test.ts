/** What the doctor says on the real cluster: nothing where nothing is wrong, and the right thing first where something is. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { expiredCertificate } from './expired-certificate.ts';
import { pausedEtcd, replaced, untilEtcd, withoutApiServers } from './injuries.ts';
import { caseTimeoutMs, clusterName, openStage, testAll } from './stage.ts';
import type { Stage } from './stage.ts';

const pki = '/etc/kubernetes/pki';
const certificates = [
  ...['server', 'peer', 'healthcheck-client'].map((name) => `${pki}/etcd/${name}.crt`),
  `${pki}/apiserver-etcd-client.crt`,
];

interface Said {
  readonly findings: readonly {
    readonly severity: string;
    readonly rule: string;
    readonly where: readonly string[];
    readonly commands: readonly string[];
  }[];
}

describe('doctor', () => {
  let stage: Stage;
  beforeAll(async () => (stage = await openStage()), caseTimeoutMs);
  afterAll(() => stage.close());
  afterEach(() => stage.lab.untilHealthy({ timeoutMs: 90_000 }), caseTimeoutMs);

  async function doctor(...flags: string[]) {
    const { code, stdout } = await stage.plugin(['doctor', '-o', 'json', ...flags]);
    const { findings } = JSON.parse(stdout) as Said;
    const said = findings.map(({ severity, rule, where }) => `${severity} ${rule} ${where.join()}`.trim());
    const isNote = (line: string) => line.startsWith('info');
    return { code, findings, alarms: said.filter((line) => !isNote(line)), notes: said.filter(isNote) };
  }

  test(
    'a healthy cluster: no alarm; that kubeadm’s manifest names its node alone is a note',
    async () => {
      const { code, alarms, notes } = await doctor();
      expect({ code, alarms }).toEqual({ code: 0, alarms: [] });
      // kubeadm's own, unless something has rewritten it since.
      const alone: string[] = [];
      for (const { name } of stage.lab.nodes) {
        const text = await stage.shell(name, 'cat /etc/kubernetes/manifests/etcd.yaml');
        if (/--initial-cluster=[^,\n]*$/m.test(text)) alone.push(name);
      }
      expect(notes.filter((note) => note.includes('initial-cluster-alone'))).toEqual(
        alone.length === 0 ? [] : [`info initial-cluster-alone ${alone.join()}`],
      );
    },
    caseTimeoutMs,
  );

  test(
    'a member that hangs: down, quorum is there, and nothing is to be recovered',
    async () => {
      await using _ = await pausedEtcd(stage, 'cp3');
      await sleep(3_000);
      const { code, findings, alarms } = await doctor();
      expect({ code, first: alarms[0] }).toEqual({ code: 1, first: 'critical member-down cp3' });
      expect(findings[0]?.commands.join()).not.toMatch(/recover|restore/);
    },
    caseTimeoutMs,
  );

  test(
    'a copy in the manifest directory',
    async () => {
      const copy = '/etc/kubernetes/manifests/kube-scheduler.yaml.bak';
      await stage.shell('cp2', `cp /etc/kubernetes/manifests/kube-scheduler.yaml ${copy}`);
      try {
        expect((await doctor()).alarms).toEqual(['warning manifest-copy cp2']);
      } finally {
        await stage.shell('cp2', `rm ${copy}`);
      }
    },
    caseTimeoutMs,
  );

  testAll(
    'the API servers are gone: past them, and etcd is well',
    async () => {
      await using _ = await withoutApiServers(stage);
      const { code, alarms } = await doctor();
      expect({ code, alarms }).toEqual({ code: 0, alarms: [] });
    },
    caseTimeoutMs,
  );

  test('every certificate of etcd has expired on every node: found, renewed, and the cluster is back', async () => {
    const nodes = stage.lab.nodes.map(({ name }) => name);
    for (const node of nodes)
      for (const path of certificates)
        // Not undone: what renews them is what puts it right.
        await replaced(stage, { node, path, content: await expiredCertificate(stage, { node, path }) });
    await Promise.all(nodes.map((node) => stage.shell(node, 'pkill -9 -x etcd')));
    await sleep(5_000);
    await untilEtcd(stage, 'cp1', 'there');
    const straight = ['--access', stage.accessFile];
    const sick = await doctor(...straight);
    expect({ code: sick.code, first: sick.alarms[0] }).toEqual({
      ...{ code: 4, first: 'critical quorum-lost cp1,cp2,cp3' },
    });
    expect(sick.findings[0]?.commands[0]).toBe('kubectl etcd certs renew');
    expect((await stage.plugin(['certs', 'check', ...straight])).code).toBe(1);
    const renewed = await stage.plugin(['certs', 'renew', ...straight, '--yes', '--cluster-name', clusterName]);
    expect({ code: renewed.code, stderr: renewed.stderr }).toMatchObject({ code: 0 });
    await stage.lab.untilHealthy({ timeoutMs: 90_000 });
    expect((await stage.plugin(['certs', 'check'])).code).toBe(0);
    expect((await doctor()).alarms).toEqual([]);
  }, 300_000);

  testAll(
    'renewed one node after the other: one API server or another answers throughout',
    async () => {
      const answers: boolean[] = [];
      const done = new AbortController();
      const asking = (async () => {
        while (!done.signal.aborted) {
          const each = await Promise.allSettled(
            stage.lab.nodes.map(({ address }) =>
              stage.kubectl('-s', `https://${address}:6443`, 'get', 'ns', 'kube-system', '--request-timeout=5s'),
            ),
          );
          answers.push(each.some(({ status }) => status === 'fulfilled'));
        }
      })();
      const renewed = await stage.plugin(['certs', 'renew', '--yes', '--cluster-name', clusterName]);
      done.abort();
      await asking;
      expect({ code: renewed.code, stderr: renewed.stderr }).toMatchObject({ code: 0 });
      expect(answers.length).toBeGreaterThan(3);
      expect(answers.filter((answer) => !answer)).toEqual([]);
    },
    300_000,
  );
});
