/** Law 6: which nodes may be left out. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../../core/failure.ts';
import { planRestore } from '../../../plugin/restore/plan-restore.ts';
import { choosePart, parsePart } from '../../../plugin/restore/left-out.ts';
import type { AskedPart } from '../../../plugin/restore/left-out.ts';
import { readyNodes } from '../../../plugin/restore/refusals.ts';
import type { NodeSurvey } from '../../../core/operation/messages.ts';
import { factsOf, prod, snapshotWith, surveyOf, without } from './facts.ts';

const names = (count: number) => Array.from({ length: count }, (_, at) => `cp${at + 1}`);
const listOf = (members: readonly string[], learners: readonly string[] = []) =>
  members.map((name, at) => ({
    ...{ id: `a00${at + 1}`, name, peerUrls: [`https://10.0.0.${name.replace(/\D/g, '')}:2380`] },
    learner: learners.includes(name),
  }));
const knownNodes = (all: readonly string[]) =>
  all.map((name) => ({ name, addresses: [`10.0.0.${name.replace(/\D/g, '')}`] }));
const words = (text: string) => text.split(' ').filter(Boolean);

/** `up`: their agents answer, and their etcd runs; each lists all as members. */
function look(count: number, up: readonly string[]) {
  const all = names(count);
  return { known: knownNodes(all), surveys: up.map((name) => surveyOf(name, { members: listOf(all) })) };
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (thrown) {
    return thrown;
  }
  throw new Error('it is not refused');
}

