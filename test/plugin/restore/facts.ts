/** What a restore is planned from, for the tables of cases: everything is well, but for what a case says. */
import type { NodeSurvey } from '../../../core/operation/messages.ts';
import type { Workload } from '../../../core/operation/steps.ts';
import type { SnapshotManifest } from '../../../core/snapshot/manifest.ts';
import type { ReadyNode, RestoreFacts } from '../../../plugin/restore/plan-restore.ts';
import type { SnapshotFacts } from '../../../plugin/restore/snapshot-facts.ts';

const gib = 1024 ** 3;
export const prod = { name: 'prod-eu1', uid: 'aaaaaaaa-0000-4000-8000-000000000001' };
export const test7 = { name: 'test7', uid: 'bbbbbbbb-0000-4000-8000-000000000002' };

export function manifestOf({
  name,
  uid,
}: {
  readonly name: string;
  readonly uid?: string | undefined;
}): SnapshotManifest {
  return {
    format: 'kubectl-etcd.snapshot/v1',
    ...{ sha256: '0'.repeat(64), sizeBytes: gib, revision: 1000, raftIndex: 5, raftTerm: 1, etcdVersion: '3.5.16' },
    cluster: { name, etcdClusterId: 'c0ffee', ...(uid === undefined ? {} : { uid }) },
    ...{ members: [], time: '2026-11-20T08:00:00.000Z', node: 'cp1', memberId: 'a001', pluginVersion: '0.1.0' },
    confirmed: { revision: 1000 },
  };
}

export function snapshotWith(more: Partial<SnapshotFacts> = {}): SnapshotFacts {
  return {
    ...{ file: '/tmp/prod-eu1.db', sizeBytes: gib, sha256: 'ab'.repeat(32), withoutChecksum: false, revision: 1000 },
    ...{
      liveKeys: 900,
      etcdVersion: '3.5.16',
      alarms: [],
      encryption: [],
      manifest: undefined,
      hasAgents: true,
      webhooks: [],
    },
    clusterUid: prod.uid,
    ...more,
  };
}

export function podOf(component: string, node: string): Workload {
  return {
    ...{ by: 'static-pod', component, namespace: 'kube-system', pod: `${component}-${node}`, container: component },
    file: `/etc/kubernetes/manifests/${component}.yaml`,
    aside: `/etc/kubernetes/kubectl-etcd/${component}.yaml`,
  };
}

/** Control-plane node `cp1`, with the address 10.0.0.1. */
export function surveyOf(node: string, more: Partial<NodeSurvey> = {}): NodeSurvey {
  const address = `10.0.0.${node.replace(/\D/g, '')}`;
  const components = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  return {
    node,
    etcd: {
      ...{ host: 'static-pod', source: '/etc/kubernetes/manifests/etcd.yaml', name: node, dataDir: '/var/lib/etcd' },
      ...{ clientUrl: 'https://127.0.0.1:2379', advertisedClientUrls: [`https://${address}:2379`] },
      ...{ peerUrls: [`https://${address}:2380`], quotaBytes: 2 * gib },
    },
    etcdVersion: '3.5.16',
    status: {
      ...{ version: '3.5.16', dbSizeBytes: gib, dbInUseBytes: gib, leader: 'a001', raftTerm: 7, raftIndex: 5000 },
      ...{ raftAppliedIndex: 5000, revision: 2000, learner: false, errors: [] },
    },
    members: ['cp1', 'cp2', 'cp3'].map((name, at) => ({ id: `a00${at + 1}`, name, peerUrls: [] })),
    workloads: components.map((component) => podOf(component, node)),
    apiServer: { url: `https://${address}:6443` },
    places: {
      ...{ dataDir: '/var/lib/etcd', besideData: '/var/lib/etcd-kubectl-etcd', usedBytes: gib, freeBytes: 20 * gib },
      ...{ stateFreeBytes: 20 * gib, oneFileSystem: true, hasMember: true },
    },
    tool: { program: 'etcdutl', version: '3.5.16', path: '/var/lib/kubectl-etcd/tools/etcdutl', canBump: true },
    obstacles: [],
    encryption: null,
    ...more,
  };
}

/** Without the fields that are named: what is optional is absent, not undefined. */
export function without(survey: NodeSurvey, ...fields: (keyof NodeSurvey)[]): NodeSurvey {
  const copy: Partial<Record<keyof NodeSurvey, unknown>> = { ...survey };
  for (const field of fields) Reflect.deleteProperty(copy, field);
  return copy as NodeSurvey;
}

export function readyOf(survey: NodeSurvey): ReadyNode {
  const { node: name, etcd, etcdVersion, places } = survey;
  if (etcd === undefined || etcdVersion === undefined || places === undefined) throw new Error(`${name} is not ready`);
  return { name, etcd, etcdVersion, survey, places };
}

export function factsOf(surveys: readonly NodeSurvey[], more: Partial<RestoreFacts> = {}): RestoreFacts {
  return {
    ...{ id: 'r-7kq2m', now: new Date('2026-11-21T08:00:00.000Z'), by: 'anna@laptop', cluster: prod, first: 'cp1' },
    ...{
      snapshot: snapshotWith(),
      nodes: surveys.map(readyOf),
      leftOut: [],
      bump: 1400,
      restartKubelets: false,
      aftermath: [],
    },
    ...more,
  };
}
