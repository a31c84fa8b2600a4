/** Whether a node may be brought back, and by which phases: tables of clusters. */
import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../core/failure.ts';
import { mayRejoin } from '../../../plugin/member/may-rejoin.ts';
import { rejoinPhases } from '../../../plugin/member/plan-rejoin.ts';
import { lookOf, memberOf } from './looks.ts';
import type { Cluster } from './looks.ts';

const gib = 1024 ** 3;

function outcome(cluster: Cluster, target = 'cp3'): string {
  try {
    const { facts } = mayRejoin(target, lookOf(cluster));
    const phases = rejoinPhases({ ...facts, id: 'j-23456', by: 'anna@laptop' });
    return phases
      .map(({ name, steps }) => `${name}@${[...new Set(steps.map(({ node }) => node))].join('+')}`)
      .join(' ');
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    expect(thrown.exit).toBe(5);
    return thrown.reason;
  }
}

const back = 'start-etcd@cp3 catch-up@cp3 promote@cp1 start-control-plane@cp3';
const usual = `stop@cp3 set-aside@cp3 remove@cp1 add@cp1 ${back}`;
const notListed = `stop@cp3 set-aside@cp3 add@cp1 ${back}`;

describe('a node is brought back', () => {
  test.each<[what: string, cluster: Cluster, phases: string]>([
    ['its etcd is down', { standings: { cp3: 'down' } }, usual],
    ['it runs, and its data is not to be trusted', {}, usual],
    ['it leads: through the first of the others', { leader: 'cp3' }, usual],
    ['it is not listed', { standings: { cp3: 'unlisted' } }, notListed],
    ['an attempt to join was given up', { standings: { cp3: 'unstarted' } }, usual],
    ['it is a learner', { standings: { cp3: 'learner' } }, usual],
    [
      'a restore has left it out: the fence is lifted when its data is aside',
      { standings: { cp3: 'unlisted' }, surveys: { cp3: { fencedBy: 'r-7kq2m' } } },
      `stop@cp3 set-aside@cp3 lift-fence@cp3 add@cp1 ${back}`,
    ],
    [
      'of two that are well: it leaves while its vote still counts',
      { nodes: 2 },
      'remove@cp1 stop@cp2 set-aside@cp2 add@cp1 start-etcd@cp2 catch-up@cp2 promote@cp1 start-control-plane@cp2',
    ],
    [
      'it has formed a cluster of its own',
      { views: { cp3: { etcdClusterId: 'dead', members: [memberOf('cp3')] } }, standings: { cp3: 'well' } },
      usual,
    ],
  ])('%s', (_, cluster, phases) => {
    expect(outcome(cluster, cluster.nodes === 2 ? 'cp2' : 'cp3')).toBe(phases);
  });

  test.each<[what: string, cluster: Cluster, reason: string]>([
    ['another is down as well: no quorum', { standings: { cp2: 'down', cp3: 'down' } }, 'no-quorum'],
    ['of five another is down: etcd would add none', { nodes: 5, standings: { cp5: 'down' } }, 'another-member-down'],
    ['it is the second of two that is well', { nodes: 2, standings: { cp1: 'down' } }, 'no-quorum'],
    ['its agent is silent', { standings: { cp3: 'off' } }, 'node-not-reached'],
    ['a learner is there', { more: [memberOf('cp4', 'unstarted')] }, 'learner-left'],
    ['there is no room', { surveys: { cp3: { places: placesWith(1024 ** 2) } } }, 'no-room'],
    ['something is going on', { surveys: { cp2: { openOperation: 'r-23456' } } }, 'operation-open'],
    [
      'its certificate has expired',
      { surveys: { cp3: { obstacles: [{ reason: 'certificate-expired', what: 'it has expired' }] } } },
      'certificate-expired',
    ],
    ['the others are two clusters', { views: { cp2: { etcdClusterId: 'dead' } } }, 'two-clusters'],
  ])('not where %s', (_, cluster, reason) => {
    expect(outcome(cluster, cluster.nodes === 2 ? 'cp2' : 'cp3')).toBe(reason);
  });

  test('not the only one', () => {
    expect(outcome({ nodes: 1 }, 'cp1')).toBe('no-quorum');
  });
});

describe('its phases', () => {
  const { facts } = mayRejoin('cp3', lookOf({ standings: { cp3: 'down' } }));
  const phases = rejoinPhases({ ...facts, id: 'j-23456', by: 'anna@laptop', suffix: '-cp3' });
  const steps = phases.flatMap((phase) => phase.steps);

  test('have ids of their own, also beside those of another node', () => {
    const others = rejoinPhases({ ...facts, id: 'j-23456', by: 'anna@laptop', suffix: '-cp2' });
    const ids = [...phases, ...others].flatMap((phase) => phase.steps.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('all touch, and from the leaving of the old member on there is no way back', () => {
    expect(phases.every(({ touches }) => touches === true)).toBe(true);
    expect(phases.filter(({ servesNewData }) => servesNewData !== true).map(({ name }) => name)).toEqual([
      'stop-cp3',
      'set-aside-cp3',
    ]);
  });

  test('etcd is told of exactly the members that there will be, and never to make a cluster of its own', () => {
    const start = steps.find(({ id }) => id === 'start-etcd-cp3.cp3.start')?.does;
    expect(start).toMatchObject({
      etcdFlags: {
        'initial-cluster': 'cp1=https://10.0.0.1:2380,cp2=https://10.0.0.2:2380,cp3=https://10.0.0.3:2380',
        'initial-cluster-state': 'existing',
        'force-new-cluster': null,
      },
    });
  });

  test('etcd without data is not started again by a rollback', () => {
    const look = lookOf({
      standings: { cp3: 'down' },
      surveys: { cp3: { places: { ...placesWith(20 * gib), hasMember: false } } },
    });
    const stop = rejoinPhases({ ...mayRejoin('cp3', look).facts, id: 'j-23456', by: 'a' })[0];
    expect(stop?.steps.map(({ does }) => does.kind === 'stop' && does.startsAgain)).toEqual([false, false]);
  });
});

function placesWith(freeBytes: number) {
  return {
    ...{ dataDir: '/var/lib/etcd', besideData: '/var/lib/etcd-kubectl-etcd', usedBytes: gib, freeBytes },
    ...{ stateFreeBytes: 20 * gib, oneFileSystem: true, hasMember: true },
  };
}
