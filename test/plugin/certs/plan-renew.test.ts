/** Which nodes, in which order, and when not: the plan of a renewal as a list of phases. */
import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../core/failure.ts';
import type { NodeSurvey } from '../../../core/operation/messages.ts';
import { plan as planSchema } from '../../../core/operation/plan.ts';
import type { Plan } from '../../../core/operation/plan.ts';
import * as v from 'valibot';
import { planRenew } from '../../../plugin/certs/plan-renew.ts';
import type { Observation } from '../../../plugin/doctor/observation.ts';
import {
  agentSilent,
  certificate,
  certificates,
  examination,
  exits,
  member,
  observed,
} from '../doctor/observations.ts';
import type { Change } from '../doctor/observations.ts';

const withKey = () => {
  const ca = certificate('etcd-ca', { key: 'matches' });
  return certificates({ ...ca, keyFile: '/etc/kubernetes/pki/etcd/ca.key', hasKey: true }).map((each) => ({
    ...each,
    hasKey: true,
  }));
};
const gone = undefined as never;

function observation(changes: readonly (Change | undefined)[] = []): Observation {
  const count = Math.max(3, changes.length);
  return observed(
    Array.from({ length: count }, (_, at) => {
      const change = changes[at];
      return change instanceof Failure ? change : { certificates: withKey(), ...change };
    }),
  );
}

function survey(at: number): NodeSurvey {
  const node = `cp${at + 1}`;
  const workload = (component: string) => ({
    ...{
      by: 'static-pod' as const,
      component,
      namespace: 'kube-system',
      pod: `${component}-${node}`,
      container: component,
    },
    ...{ file: `/etc/kubernetes/manifests/${component}.yaml`, aside: `/etc/kubernetes/kubectl-etcd/${component}.yaml` },
  });
  const workloads = ['etcd', 'kube-apiserver', 'kube-scheduler'].map(workload);
  const etcd = examination(at).etcd;
  return {
    node,
    workloads,
    obstacles: [],
    apiServer: { url: 'https://x:6443' },
    ...(etcd === undefined ? {} : { etcd }),
  };
}

function plan(changes: readonly (Change | undefined)[] = [], only?: string): Plan {
  const surveys = [0, 1, 2, 3, 4].map(survey);
  const made = planRenew({
    id: 'c-test1',
    now: new Date(0),
    by: 'anna',
    observation: observation(changes),
    surveys,
    only,
  });
  // What agents keep is what was planned.
  return v.parse(planSchema, JSON.parse(JSON.stringify(made)));
}

const shown = ({ phases }: Plan) =>
  phases.map(({ name, steps }) => `${name}: ${steps.map(({ node, does }) => `${node} ${does.kind}`).join(', ')}`);
const one = (at: number, node: string) =>
  `renew-${at}: ${['stop', 'exchange-certificates', 'start', 'settle', 'start'].map((kind) => `${node} ${kind}`).join(', ')}`;

describe('with a quorum, one after the other', () => {
  test('the leader last', () => {
    expect(shown(plan())).toEqual([
      'prepare: cp2 issue-certificates, cp3 issue-certificates, cp1 issue-certificates',
      ...[one(1, 'cp2'), one(2, 'cp3'), one(3, 'cp1')],
    ]);
  });

  test('one that is down first: it can only gain', () => {
    expect(shown(plan([undefined, undefined, exits('tls: bad certificate')])).slice(1)).toEqual([
      one(1, 'cp3'),
      one(2, 'cp2'),
      one(3, 'cp1'),
    ]);
  });

  test('one that was named', () => {
    expect(shown(plan([], 'cp2'))).toEqual(['prepare: cp2 issue-certificates', one(1, 'cp2')]);
  });

  test('etcd and API server alone are stopped, and each is waited for: the members that serve, and those that were renewed', () => {
    const [, first] = plan([undefined, undefined, exits('x509')]).phases;
    const steps = first?.steps.map(({ does }) => does) ?? [];
    expect(steps[0]).toMatchObject({
      workloads: [{ component: 'etcd' }, { component: 'kube-apiserver' }],
      startsAgain: true,
    });
    expect(steps[3]).toMatchObject({ endpoints: [{ name: 'cp1' }, { name: 'cp2' }, { name: 'cp3' }] });
    expect(steps[4]).toMatchObject({ apiServer: { url: 'https://x:6443' } });
  });
});