describe('nodes left out', () => {
  test.each<[members: number, nodes: string | undefined, dead: string, up: string, refused: string]>([
    [1, undefined, '', 'cp1', ''],
    [1, 'cp1', '', 'cp1', ''],
    [3, undefined, '', 'cp1 cp2 cp3', ''],
    [3, 'cp1 cp2 cp3', '', 'cp1 cp2 cp3', ''],
    // One of three is no quorum: that its agent is silent is enough.
    [3, 'cp1 cp2', '', 'cp1 cp2', ''],
    [3, 'cp1 cp2', 'cp3', 'cp1 cp2', ''],
    [3, undefined, 'cp3', 'cp1 cp2', ''],
    // Its etcd runs.
    [3, 'cp1 cp2', '', 'cp1 cp2 cp3', 'left-out-node-answers'],
    [3, 'cp1 cp2', 'cp3', 'cp1 cp2 cp3', 'dead-node-answers'],
    // Two of three are.
    [3, 'cp1', '', 'cp1', 'left-out-quorum'],
    [3, 'cp1', 'cp2', 'cp1', ''],
    [3, 'cp1', 'cp2 cp3', 'cp1', ''],
    [3, undefined, 'cp2 cp3', 'cp1', ''],
    [3, 'cp1', 'cp2', 'cp1 cp3', 'left-out-node-answers'],
    [3, 'cp1', '', 'cp1 cp2 cp3', 'left-out-quorum left-out-node-answers left-out-node-answers'],
    [3, 'cp1', 'cp2 cp3', 'cp1 cp2', 'dead-node-answers'],
    [5, 'cp1 cp2 cp3', '', 'cp1 cp2 cp3', ''],
    [5, 'cp1 cp2', '', 'cp1 cp2', 'left-out-quorum'],
    [5, 'cp1 cp2', 'cp3', 'cp1 cp2', ''],
    [5, 'cp1', 'cp2', 'cp1', 'left-out-quorum'],
    [5, 'cp1', 'cp2 cp3', 'cp1', ''],
    [5, undefined, 'cp2 cp3 cp4 cp5', 'cp1', ''],
    // An even number: two of four are not enough for either side, and three are.
    [4, 'cp1 cp2', '', 'cp1 cp2', ''],
    [4, 'cp1', '', 'cp1', 'left-out-quorum'],
  ])('of %i onto %s, dead: %s, answering: %s: %s', (members, nodes, dead, up, refused) => {
    const asked = { nodes: nodes === undefined ? undefined : words(nodes), dead: words(dead) };
    const part = choosePart(asked, look(members, words(up)));
    expect(part.refusals.map(({ reason }) => reason)).toEqual(words(refused));
    for (const { exit, next } of part.refusals)
      expect({ exit, told: next !== undefined }).toEqual({ exit: 5, told: true });
    const left = names(members).filter((name) => !part.nodes.has(name));
    expect(part.leftOut).toEqual(left.map((node) => ({ node, declaredDead: words(dead).includes(node) })));
  });

  const onto = (nodes: string, dead = ''): AskedPart => ({ nodes: words(nodes), dead: words(dead) });
  const known = knownNodes(names(3));
  const reasons = (asked: AskedPart, surveys: readonly NodeSurvey[], nodes = known) =>
    choosePart(asked, { known: nodes, surveys }).refusals.map(({ reason }) => reason);

  test('where nobody lists the members, each node has one', () => {
    const silent = without(surveyOf('cp1'), 'status', 'members');
    expect(reasons(onto('cp1'), [silent])).toEqual(['left-out-quorum']);
    expect(reasons(onto('cp1', 'cp3'), [silent])).toEqual([]);
  });

  test('learners have no vote: two voters of three are a quorum, however many learners there are', () => {
    const members = listOf(['cp1', 'cp2', 'cp3', 'cp4', 'cp5'], ['cp4', 'cp5']);
    expect(reasons(onto('cp1 cp4 cp5'), [surveyOf('cp1', { members })], knownNodes(names(5)))).toEqual([
      'left-out-quorum',
    ]);
  });

  test('two that remember different clusters: neither may be left with a quorum', () => {
    const surveys = [surveyOf('cp1', { members: listOf(['cp1']) }), surveyOf('cp2', { members: listOf(names(5)) })];
    expect(reasons(onto('cp1 cp2'), surveys, knownNodes(names(5)))).toEqual(['left-out-quorum']);
  });

  test('a member has another name than its node: it is known by its address', () => {
    const members = listOf(names(3)).map((each) => ({ ...each, name: `infra-${each.name}` }));
    const survey = surveyOf('cp1', { members });
    const own = survey.etcd === undefined ? survey : { ...survey, etcd: { ...survey.etcd, name: 'infra-cp1' } };
    expect(reasons(onto('cp1', 'cp2'), [own])).toEqual([]);
    expect(reasons(onto('cp1'), [own])).toEqual(['left-out-quorum']);
  });

  test('a member on no node of the installation is declared dead by its own name, and only then accounted for', () => {
    const two = knownNodes(names(2));
    const surveys = ['cp1', 'cp2'].map((name) => surveyOf(name, { members: listOf(names(3)) }));
    expect([...choosePart({ nodes: undefined, dead: [] }, { known: two, surveys }).accounted]).toEqual([]);
    const part = choosePart({ nodes: undefined, dead: ['cp3'] }, { known: two, surveys });
    expect([...part.accounted]).toEqual(['a003']);
    expect(part.leftOut).toEqual([]);
  });

  test('one that an earlier restore has fenced is no danger, and need not be declared dead', () => {
    const fenced = (name: string) => surveyOf(name, { fencedBy: 'r-2345', members: listOf(names(3)) });
    const own = surveyOf('cp1', { members: listOf(['cp1']) });
    expect(reasons(onto('cp1'), [own, fenced('cp2'), fenced('cp3')])).toEqual([]);
    expect(reasons(onto('cp1', 'cp2'), [own, fenced('cp2'), fenced('cp3')])).toEqual(['dead-node-answers']);
  });

  test('one whose agent is silent, and whose etcd answers the others, is not dead', () => {
    const seen = listOf(names(3)).map((each) => ({ ...each, clientUrls: [] }));
    const status = surveyOf('cp1').status;
    const live = seen.map((each) => (each.name === 'cp2' || status === undefined ? each : { ...each, status }));
    const { surveys } = look(3, ['cp1']);
    const refusals = (asked: AskedPart) =>
      choosePart(asked, { known, surveys, live }).refusals.map(({ reason, node }) => `${node ?? ''} ${reason}`);
    expect(refusals(onto('cp1', 'cp2 cp3'))).toEqual(['cp3 dead-node-answers']);
    expect(refusals(onto('cp1', 'cp2'))).toEqual(['cp3 left-out-node-answers']);
    expect(refusals(onto('cp1 cp3', 'cp2'))).toEqual([]);
  });

  test('one whose etcd is taken away may be left out while its agent answers', () => {
    const noEtcd = { reason: 'etcd-not-found', what: 'there is no etcd on this node' };
    const empty = without(surveyOf('cp3', { noEtcd }), 'etcd', 'status', 'members');
    expect(reasons(onto('cp1 cp2'), [surveyOf('cp1'), surveyOf('cp2'), empty])).toEqual([]);
  });
});

