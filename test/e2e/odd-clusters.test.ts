import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { movedAside, untilEtcd } from './injuries.ts';
import { agentPod, caseTimeoutMs, openStage, testAll } from './stage.ts';
import type { Stage } from './stage.ts';

const roleLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];
const versionLabel = 'app.kubernetes.io/version';
const node = 'cp3';

describe('clusters that are not as they should be', () => {
  let stage: Stage;
  beforeAll(async () => (stage = await openStage()), caseTimeoutMs);
  afterAll(() => stage.close());
  afterEach(() => stage.untilWell(), caseTimeoutMs);

  test(
    'a node without agent: its member is shown all the same, the node is named, save goes elsewhere; install brings it back',
    async () => {
      await stage.kubectl('label', 'node', node, 'kubectl-etcd-e2e=without');
      try {
        await excludeFromDaemonSet(stage);
        await stage.kubectl('-n', 'kubectl-etcd', 'rollout', 'status', 'daemonset/kubectl-etcd-agent', '--timeout=90s');
        const { document } = await stage.status();
        expect(document.agents.missing).toEqual([node]);
        expect(document.members.find((member) => member.node === node)).toMatchObject({ healthy: true, agent: null });
        expect((await stage.plugin(['status'])).stdout).toMatch(/cp3: no agent runs here: kubectl etcd install/);
        const version = await stage.plugin(['version']);
        expect({ code: version.code, says: /^cp3 .*no agent/m.test(version.stdout) }).toEqual({ code: 3, says: true });
        expect((await stage.plugin(['snapshot', 'save', 'elsewhere.db'])).code).toBe(0);
        const here = await stage.plugin(['snapshot', 'save', 'here.db', '--from', node]);
        expect(here.code).toBe(1);
        expect(here.stderr).toMatch(/error: there is no agent\n {2}node {2}cp3\n {2}next {2}kubectl etcd install/);
      } finally {
        await stage.kubectl('label', 'node', node, 'kubectl-etcd-e2e-');
      }
    },
    caseTimeoutMs,
  );

  test(
    'an agent of another version: named by status; install brings it back',
    async () => {
      const pod = await agentPod(stage, node);
      await stage.kubectl('-n', 'kubectl-etcd', 'label', 'pod', pod, '--overwrite', `${versionLabel}=0.0.9`);
      const { document } = await stage.status();
      expect(document.agents.otherVersion).toEqual([node]);
      const { stdout } = await stage.plugin(['status']);
      expect(stdout).toMatch(/cp3: the agent is version 0\.0\.9, the plugin \d+\.\d+\.\d+: kubectl etcd install/);
      await stage.kubectl('-n', 'kubectl-etcd', 'delete', 'pod', pod, '--wait=false');
    },
    caseTimeoutMs,
  );

  test(
    'no control-plane nodes: each command says so; install touches nothing',
    async () => {
      const labelled = await Promise.all(
        roleLabels.map((label) => stage.kubectl('get', 'nodes', '-l', label, '-o', 'name')),
      );
      try {
        for (const label of roleLabels) await stage.kubectl('label', 'nodes', '--all', `${label}-`);
        for (const [argv, code] of [
          [['status'], 1],
          [['snapshot', 'save', 'x.db'], 1],
          [['install'], 5],
        ] as const) {
          const ran = await stage.plugin(argv);
          expect({ argv, code: ran.code }).toEqual({ argv, code });
          expect(ran.stdout + ran.stderr).toMatch(/no control-plane nodes[^]*node-role\.kubernetes\.io\/control-plane/);
        }
      } finally {
        for (const [index, label] of roleLabels.entries())
          for (const name of labelled[index]?.trim().split('\n').filter(Boolean) ?? [])
            await stage.kubectl('label', name, `${label}=`);
      }
    },
    caseTimeoutMs,
  );

  testAll(
    'etcd elsewhere: the agent says what the API server points to',
    async () => {
      const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml';
      await using etcd = await movedAside(stage, node, '/etc/kubernetes/manifests/etcd.yaml');
      await untilEtcd(stage, node, 'gone');
      await stage.shell(
        node,
        `cp -a ${manifest} /root/kube-apiserver.yaml && sed -i 's#--etcd-servers=.*#--etcd-servers=https://etcd.example.com:2379#' ${manifest}`,
      );
      try {
        const { stderr, code } = await stage.plugin(['snapshot', 'save', 'x.db', '--from', node]);
        expect(code).not.toBe(0);
        expect(stderr).toMatch(/https:\/\/etcd\.example\.com:2379/);
        expect(stderr).toMatch(/next /);
      } finally {
        await stage.shell(node, `cp -a /root/kube-apiserver.yaml ${manifest}`);
      }
      expect(etcd).toBeDefined();
    },
    caseTimeoutMs,
  );
});

/** The DaemonSet leaves the labelled node alone. */
async function excludeFromDaemonSet({ kubectl }: Stage): Promise<void> {
  const expression = { key: 'kubectl-etcd-e2e', operator: 'DoesNotExist' };
  const terms = roleLabels.map((key) => ({ matchExpressions: [{ key, operator: 'Exists' }, expression] }));
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
  const patch = JSON.stringify({ spec: { template: { spec: { affinity } } } });
  await kubectl('-n', 'kubectl-etcd', 'patch', 'daemonset', 'kubectl-etcd-agent', '--type=merge', '-p', patch);
}
