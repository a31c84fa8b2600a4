/** Each rule: what is observed, and what it says of that; and what it does not take for anything wrong. */
import { describe, expect, test } from '@jest/globals';
import type { Observation } from '../../../plugin/doctor/observation.ts';
import { Failure } from '../../../core/failure.ts';
import {
  certificate,
  certificates,
  examination,
  exits,
  inDays,
  listed,
  member,
  observed,
  rulesIn,
} from './observations.ts';

const gone = undefined as never;
const names = ['cp1', 'cp2', 'cp3'];

describe('each rule', () => {
  const gib = 1024 ** 3;
  const disk = (freeBytes: number) => ({ disk: { dataDir: '/d', totalBytes: 100 * gib, freeBytes, hasMember: true } });
  const histogram = (upToSeconds: number[], counts: number[]) => ({
    ...{ total: counts.at(-1) ?? 0, sumSeconds: 1 },
    buckets: upToSeconds.map((each, at) => ({ upToSeconds: each, count: counts[at] ?? 0 })),
  });
  const initial = (cluster: string, state?: string, forcesNewCluster = false) => ({
    etcd: {
      ...examination(0).etcd,
      initial: { cluster, forcesNewCluster, ...(state === undefined ? {} : { state }) },
    } as never,
  });
  const withPods = (...pods: [file: string, name: string][]) => ({
    manifests: {
      ...{ folder: '/m', unreadable: [] },
      pods: pods.map(([file, name]) => ({
        file: `/m/${file}`,
        namespace: 'kube-system',
        name,
        runsEtcd: name.startsWith('etcd'),
      })),
    },
  });
  const withMembers = (members: ReturnType<typeof listed>) =>
    [0, 1, 2].map((at) => ({ member: { ...member(at), members } }));
  const unstarted = (learner: boolean) => ({
    ...{ id: 'b', name: '', learner, peerUrls: ['https://10.0.0.9:2380'], clientUrls: [] },
  });
  const hashed = (...all: [hash: number, compacted: number, revision?: number][]) => ({
    ofNodes: all.map(([hash, compactRevision, revision = 900]) => ({ hash: { hash, compactRevision, revision } })),
  });
  const clocks = (...ahead: number[]) => ({ ofNodes: ahead.map((aheadMs) => ({ clock: { aheadMs, withinMs: 100 } })) });
  const ofRole = (role: Parameters<typeof certificate>[0], facts: Parameters<typeof certificate>[1]) => ({
    certificates: certificates(certificate(role, facts)),
  });

  const cases: [string, Observation, string[]][] = [
    ['disk at 9 %', observed([disk(9 * gib)]), ['warning disk-nearly-full cp1']],
    ['disk at 1 %', observed([disk(1 * gib)]), ['critical disk-nearly-full cp1']],
    ['disk at 10 %', observed([disk(10 * gib)]), []],
    [
      'at the quota, most of it free within the file',
      observed([{ member: member(0, names, { dbSizeBytes: 1.7 * gib }) }]),
      ['info quota-nearly-full cp1'],
    ],
    [
      'at the quota, in use',
      observed([{ member: member(0, names, { dbSizeBytes: 1.7 * gib, dbInUseBytes: 1.65 * gib }) }]),
      ['warning quota-nearly-full cp1'],
    ],
    ['equal hashes', observed([], hashed([1, 5], [1, 5], [1, 5])), []],
    ['one hash differs', observed([], hashed([1, 5], [2, 5], [1, 5])), ['critical hashes-differ cp2']],
    ['hashes of other compactions say nothing', observed([], hashed([1, 5], [2, 6], [1, 5])), []],
    ['hashes of other revisions say nothing', observed([], hashed([1, 5, 899], [2, 5], [2, 5])), []],
    ['one against one: nobody can say which', observed([], hashed([1, 5], [2, 5])), ['critical hashes-differ cp1,cp2']],
    ['a fast disk', observed([{ durations: { walFsync: histogram([0.001, 0.008, 0.016], [500, 999, 1000]) } }]), []],
    [
      'slower than recommended',
      observed([{ durations: { walFsync: histogram([0.01, 0.016, 0.032], [500, 980, 1000]) } }]),
      ['info slow-disk cp1'],
    ],
    [
      'so slow that leaders are lost',
      observed([{ durations: { walFsync: histogram([0.064, 0.128, 0.256], [500, 980, 1000]) } }]),
      ['warning slow-disk cp1'],
    ],
    ['too few samples', observed([{ durations: { walFsync: histogram([0.064, 0.128, 0.256], [1, 2, 3]) } }]), []],
    [
      'slower than the last bucket',
      observed([{ durations: { backendCommit: { ...histogram([0.1, 8], [1, 2]), total: 900 } } }]),
      ['warning slow-disk cp1'],
    ],
    ['clocks within a second', observed([], clocks(0, 900, -300)), []],
    ['a second, and the measurement may be wrong by as much', observed([], clocks(0, 1150, 0)), []],
    ['one clock two seconds ahead', observed([], clocks(0, 2000, 0)), ['warning clocks-differ cp2']],
    ['this machine’s own clock is wrong: no finding about the nodes', observed([], clocks(7000, 7000, 7000)), []],
    ['expired', observed([ofRole('etcd-server', { notAfter: inDays(-1) })]), ['critical certificate-expired cp1']],
    ['expires in 29 days', observed([ofRole('etcd-peer', { notAfter: inDays(29) })]), ['warning certificate-soon cp1']],
    ['expires in 31 days', observed([ofRole('etcd-peer', { notAfter: inDays(31) })]), []],
    [
      'the authority expires in half a year',
      observed([ofRole('etcd-ca', { notAfter: inDays(100) })]),
      ['warning authority-soon cp1'],
    ],
    ['the key of another', observed([ofRole('etcd-server', { key: 'other' })]), ['critical certificate-key cp1']],
    ['no key', observed([ofRole('apiserver-etcd-client', { key: 'missing' })]), ['critical certificate-key cp1']],
    [
      'of another authority',
      observed([ofRole('etcd-peer', { signed: false })]),
      ['critical certificate-authority cp1'],
    ],
    [
      'without the address of its member',
      observed([ofRole('etcd-peer', { notCovered: ['10.0.0.11'] })]),
      ['warning certificate-names cp1'],
    ],
    [
      'a peer that may not be a client',
      observed([ofRole('etcd-peer', { usages: ['server'] })]),
      ['warning certificate-usage cp1'],
    ],
    [
      'a server that may not be a client: kubeadm makes both, etcd needs one',
      observed([ofRole('etcd-server', { usages: ['server'] })]),
      [],
    ],
    [
      'a file that is missing',
      observed([
        { certificates: [{ role: 'etcd-server', file: '/x', problem: { reason: 'host-file-missing', what: 'no' } }] },
      ]),
      ['critical certificate-missing cp1'],
    ],
    [
      'nodes of two authorities',
      observed([undefined, undefined, ofRole('etcd-ca', { fingerprints: ['other'] })]),
      ['critical authorities-differ cp3'],
    ],
    [
      'an authority that is being rotated is one with two certificates',
      observed([undefined, undefined, ofRole('etcd-ca', { fingerprints: ['other', 'etcd-ca'] })]),
      [],
    ],
    [
      'a copy in the manifest directory',
      observed([withPods(['etcd.yaml', 'etcd'], ['etcd.yaml.bak', 'etcd'])]),
      ['warning manifest-copy cp1'],
    ],
    [
      'a copy of the API server’s',
      observed([withPods(['kube-apiserver.yaml', 'kube-apiserver'], ['old', 'kube-apiserver'])]),
      ['warning manifest-copy cp1'],
    ],
    ['another pod is no copy', observed([withPods(['etcd.yaml', 'etcd'], ['etcd-defrag.yaml', 'defrag'])]), []],
    [
      'kubeadm’s own manifest, while all is well',
      observed([initial('cp1=https://10.0.0.11:2380')]),
      ['info initial-cluster-alone cp1'],
    ],
    ['state existing fails closed', observed([initial('cp1=https://10.0.0.11:2380', 'existing')]), []],
    [
      'kubeadm’s own manifest, and no data',
      observed([{ ...initial('cp1=x'), ...exits('x', { disk: { ...disk(60 * gib).disk, hasMember: false } }) }]),
      ['critical member-down cp1', 'critical initial-cluster-alone cp1'],
    ],
    ['--force-new-cluster left', observed([initial('a,b', 'existing', true)]), ['critical force-new-cluster-left cp1']],
    [
      'an unstarted learner',
      observed(withMembers([...listed(names), unstarted(true)])),
      ['warning member-never-started'],
    ],
    [
      'an unstarted voter: four votes, three are there',
      observed(withMembers([...listed(names), unstarted(false)])),
      ['critical member-never-started', 'info even-number'],
    ],
    [
      'two members',
      observed(
        [0, 1]
          .map((at) => ({ member: member(at, ['cp1', 'cp2']) }))
          .concat([{ member: gone, fencedBy: 'r-1' } as never]),
      ),
      ['warning fenced cp3', 'warning even-number'],
    ],
    [
      'lists that differ',
      observed([{ member: member(0, names.slice(0, 2)) }]),
      ['warning member-lists-differ cp1,cp2,cp3'],
    ],
    [
      'an old 3.5 is told of the way to 3.6',
      observed([{ member: member(0, names, { version: '3.5.16' }) }]),
      ['info upgrade-trap cp1'],
    ],
    [
      '3.6 beside an old 3.5',
      observed([
        { member: member(0, names, { version: '3.5.25' }) },
        { member: member(1, names, { version: '3.6.1' }) },
      ]),
      ['critical upgrade-trap cp1'],
    ],
    ['3.4 knows no such trap', observed([{ member: member(0, names, { version: '3.4.30' }) }]), []],
    [
      'peer URLs of another address',
      observed([{ etcd: { ...examination(0).etcd, peerUrls: ['https://10.9.9.9:2380'] } as never }]),
      ['warning peer-urls-differ cp1'],
    ],
    [
      'an API server that is told of a member that is gone',
      observed([
        { apiServer: { url: 'x', state: 'ready', etcdServers: ['https://127.0.0.1:2379', 'https://10.0.0.99:2379'] } },
      ]),
      ['warning etcd-servers-gone cp1'],
    ],
    [
      'an API server that is told of a name: what it leads to is not known',
      observed([{ apiServer: { url: 'x', state: 'ready', etcdServers: ['https://etcd.example:2379'] } }]),
      [],
    ],
    [
      'etcd of all nodes is elsewhere: no quorum is said to be lost',
      observed(
        [0, 1, 2].map(() => ({
          member: gone,
          etcd: gone,
          certificates: [],
          noEtcd: { reason: 'etcd-external', what: 'elsewhere' },
        })),
      ),
      ['critical quorum-unknown'],
    ],
    [
      'an API server that is told of members',
      observed([{ apiServer: { url: 'x', state: 'ready', etcdServers: ['https://10.0.0.12:2379'] } }]),
      [],
    ],
    [
      'an API server that is not ready',
      observed([{ apiServer: { url: 'x', state: 'silent', etcdServers: [] } }]),
      ['warning api-server-not-ready cp1'],
    ],
    [
      'an operation is open',
      observed([{ openOperation: { id: 'r-1', title: 't', by: 'b', undoing: false } }]),
      ['warning operation-open cp1'],
    ],
    ['no snapshot known of', observed([0, 1, 2].map(() => ({ snapshots: [] }))), ['info no-recent-snapshot']],
    [
      'reads are not confirmed',
      observed([{ member: member(0, names, { readMs: gone }) }]),
      ['warning reads-unconfirmed cp1'],
    ],
    [
      'an agent of another version',
      observed([], { ofNodes: [{ agentVersion: '0.0.9' }] }),
      ['warning agent-version cp1'],
    ],
    [
      'no agent, and etcd is well',
      observed([new Failure({ reason: 'no-agent', what: 'none' })], seenFromOthers()),
      ['warning agent-silent cp1'],
    ],
    ['answers at home alone', observed([], cutOff()), ['warning member-cut-off cp3']],
  ];
  test.each(cases)('%s', (_, observation, rules) => {
    expect(rulesIn(observation)).toEqual(rules);
  });

  function reply(error?: string) {
    const members = listed(names).map((each, at) => ({ ...each, status: member(at).status }));
    return {
      ...{ node: 'cp2', etcdClusterId: 'c0ffee', memberId: 'a002', alarms: [] },
      members:
        error === undefined
          ? members
          : members.map((each) => (each.name === 'cp3' ? { ...each, status: gone, error } : each)),
    };
  }
  function seenFromOthers() {
    return { ofNodes: [{}, { seen: reply() }] };
  }
  function cutOff() {
    return { ofNodes: [{}, { seen: reply('no answer within 1.5 s') }] };
  }
});
