import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as v from 'valibot';
import { identityOf } from '../../../core/operation/identity.ts';
import type { NodeSurvey } from '../../../core/operation/messages.ts';
import { allSteps, plan as planSchema } from '../../../core/operation/plan.ts';
import type { Plan } from '../../../core/operation/plan.ts';
import type { StepKind, StepOf, Workload } from '../../../core/operation/steps.ts';
import { planRestore } from '../../../plugin/restore/plan-restore.ts';
import { factsOf, podOf, snapshotWith, surveyOf, without } from './facts.ts';

const three = ['cp1', 'cp2', 'cp3'].map((node) => surveyOf(node));
const short = (component: string) => component.replace('kube-', '');

/** `phase!: cp1 receive, build; cp2 build`: what is done to which workload stands behind it. */
function lines({ phases }: Plan): string[] {
  return phases.map(({ name, steps, touches, servesNewData }) => {
    const nodes = new Map<string, string[]>();
    for (const { node, does } of steps) {
      const on = 'workloads' in does ? `(${does.workloads.map(({ component }) => short(component)).join(' ')})` : '';
      const from = does.kind === 'receive' && does.from !== undefined ? `<${does.from}` : '';
      nodes.set(node, [...(nodes.get(node) ?? []), `${does.kind}${on}${from}`]);
    }
    const marks = `${touches === true ? '!' : ''}${servesNewData === true ? '!' : ''}`;
    return `${name}${marks}: ${[...nodes].map(([node, does]) => `${node} ${does.join(', ')}`).join('; ')}`;
  });
}

function stepsOf<Kind extends StepKind>(plan: Plan, kind: Kind): { node: string; does: StepOf<Kind> }[] {
  return allSteps(plan).filter((step): step is typeof step & { does: StepOf<Kind> } => step.does.kind === kind);
}

