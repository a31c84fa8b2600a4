import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt } from '../lab/command.ts';
import { checkout } from '../lab/where.ts';
import { pausedEtcd } from './injuries.ts';
import { caseTimeoutMs, clusterName, openStage, roles } from './stage.ts';
import type { Stage } from './stage.ts';

describe('status of a healthy cluster', () => {
  let stage: Stage;
  beforeAll(async () => (stage = await openStage()), caseTimeoutMs);
  afterAll(() => stage.close());

  test("-o json: the fields that scripts were promised, with etcdctl's own values", async () => {
    const { document, code, stderr } = await stage.status();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const uid = await stage.kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}');
    const listed = JSON.parse((await stage.lab.etcdctl('cp1', ['member', 'list', '-w', 'json', '--hex'])).stdout) as {
      header: { cluster_id: string };
      members: { ID: string; name: string }[];
    };
    expect(document.cluster).toEqual({ name: clusterName, uid, etcdClusterId: listed.header.cluster_id });
    expect(document.quorum).toMatchObject({ members: 3, needed: 2, healthy: 3, canLose: 1 });
    expect(document.members.map(({ name, id, node }) => [name, id, node])).toEqual(
      ['cp1', 'cp2', 'cp3'].map((name) => [name, listed.members.find((member) => member.name === name)?.ID, name]),
    );
    for (const member of document.members) {
      expect(member).toMatchObject({ healthy: true, learner: false, version: '3.5.16', alarms: [], errors: [] });
      expect(Object.keys(member)).toEqual(expect.arrayContaining([...promised]));
      for (const field of counters) expect(member[field]).toBeGreaterThan(0);
      expect(member.endpoint).toMatch(/^https:\/\/[\d.]+:2379$/);
    }
    expect(document.members.filter(({ leader }) => leader)).toHaveLength(1);
  });

  test('table, wide, yaml, name; another output is wrong usage', async () => {
    const table = await stage.plugin(['status']);
    expect(table).toMatchObject({ code: 0 });
    const lines = table.stdout.split('\n');
    expect(lines[0]).toBe('CLUSTER demo   MEMBERS 3 of 3 healthy   QUORUM 2, may lose 1');
    expect(lines[2]).toMatch(/^NODE +MEMBER +ROLE +STATUS +VERSION +DB SIZE/);
    expect(lines.slice(3, 6).map((line) => line.split(' ')[0])).toEqual(['cp1', 'cp2', 'cp3']);
    expect((await stage.plugin(['status', '-o', 'wide'])).stdout).toMatch(/RAFT TERM +RAFT INDEX.*AGENT/);
    expect((await stage.plugin(['status', '-o', 'yaml'])).stdout).toMatch(
      /^health: healthy\ncluster:\n {2}name: demo\n/,
    );
    expect((await stage.plugin(['status', '-o', 'name'])).stdout).toBe('member/cp1\nmember/cp2\nmember/cp3\n');
    expect(await stage.plugin(['status', '-o', 'xml'])).toMatchObject({ code: 2, stdout: '' });
  }, 30_000);

  test('through kubectl, as its plugin, with its connection flags', async () => {
    const { kubectlPath, kubeconfig } = stage.lab;
    const env = {
      PATH: `${join(checkout, 'dist')}:${dirname(kubectlPath)}:${process.env['PATH'] ?? ''}`,
      KUBECONFIG: '',
    };
    const ran = await attempt([kubectlPath, 'etcd', 'status', '--kubeconfig', kubeconfig], { env });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^CLUSTER demo /);
  });

  test('version: plugin, agents, etcd', async () => {
    const ran = await stage.plugin(['version', '-o', 'json']);
    expect(ran.code).toBe(0);
    const { plugin, nodes } = JSON.parse(ran.stdout) as { plugin: string; nodes: Record<string, unknown>[] };
    expect(nodes).toEqual(
      ['cp1', 'cp2', 'cp3'].map((node) => ({ node, agent: plugin, etcd: '3.5.16', problem: null })),
    );
  });

  test(
    '--watch: sees a member go and come back, until Ctrl-C',
    async () => {
      const { follower } = await roles(stage);
      const ran = await stage.plugin(['status', '--watch'], {
        meanwhile: (child, output) => {
          void (async () => {
            await shown(output, /3 of 3 healthy/);
            const paused = await pausedEtcd(stage, follower);
            await shown(output, /2 of 3 healthy/).finally(() => paused.undo());
            await shown(output, /2 of 3 healthy[^]*3 of 3 healthy/);
          })().finally(() => child.kill('SIGINT'));
        },
      });
      expect(ran.stdout).toMatch(/3 of 3 healthy[^]*2 of 3 healthy[^]*does not answer[^]*3 of 3 healthy/);
      expect(ran.code).toBe(0);
    },
    caseTimeoutMs,
  );
});

const counters = ['dbSizeBytes', 'dbInUseBytes', 'raftTerm', 'raftIndex', 'revision'] as const;
const promised = ['leader', 'alarms', 'errors', 'endpoint', ...counters] as const;

async function shown(output: { readonly stdout: string }, wanted: RegExp): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!wanted.test(output.stdout)) {
    if (performance.now() > endMs) throw new Error(`not shown within 30 s: ${wanted.source}`);
    await sleep(100);
  }
}