describe('without a quorum, all at once', () => {
  const expired = [0, 1, 2].map(() => exits('x509: certificate has expired'));
  test('all that answer, and the others are named', () => {
    const made = plan([...expired.slice(0, 2), agentSilent]);
    expect(shown(made)).toEqual([
      'prepare: cp1 issue-certificates, cp2 issue-certificates',
      'exchange: cp1 stop, cp1 exchange-certificates, cp2 stop, cp2 exchange-certificates',
      'start-etcd: cp1 start, cp2 start',
      'settle: cp1 settle',
      'start-api-server: cp1 start, cp2 start',
    ]);
    expect(made.aftermath).toEqual([
      expect.objectContaining({ next: 'when it is back: kubectl etcd certs renew cp3' }),
    ]);
  });

  test('too few of them: nothing is waited for that cannot come', () => {
    const made = plan(expired, 'cp1');
    expect(shown(made).map((line) => line.split(':')[0])).toEqual([
      'prepare',
      'exchange',
      'start-etcd',
      'start-api-server',
    ]);
    expect(made.phases.at(-1)?.steps[0]?.does).not.toHaveProperty('apiServer');
  });
});

test('one pair for all purposes is renewed once', () => {
  const [server, peer, ...others] = withKey();
  const shared = [
    { ...server, file: '/m.pem', keyFile: '/m.key' },
    { ...peer, file: '/m.pem', keyFile: '/m.key' },
    ...others,
  ];
  const [prepare] = plan([{ certificates: shared as never }], 'cp1').phases;
  const does = prepare?.steps[0]?.does;
  expect(does?.kind === 'issue-certificates' && does.pairs.map(({ certFile }) => certFile)).toEqual([
    '/m.pem',
    '/etc/kubernetes/pki/etcd/healthcheck-client.crt',
    '/etc/kubernetes/pki/apiserver-etcd-client.crt',
  ]);
});

test('what is missing is said to be, so that undoing leaves it missing', () => {
  const missing = { problem: { reason: 'host-file-missing', what: 'no' }, facts: gone, hasKey: false };
  const some = withKey().map((each) => (each.role === 'etcd-peer' ? { ...each, ...missing } : each));
  const exchange = plan([{ certificates: some }], 'cp1').phases[1]?.steps[1]?.does;
  expect(
    exchange?.kind === 'exchange-certificates' && exchange.pairs.map(({ hadCert, hadKey }) => [hadCert, hadKey]),
  ).toEqual([
    ...[
      [true, true],
      [false, false],
      [true, true],
      [true, true],
    ],
  ]);
});

describe('refused', () => {
  const shared = () =>
    withKey().map((each) =>
      each.role === 'etcd-peer' ? { ...each, keyFile: '/etc/kubernetes/pki/etcd/server.key' } : each,
    );
  const cases: [string, (Change | undefined)[], string | undefined, string][] = [
    ['a node that is not there', [], 'cp9', 'unknown-node'],
    [
      'an agent that does not answer, with a quorum',
      [undefined, undefined, agentSilent],
      undefined,
      'node-not-reached',
    ],
    ['the node that was named does not answer', [undefined, undefined, agentSilent], 'cp3', 'node-not-reached'],
    ['one is down already', [undefined, undefined, exits('walpb: crc mismatch')], 'cp2', 'no-member-to-spare'],
    [
      'an operation is open',
      [{ openOperation: { id: 'r-1', title: 't', by: 'b', undoing: false } }],
      undefined,
      'operation-open',
    ],
    ['a fenced node', [{ fencedBy: 'r-1' }], undefined, 'node-fenced'],
    ['no key of the authority', [{ certificates: certificates() }], undefined, 'authority-unusable'],
    ['etcd without TLS', [{ certificates: [] }], undefined, 'nothing-to-renew'],
    ['two certificates of one key', [{ certificates: shared() }], undefined, 'certificate-shares-key'],
    [
      'no etcd',
      [{ etcd: gone, member: gone, noEtcd: { reason: 'etcd-external', what: 'elsewhere' } }],
      undefined,
      'etcd-external',
    ],
  ];
  test.each(cases)('%s', (_, changes, only, reason) => {
    expect(() => plan(changes, only)).toThrow(
      expect.objectContaining({ reason, exit: reason === 'unknown-node' ? 2 : 5 }),
    );
  });

  test('with two members there is no quorum to keep, and that is no reason', () => {
    const two = [0, 1].map((at) => ({ member: member(at, ['cp1', 'cp2']) }));
    expect(shown(plan(two, 'cp1'))).toHaveLength(2);
  });
});