describe('phases', () => {
  const everything = '(etcd apiserver controller-manager scheduler)';
  const controlPlane = '(apiserver controller-manager scheduler)';
  test('three nodes of kubeadm', () => {
    expect(lines(planRestore(factsOf(three)))).toEqual([
      'stage: cp1 receive',
      `prepare: cp1 safeguard, build, rehearse${everything}; cp2 receive<cp1, build, rehearse${everything}; cp3 receive<cp1, build, rehearse${everything}`,
      `stop-control-plane!: cp1 stop${controlPlane}; cp2 stop${controlPlane}; cp3 stop${controlPlane}`,
      'stop-etcd!: cp1 stop(etcd); cp2 stop(etcd); cp3 stop(etcd)',
      'exchange!: cp1 exchange; cp2 exchange; cp3 exchange',
      'start-etcd!: cp1 start(etcd); cp2 start(etcd); cp3 start(etcd)',
      'check!: cp1 check',
      'start-api-server!!: cp1 start(apiserver)',
      `start-control-plane!!: cp1 start(controller-manager scheduler), canary; cp2 start${controlPlane}; cp3 start${controlPlane}`,
    ]);
  });

  test('kubelets, where that is asked for', () => {
    const phases = lines(planRestore({ ...factsOf(three), restartKubelets: true }));
    expect(phases.at(-1)).toBe('restart-kubelets!!: cp1 restart-kubelet; cp2 restart-kubelet; cp3 restart-kubelet');
    expect(phases).toHaveLength(10);
  });

  test('one node', () => {
    expect(lines(planRestore(factsOf([surveyOf('cp1')])))).toEqual([
      'stage: cp1 receive',
      `prepare: cp1 safeguard, build, rehearse${everything}`,
      `stop-control-plane!: cp1 stop${controlPlane}`,
      'stop-etcd!: cp1 stop(etcd)',
      'exchange!: cp1 exchange',
      'start-etcd!: cp1 start(etcd)',
      'check!: cp1 check',
      'start-api-server!!: cp1 start(apiserver)',
      'start-control-plane!!: cp1 start(controller-manager scheduler), canary',
    ]);
  });

  test('plain processes, without Kubernetes: no phase that has nothing to do', () => {
    const process: Workload = { by: 'process', component: 'etcd' };
    const plan = planRestore(factsOf(three.map((one) => without({ ...one, workloads: [process] }, 'apiServer'))));
    expect(lines(plan).map((line) => line.split(':')[0])).toEqual([
      'stage',
      'prepare',
      'stop-etcd!',
      'exchange!',
      'start-etcd!',
      'check!',
    ]);
  });

  test('two of three: the third is fenced before etcd starts, and is no member of what comes', () => {
    const leftOut = [{ node: 'cp3', declaredDead: true }];
    const plan = planRestore(factsOf(three.slice(0, 2), { leftOut }));
    expect(lines(plan)).toEqual([
      'stage: cp1 receive',
      `prepare: cp1 safeguard, build, rehearse${everything}; cp2 receive<cp1, build, rehearse${everything}`,
      `stop-control-plane!: cp1 stop${controlPlane}; cp2 stop${controlPlane}`,
      'stop-etcd!: cp1 stop(etcd); cp2 stop(etcd)',
      'exchange!: cp1 exchange; cp2 exchange',
      'fence!: cp1 fence',
      'start-etcd!: cp1 start(etcd); cp2 start(etcd)',
      'check!: cp1 check',
      'start-api-server!!: cp1 start(apiserver)',
      `start-control-plane!!: cp1 start(controller-manager scheduler), canary; cp2 start${controlPlane}`,
    ]);
    expect(plan).toMatchObject({ nodes: ['cp1', 'cp2'], leftOut });
    expect(stepsOf(plan, 'fence')[0]?.does).toEqual({ kind: 'fence', nodes: ['cp3'], by: 'anna@laptop' });
    for (const { does } of [...stepsOf(plan, 'build'), ...stepsOf(plan, 'check')])
      expect(does.identity.members.map(({ name }) => name)).toEqual(['cp1', 'cp2']);
    for (const { does } of stepsOf(plan, 'start'))
      if (does.etcdFlags !== undefined) expect(does.etcdFlags['initial-cluster']).not.toContain('cp3');
    expect(plan.aftermath?.[0]?.what).toMatch(/^cp3 was left out, and is fenced/);
  });

  test('all of them: a plan as it was before there were parts', () => {
    const plan = planRestore(factsOf(three));
    expect(plan).not.toHaveProperty('leftOut');
    expect(v.is(planSchema, JSON.parse(JSON.stringify(plan)))).toBe(true);
  });

  test('a NOSPACE alarm in the snapshot is cured before any API server starts', () => {
    const snapshot = snapshotWith({ alarms: [{ memberId: 'a001', alarm: 'NOSPACE' }] });
    const phases = lines(planRestore(factsOf(three, { snapshot })));
    expect(phases.find((line) => line.includes('cure'))).toBe('check!: cp1 check, cure');
  });

  test('etcd under systemd beside an API server in a static pod: its unit is stopped, and no manifest of it edited', () => {
    const unit: Workload = { by: 'systemd', component: 'etcd', unit: 'etcd.service' };
    const plan = planRestore(factsOf([surveyOf('cp1', { workloads: [unit, podOf('kube-apiserver', 'cp1')] })]));
    expect(lines(plan)).toContain('stop-etcd!: cp1 stop(etcd)');
    expect(JSON.stringify(plan)).not.toContain('etcdFlags');
  });

  test('the node on which the file is, wherever it stands in the order', () => {
    const plan = planRestore(factsOf(three, { first: 'cp3' }));
    expect(lines(plan)[0]).toBe('stage: cp3 receive');
    expect(stepsOf(plan, 'receive').map(({ node, does }) => `${node}<${does.from ?? ''}`)).toEqual([
      'cp3<',
      'cp1<cp3',
      'cp2<cp3',
    ]);
  });
});

