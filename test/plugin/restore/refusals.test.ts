import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../core/failure.ts';
import type { NodeSurvey } from '../../../core/operation/messages.ts';
import { choosePart } from '../../../plugin/restore/left-out.ts';
import { readyNodes } from '../../../plugin/restore/refusals.ts';
import type { Looked } from '../../../plugin/restore/refusals.ts';
import { manifestOf, prod, snapshotWith, surveyOf, test7, without } from './facts.ts';

const gib = 1024 ** 3;
const cp = (number: number, more: Partial<NodeSurvey> = {}) => surveyOf(`cp${number}`, more);
const all = [cp(1), cp(2), cp(3)];

function look(more: Partial<Looked> = {}): Looked {
  const { surveys = all, unreached = new Map<string, Failure>() } = more;
  const known = [...surveys.map(({ node }) => node), ...unreached.keys()].map((name) => ({ name, addresses: [] }));
  return {
    cluster: prod,
    snapshot: snapshotWith(),
    part: choosePart({ nodes: undefined, dead: [] }, { known, surveys }),
    differentCluster: undefined,
    ...{ ...more, surveys, unreached },
  };
}

function refusalOf(looked: Looked): Failure {
  try {
    readyNodes(looked);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('it is not refused');
}

function placesWith(more: Partial<NonNullable<NodeSurvey['places']>>): Pick<NodeSurvey, 'places'> {
  const { places } = surveyOf('cp1');
  if (places === undefined) throw new Error('no places');
  return { places: { ...places, ...more } };
}

const expired = {
  reason: 'certificate-expired',
  what: 'the certificate /etc/kubernetes/pki/etcd/server.crt has expired',
  exit: 1,
};
const secrets = { resource: 'secrets', provider: 'aescbc', version: 'v1', keyName: 'key1', keys: 40 } as const;

describe('each reason by itself', () => {
  test.each<[reason: string, what: string, looked: Partial<Looked>, says: RegExp]>([
    [
      'node-not-reached',
      'an agent that does not answer',
      {
        surveys: all.slice(1).map((survey) => without(survey, 'members')),
        unreached: new Map([['cp1', new Failure({ reason: 'agent-silent', what: 'it is silent', node: 'cp1' })]]),
      },
      /^cp1: its agent does not answer, and every member has to be restored: .*it is silent/,
    ],
    [
      'etcd-not-found',
      'a node without an etcd',
      {
        surveys: [
          cp(1),
          cp(2),
          without(
            cp(3, {
              noEtcd: { reason: 'etcd-not-found', what: 'there is no etcd here', exit: 1 },
              workloads: [],
              members: [],
            }),
            'etcd',
            'places',
            'etcdVersion',
            'tool',
          ),
        ].map((survey) => without(survey, 'members')),
      },
      /^cp3: there is no etcd here/,
    ],
    [
      'no-etcd-tool',
      'no tool of etcd',
      {
        surveys: [
          cp(1),
          without(cp(2, { noTool: { reason: 'no-etcd-tool', what: 'no etcdutl', exit: 1 } }), 'tool'),
          cp(3),
        ],
      },
      /^cp2: no etcdutl/,
    ],
    [
      'certificate-expired',
      'a certificate that is not valid',
      { surveys: [cp(1, { obstacles: [expired] }), cp(2), cp(3)] },
      /^cp1: the certificate/,
    ],
    [
      'etcd-version-unknown',
      'nobody knows which etcd',
      { surveys: [without(cp(1), 'etcdVersion', 'tool', 'status'), cp(2), cp(3)] },
      /^cp1: /,
    ],
    [
      'operation-open',
      'another operation',
      { surveys: [cp(1), cp(2, { openOperation: 'r-2222' }), cp(3)] },
      /^cp2: the operation r-2222 is not finished/,
    ],
    [
      'different-cluster',
      'another cluster’s snapshot',
      { snapshot: snapshotWith({ clusterUid: test7.uid }) },
      /another cluster/,
    ],
    [
      'not-a-different-cluster',
      'one that is said to be another’s',
      { differentCluster: 'test7' },
      /is of this cluster, not of "test7"/,
    ],
    [
      'versions-differ',
      'an upgrade half done',
      { surveys: [cp(1), cp(2, { etcdVersion: '3.4.30' }), cp(3)] },
      /cp1: 3\.5\.16, cp2: 3\.4\.30, cp3: 3\.5\.16/,
    ],
    [
      'snapshot-of-newer-etcd',
      'a snapshot of a newer etcd',
      { snapshot: snapshotWith({ etcdVersion: '3.6' }) },
      /written by etcd 3\.6, and 3\.5 runs here/,
    ],
    [
      'no-room',
      'a full disk',
      { surveys: [cp(1), cp(2), cp(3, placesWith({ freeBytes: gib }))] },
      /^cp3: there is no room/,
    ],
    [
      'no-room',
      'a full disk of the agent alone',
      { surveys: [cp(1), cp(2), cp(3, placesWith({ oneFileSystem: false, stateFreeBytes: gib }))] },
      /^cp3: .*the agent's state/,
    ],
    [
      'node-fenced',
      'a node that was left out of an earlier restore',
      {
        surveys: [
          cp(1, { members: [] }),
          cp(2, { members: [] }),
          without(
            cp(3, { fencedBy: 'r-2345', noEtcd: { reason: 'etcd-not-found', what: 'there is no etcd here' } }),
            ...(['etcd', 'places', 'etcdVersion', 'tool', 'members'] as const),
          ),
        ],
      },
      /^cp3: it is fenced by r-2345/,
    ],
    [
      'not-enrolled',
      'who would fence cannot tell the others',
      {
        surveys: [cp(1, { enrolled: false }), cp(2, { enrolled: true })],
        part: choosePart(
          { nodes: undefined, dead: ['cp3'] },
          { known: ['cp1', 'cp2', 'cp3'].map((name) => ({ name, addresses: [] })), surveys: [cp(1), cp(2)] },
        ),
      },
      /^cp1: its agent cannot tell the others/,
    ],
    [
      'member-elsewhere',
      'a member that nobody would restore',
      { surveys: [cp(1), cp(2)] },
      /the member cp3 \(a003\) is on none of the nodes/,
    ],
    [
      'snapshot-undecryptable',
      'a key that no API server has',
      {
        snapshot: snapshotWith({ encryption: [secrets] }),
        surveys: [cp(1), ...all.slice(1).map((survey) => without(survey, 'encryption'))],
      },
      /40 secrets: aescbc key1/,
    ],
  ])('%s: %s', (reason, _what, looked, says) => {
    const refused = refusalOf(look(looked));
    expect(refused).toMatchObject({ reason, exit: 5 });
    expect(refused.message).toMatch(says);
    expect(refused.message).not.toContain('reasons');
  });
});

test('all is well: all nodes are ready', () => {
  expect(readyNodes(look()).map(({ name }) => name)).toEqual(['cp1', 'cp2', 'cp3']);
});

test('all of them together, by the first one’s name, each once, and what to do about each', () => {
  const refused = refusalOf(
    look({
      snapshot: snapshotWith({ clusterUid: test7.uid, manifest: manifestOf(test7) }),
      surveys: [
        cp(1, { obstacles: [expired] }),
        cp(2, placesWith({ freeBytes: 1 })),
        cp(3, placesWith({ freeBytes: 1 })),
      ],
    }),
  );
  expect(refused).toMatchObject({
    ...{ reason: 'certificate-expired', exit: 5 },
    what: 'the restore cannot begin, for 4 reasons; nothing was touched',
  });
  for (const node of ['cp1: the certificate', 'cp2: there is no room', 'cp3: there is no room', 'another cluster'])
    expect(refused.why?.split(node)).toHaveLength(2);
  expect(refused.next?.match(/kubectl etcd kept list/g)).toHaveLength(1);
  expect(refused.next).toContain('--different-cluster test7');
});

describe('whose snapshot it is', () => {
  const named = (name: string, uid?: string) => manifestOf({ name, uid });
  const anonymous = { name: 'prod-eu1', uid: undefined };
  test.each<
    [
      what: string,
      cluster: Looked['cluster'],
      inside: string | undefined,
      manifest: Looked['snapshot']['manifest'],
      said: string | undefined,
      refused: string | undefined,
    ]
  >([
    ['its UID is this cluster’s', prod, prod.uid, undefined, undefined, undefined],
    [
      'its UID is, whatever the manifest beside it says',
      prod,
      prod.uid,
      named('test7', test7.uid),
      undefined,
      undefined,
    ],
    [
      'its UID is another’s, whatever the manifest says',
      prod,
      test7.uid,
      named('prod-eu1', prod.uid),
      undefined,
      'different-cluster',
    ],
    [
      'its UID cannot be read, the manifest’s is this one’s',
      prod,
      undefined,
      named('x', prod.uid),
      undefined,
      undefined,
    ],
    [
      'its UID cannot be read, the manifest’s is another’s',
      prod,
      undefined,
      named('prod-eu1', test7.uid),
      undefined,
      'different-cluster',
    ],
    ['no UID anywhere, the name is this one’s', prod, undefined, named('prod-eu1'), undefined, undefined],
    ['no UID anywhere, the name is another’s', prod, undefined, named('test7'), undefined, 'different-cluster'],
    ['nothing says whose it is', prod, undefined, undefined, undefined, undefined],
    ['a cluster without a UID, by its name', anonymous, prod.uid, named('prod-eu1', prod.uid), undefined, undefined],
    [
      'a cluster without a UID, another name',
      anonymous,
      test7.uid,
      named('test7', test7.uid),
      undefined,
      'different-cluster',
    ],
    ['a cluster without a UID, and no name', anonymous, test7.uid, undefined, undefined, 'different-cluster'],
    ['another’s, and asked for by its name', prod, test7.uid, named('test7', test7.uid), 'test7', undefined],
    ['another’s, and asked for by its UID', prod, test7.uid, undefined, test7.uid, undefined],
    [
      'another’s, and asked for by a third name',
      prod,
      test7.uid,
      named('test7', test7.uid),
      'test8',
      'different-cluster',
    ],
    ['this one’s, and said to be another’s', prod, prod.uid, undefined, 'test7', 'not-a-different-cluster'],
  ])('%s', (_what, cluster, clusterUid, manifest, differentCluster, refused) => {
    const looked = look({ cluster, snapshot: snapshotWith({ clusterUid, manifest }), differentCluster });
    if (refused === undefined) expect(readyNodes(looked)).toHaveLength(3);
    else expect(refusalOf(looked)).toMatchObject({ reason: refused, exit: 5 });
  });
});

describe('versions', () => {
  test.each<[written: string | undefined, runs: string, refused: boolean]>([
    ['3.4', '3.5.16', false],
    ['3.5', '3.5.0', false],
    ['3.5.30', '3.5.0', false],
    ['3.6', '3.5.16', true],
    ['3.10', '3.9.1', true],
    ['3.9', '3.10.1', false],
    ['4.0', '3.6.1', true],
    [undefined, '3.4.1', false],
  ])('written by %s, and %s runs: refused %s', (etcdVersion, runs, refused) => {
    const looked = look({
      snapshot: snapshotWith({ etcdVersion }),
      surveys: all.map((survey) => ({ ...survey, etcdVersion: runs })),
    });
    if (refused) expect(refusalOf(looked).reason).toBe('snapshot-of-newer-etcd');
    else expect(readyNodes(looked)).toHaveLength(3);
  });

  test('patches may differ', () => {
    expect(readyNodes(look({ surveys: [cp(1), cp(2, { etcdVersion: '3.5.9' }), cp(3)] }))).toHaveLength(3);
  });
});

describe('room', () => {
  const mib = 1024 ** 2;
  /** For a snapshot of 1 GiB over data of 1 GiB. */
  test.each<[what: string, places: Partial<NonNullable<NodeSurvey['places']>>, fits: boolean]>([
    [
      'one file system: the new, what was sent, what is saved, and etcd’s logs',
      { freeBytes: 3 * gib + 256 * mib },
      true,
    ],
    ['a byte less', { freeBytes: 3 * gib + 256 * mib - 1 }, false],
    ['two: the data on its own', { oneFileSystem: false, freeBytes: gib + 256 * mib, stateFreeBytes: 2 * gib }, true],
    [
      'two: a byte less for the data',
      { oneFileSystem: false, freeBytes: gib + 256 * mib - 1, stateFreeBytes: 2 * gib },
      false,
    ],
    [
      'two: a byte less for the agent',
      { oneFileSystem: false, freeBytes: gib + 256 * mib, stateFreeBytes: 2 * gib - 1 },
      false,
    ],
  ])('%s', (_what, places, fits) => {
    const looked = look({ surveys: [cp(1, placesWith(places)), cp(2), cp(3)] });
    if (fits) expect(readyNodes(looked)).toHaveLength(3);
    else expect(refusalOf(looked)).toMatchObject({ reason: 'no-room', node: 'cp1' });
  });
});
