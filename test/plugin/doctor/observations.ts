/** Clusters as the agents would describe them: three nodes that are well, and what a case changes. */
import type {
  CertificateReport,
  CertificateRole,
  NodeExamination,
  OwnMember,
} from '../../../core/examination/messages.ts';
import { Failure } from '../../../core/failure.ts';
import { diagnose } from '../../../plugin/doctor/diagnose.ts';
import type { Observation, ObservedNode } from '../../../plugin/doctor/observation.ts';

const gib = 1024 ** 3;
export const now = Date.parse('2026-11-21T10:00:00Z');
const dayMs = 24 * 3_600_000;
export const inDays = (days: number) => new Date(now + days * dayMs).toISOString();

const addresses = (at: number) => `10.0.0.${11 + at}`;
const idOf = (at: number) => (0xa001 + at).toString(16);

export function listed(names: readonly string[]): OwnMember['members'] {
  return names.map((name, at) => ({
    ...{ id: idOf(at), name, learner: false },
    peerUrls: [`https://${addresses(at)}:2380`],
    clientUrls: [`https://${addresses(at)}:2379`],
  }));
}

export function member(
  at: number,
  names = ['cp1', 'cp2', 'cp3'],
  status: Partial<OwnMember['status']> = {},
): OwnMember {
  return {
    etcdClusterId: 'c0ffee',
    memberId: idOf(at),
    members: listed(names),
    status: {
      ...{ version: '3.5.26', dbSizeBytes: 0.2 * gib, dbInUseBytes: 0.1 * gib, leader: 'a001', raftTerm: 7 },
      ...{ raftIndex: 5000 + at, raftAppliedIndex: 5000 + at, revision: 900, learner: false, errors: [], readMs: 2 },
      ...status,
    },
  };
}

const pki = '/etc/kubernetes/pki/etcd';
const files: Readonly<Record<string, string>> = {
  'etcd-server': `${pki}/server.crt`,
  'etcd-peer': `${pki}/peer.crt`,
  'etcd-healthcheck-client': `${pki}/healthcheck-client.crt`,
  'apiserver-etcd-client': '/etc/kubernetes/pki/apiserver-etcd-client.crt',
  'etcd-ca': `${pki}/ca.crt`,
};

export function certificate(
  role: CertificateRole,
  facts: Partial<NonNullable<CertificateReport['facts']>> = {},
): CertificateReport {
  const file = files[role] ?? '';
  const authority = role.endsWith('-ca');
  return {
    ...{ role, file },
    ...(authority ? {} : { keyFile: file.replace('.crt', '.key') }),
    facts: {
      ...{ subject: 'CN=x', issuer: 'CN=etcd-ca', names: ['cp1', '10.0.0.11'], notBefore: inDays(-10) },
      ...{ notAfter: inDays(authority ? 3000 : 300), fingerprint: role, fingerprints: [role] },
      ...(authority ? {} : { key: 'matches' as const, signed: true, usages: ['server' as const, 'client' as const] }),
      ...facts,
    },
  };
}

/** With these certificates in the place of the usual ones. */
export function certificates(...changed: readonly CertificateReport[]): CertificateReport[] {
  const roles = Object.keys(files) as CertificateRole[];
  return roles.map((role) => changed.find((each) => each.role === role) ?? certificate(role));
}

export function examination(at: number, more: Partial<NodeExamination> = {}): NodeExamination {
  const node = `cp${at + 1}`;
  const url = `https://${addresses(at)}`;
  const folder = '/etc/kubernetes/manifests';
  return {
    ...{ node, receivedAt: inDays(0), answeredAt: inDays(0), warnings: [] },
    etcd: {
      ...{ host: 'static-pod', source: `${folder}/etcd.yaml`, name: node, dataDir: '/var/lib/etcd' },
      ...{ clientUrl: 'https://127.0.0.1:2379', advertisedClientUrls: [`${url}:2379`], peerUrls: [`${url}:2380`] },
      quotaBytes: 2 * gib,
      initial: { cluster: 'cp1=a,cp2=b,cp3=c', state: 'existing', forcesNewCluster: false },
    },
    process: { state: 'running', restarts: 0 },
    member: member(at),
    disk: { dataDir: '/var/lib/etcd', totalBytes: 100 * gib, freeBytes: 60 * gib, hasMember: true },
    certificates: certificates(),
    manifests: {
      folder,
      unreadable: [],
      pods: ['etcd', 'kube-apiserver'].map((name) => ({
        ...{ file: `${folder}/${name}.yaml`, namespace: 'kube-system', name, runsEtcd: name === 'etcd' },
      })),
    },
    apiServer: { url: `${url}:6443`, etcdServers: ['https://127.0.0.1:2379'], state: 'ready' },
    snapshots: [{ path: '/s.db', takenAt: inDays(-0.5), sizeBytes: 1 }],
    ...more,
  };
}

export type Change = Partial<NodeExamination> | Failure;

export const agentSilent = new Failure({ reason: 'agent-silent', what: 'the agent does not answer within 3 s' });

/** etcd does not answer on this node, and these were its last words. */
export function exits(lastError: string, more: Partial<NodeExamination> = {}): Partial<NodeExamination> {
  return {
    member: undefined,
    process: { state: 'exited', restarts: 6, lastError },
    silent: { reason: 'etcd-silent', what: 'etcd does not answer', why: 'connect ECONNREFUSED' },
    ...more,
  };
}

/** `cp1` to `cp3`, each as usual but for its change; what is undefined in a change is not there. */
export function observed(
  changes: readonly (Change | undefined)[] = [],
  more: Partial<Observation> & { readonly ofNodes?: readonly Partial<ObservedNode>[] } = {},
): Observation {
  const { ofNodes = [], ...rest } = more;
  const count = Math.max(3, changes.length);
  const nodes = Array.from({ length: count }, (_, at): ObservedNode => {
    const change = changes[at];
    const whole = change instanceof Failure ? change : examination(at, change);
    return {
      ...{ name: `cp${at + 1}`, addresses: [addresses(at)], clock: { aheadMs: 0, withinMs: 20 } },
      examination: whole instanceof Failure ? whole : (JSON.parse(JSON.stringify(whole)) as NodeExamination),
      ...ofNodes[at],
    };
  });
  return {
    ...{
      cluster: { name: 'prod-eu1', uid: '91fe22b0' },
      nodes,
      expectsEnrolment: false,
      nowMs: now,
      pluginVersion: '0.1.0',
    },
    ...rest,
  };
}

/** `severity rule node,node`, a line a finding, in their order. */
export function rulesIn(observation: Observation): string[] {
  return diagnose(observation).diagnosis.findings.map(({ severity, rule, where }) =>
    [severity, rule, where.join()].join(' ').trim(),
  );
}

export function found(observation: Observation, rule: string) {
  const finding = diagnose(observation).diagnosis.findings.find((each) => each.rule === rule);
  if (finding === undefined) throw new Error(`no finding ${rule}: ${rulesIn(observation).join('; ')}`);
  return finding;
}