describe('what the steps carry', () => {
  const plan = planRestore(factsOf(three));
  const identity = identityOf(
    three.map(({ node, etcd }) => ({ name: node, peerUrls: etcd?.peerUrls ?? [] })),
    'r-7kq2m',
  );

  test('all nodes build the same members, and the check accepts these alone', () => {
    for (const { node, does } of stepsOf(plan, 'build')) {
      expect(does).toMatchObject({ identity, token: 'r-7kq2m', name: node, etcdVersion: '3.5.16', bumpRevision: 1400 });
      expect(does.places.besideData).toBe('/var/lib/etcd-kubectl-etcd/r-7kq2m');
    }
    const [check] = stepsOf(plan, 'check');
    expect(check?.does).toMatchObject({ identity, revisionAtLeast: 2400, liveKeys: 900 });
    expect(check?.does.endpoints).toEqual([
      { name: 'cp1', url: 'https://10.0.0.1:2379' },
      { name: 'cp2', url: 'https://10.0.0.2:2379' },
      { name: 'cp3', url: 'https://10.0.0.3:2379' },
    ]);
  });

  test('manifests name all members, and fail closed on an empty directory', () => {
    const flags = {
      'initial-cluster': 'cp1=https://10.0.0.1:2380,cp2=https://10.0.0.2:2380,cp3=https://10.0.0.3:2380',
      'initial-cluster-state': 'existing',
    };
    const started = stepsOf(plan, 'start').filter(({ does }) =>
      does.workloads.some(({ component }) => component === 'etcd'),
    );
    expect(started.map(({ does }) => does.etcdFlags)).toEqual([flags, flags, flags]);
    for (const { does } of stepsOf(plan, 'start'))
      if (!does.workloads.some(({ component }) => component === 'etcd')) expect(does.etcdFlags).toBeUndefined();
  });

  test('manifests go aside into the operation’s own folder, outside of the kubelet’s', () => {
    for (const { does } of [...stepsOf(plan, 'stop'), ...stepsOf(plan, 'start')])
      for (const workload of does.workloads)
        expect(workload).toMatchObject({ aside: `/etc/kubernetes/kubectl-etcd/r-7kq2m/${workload.component}.yaml` });
  });

  test('without a bump there is none, and the snapshot’s own revision is what is asked for', () => {
    const unbumped = planRestore(factsOf(three, { bump: undefined }));
    for (const { does } of stepsOf(unbumped, 'build')) expect(does).not.toHaveProperty('bumpRevision');
    expect(stepsOf(unbumped, 'check')[0]?.does.revisionAtLeast).toBe(1000);
  });

  test('a WAL directory of its own goes with the data', () => {
    const places = surveyOf('cp1').places;
    if (places === undefined) throw new Error('no places');
    const walled = planRestore(
      factsOf([surveyOf('cp1', { places: { ...places, walDir: '/wal', besideWal: '/wal/.kubectl-etcd' } })]),
    );
    for (const { does } of allSteps(walled))
      if ('places' in does)
        expect(does.places).toEqual({
          ...{ dataDir: '/var/lib/etcd', besideData: '/var/lib/etcd-kubectl-etcd/r-7kq2m' },
          ...{ walDir: '/wal', besideWal: '/wal/.kubectl-etcd/r-7kq2m' },
        });
  });

  test('where there was no member, etcd is not started by going back', () => {
    const places = surveyOf('cp2').places;
    if (places === undefined) throw new Error('no places');
    const wiped = planRestore(factsOf([surveyOf('cp1'), surveyOf('cp2', { places: { ...places, hasMember: false } })]));
    expect(stepsOf(wiped, 'exchange').map(({ does }) => does.hadMember)).toEqual([true, false]);
    const etcd = stepsOf(wiped, 'stop').filter(({ does }) => does.workloads[0]?.component === 'etcd');
    expect(etcd.map(({ does }) => does.startsAgain)).toEqual([true, false]);
  });
});