describe('wrong usage: exit code 2', () => {
  test.each<[what: string, nodes: string | undefined, dead: string | undefined]>([
    ['an empty name', 'cp1,,cp2', undefined],
    ['no name', '', undefined],
    ['no dead name', 'cp1', ''],
    ['in both', 'cp1,cp2', 'cp2'],
  ])('%s', (_what, nodes, dead) => {
    const flags = { ...(nodes === undefined ? {} : { nodes }), ...(dead === undefined ? {} : { dead }) };
    expect(thrownBy(() => parsePart(flags))).toMatchObject({ reason: 'wrong-usage', exit: 2 });
  });

  test.each<[what: string, asked: AskedPart, reason: string]>([
    ['a node that there is not', { nodes: ['cp1', 'cp9'], dead: [] }, 'unknown-node'],
    ['a dead one that there is not', { nodes: ['cp1'], dead: ['cp9'] }, 'unknown-node'],
    ['all of them dead', { nodes: undefined, dead: names(3) }, 'wrong-usage'],
  ])('%s', (_what, asked, reason) => {
    expect(thrownBy(() => choosePart(asked, look(3, ['cp1'])))).toMatchObject({ reason, exit: 2 });
  });

  test('names are taken with blanks around them, and each once', () => {
    expect(parsePart({ nodes: ' cp1, cp2,cp1', dead: 'cp3' })).toEqual({ nodes: ['cp1', 'cp2'], dead: ['cp3'] });
    expect(parsePart({})).toEqual({ nodes: undefined, dead: [] });
  });
});

test('no plan is ever made where those that are left out and not declared dead are a quorum of the old members', () => {
  const cluster = fc.integer({ min: 1, max: 7 }).chain((count) =>
    fc.record({
      count: fc.constant(count),
      nodes: fc.option(fc.subarray(names(count), { minLength: 1 }), { nil: undefined }),
      dead: fc.subarray(names(count)),
      up: fc.subarray(names(count)),
      lists: fc.boolean(),
    }),
  );
  let plans = 0;
  fc.assert(
    fc.property(cluster, ({ count, nodes, dead, up, lists }) => {
      const asked = { nodes, dead: dead.filter((name) => nodes?.includes(name) !== true) };
      const { known, surveys: full } = look(count, up);
      const surveys = lists ? full : full.map((survey) => without(survey, 'members', 'status'));
      const silent = names(count).filter((name) => !up.includes(name));
      const away = (node: string) => new Failure({ reason: 'agent-silent', what: 'it is silent', node });
      let plan;
      try {
        const part = choosePart(asked, { known, surveys });
        const unreached = new Map(silent.map((node) => [node, away(node)]));
        const looked = {
          cluster: prod,
          snapshot: snapshotWith(),
          surveys,
          unreached,
          part,
          differentCluster: undefined,
        };
        const ready = readyNodes(looked).map(({ survey }) => survey);
        plan = planRestore(factsOf(ready, { leftOut: part.leftOut, first: ready[0]?.node ?? '' }));
      } catch (thrown) {
        if (thrown instanceof Failure && [2, 5].includes(thrown.exit)) return;
        throw thrown;
      }
      plans += 1;
      const left = names(count).filter((name) => !plan.nodes.includes(name));
      const undeclared = left.filter((name) => !asked.dead.includes(name));
      expect(undeclared.length * 2).toBeLessThanOrEqual(count);
      // Nobody whose etcd runs is left out, and all that are left out are fenced before there is a new cluster.
      expect(left.filter((name) => up.includes(name))).toEqual([]);
      expect(plan.leftOut?.map(({ node }) => node) ?? []).toEqual(left);
      const at = (name: string) => plan.phases.findIndex((phase) => phase.name === name);
      if (left.length > 0) expect(at('fence')).toBeLessThan(at('start-etcd'));
      expect(at('fence') >= 0).toBe(left.length > 0);
    }),
    { numRuns: 2_000 },
  );
  expect(plans).toBeGreaterThan(50);
});