describe('what is saved before', () => {
  const status = (node: string, raftAppliedIndex: number) => {
    const survey = surveyOf(node);
    return survey.status === undefined ? survey : { ...survey, status: { ...survey.status, raftAppliedIndex } };
  };
  const silent = (node: string) => without(surveyOf(node), 'status', 'members');
  const places = surveyOf('cp1').places;
  const empty = (node: string) => ({
    ...silent(node),
    ...(places === undefined ? {} : { places: { ...places, hasMember: false } }),
  });
  test.each<[what: string, surveys: NodeSurvey[], saved: string[]]>([
    ['of those that answer the one that is furthest', [status('cp1', 7), status('cp2', 9), status('cp3', 8)], ['cp2']],
    ['of one that answers', [silent('cp1'), status('cp2', 1), silent('cp3')], ['cp2']],
    ['where none answers, all that have data', [silent('cp1'), empty('cp2'), silent('cp3')], ['cp1', 'cp3']],
    ['where there is none, nothing', [empty('cp1'), empty('cp2'), empty('cp3')], []],
  ])('%s', (_what, surveys, saved) => {
    expect(stepsOf(planRestore(factsOf(surveys)), 'safeguard').map(({ node }) => node)).toEqual(saved);
  });
});

test('every plan is one that an agent takes, its steps have names of their own, and each is done on a node of the plan', () => {
  const anySurvey = fc
    .record({
      number: fc.integer({ min: 1, max: 9 }),
      static: fc.boolean(),
      answers: fc.boolean(),
      hasMember: fc.boolean(),
      apiServer: fc.boolean(),
      walDir: fc.boolean(),
    })
    .map(({ number, answers, hasMember, walDir, apiServer, static: isStatic }) => {
      const survey = surveyOf(`cp${number}`);
      const process: Workload = { by: 'process', component: 'etcd' };
      const { places } = survey;
      if (places === undefined) throw new Error('no places');
      const wal = walDir ? { walDir: '/wal', besideWal: '/wal-kubectl-etcd' } : {};
      const changed = {
        ...survey,
        places: { ...places, ...wal, hasMember },
        ...(isStatic ? {} : { workloads: [process] }),
      };
      return without(
        changed,
        ...(answers ? [] : (['status', 'members'] as const)),
        ...(apiServer && isStatic ? [] : (['apiServer'] as const)),
      );
    });
  fc.assert(
    fc.property(
      fc.uniqueArray(anySurvey, { minLength: 1, maxLength: 5, selector: ({ node }) => node }),
      fc.option(fc.integer({ min: 1, max: 1e12 }), { nil: undefined }),
      (surveys, bump) => {
        const facts = factsOf(surveys, { bump, first: surveys[0]?.node ?? '' });
        const plan = planRestore(facts);
        // As it goes over the wire: what is undefined is not there.
        expect(v.parse(planSchema, JSON.parse(JSON.stringify(plan)))).toEqual(JSON.parse(JSON.stringify(plan)));
        const steps = allSteps(plan);
        expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
        expect(plan.nodes).toEqual(plan.nodes.toSorted());
        for (const { node } of steps) expect(plan.nodes).toContain(node);
        // Pure: in whichever order the nodes were looked at.
        expect(planRestore({ ...facts, nodes: facts.nodes.toReversed() })).toEqual(plan);
        // Nothing is stopped before everything is built, and nothing built after it; who stops is started again.
        const at = (kind: string) =>
          plan.phases.flatMap(({ steps: own }, place) => (own.some(({ does }) => does.kind === kind) ? [place] : []));
        expect(Math.max(...at('build'), ...at('receive'), ...at('rehearse'))).toBeLessThan(Math.min(...at('stop')));
        expect(Math.max(...at('stop'))).toBeLessThan(Math.min(...at('exchange')));
        expect(Math.max(...at('exchange'))).toBeLessThan(Math.min(...at('start')));
        const workloads = (kind: 'stop' | 'start') =>
          stepsOf(plan, kind)
            .flatMap(({ node, does }) => does.workloads.map(({ component }) => `${node} ${component}`))
            .sort();
        expect(workloads('start')).toEqual(workloads('stop'));
        for (const phase of plan.phases)
          if (phase.steps.some(({ does }) => ['stop', 'exchange', 'start'].includes(does.kind)))
            expect(phase.touches).toBe(true);
      },
    ),
  );
});
