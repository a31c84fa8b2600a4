/** What keeps recovery possible: agents, enrolment, fences, operations, snapshots. */
import { presentNodes } from '../../../core/access/register.ts';
import { Failure } from '../../../core/failure.ts';
import { accessProblems, accessView } from '../../status/access.ts';
import { formatAge } from '../../report/units.ts';
import { examined, factsOf } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { operationCommands } from '../why-stopped.ts';

/** Nodes without an agent, or whose agent is too old to be asked. */
export const agentSilent: Rule = (observation) => {
  const facts = factsOf(observation);
  if (facts.quorum === 'unknown') return [];
  const isDown = (name: string) => facts.members.some(({ node, status }) => node === name && status === undefined);
  return observation.nodes.flatMap(({ name, examination }): Finding[] => {
    // Where etcd is down too the member is the news, or the quorum.
    if (!(examination instanceof Failure) || isDown(name) || facts.main === undefined) return [];
    const old = examination.reason === 'unknown-request';
    return [
      {
        severity: 'warning',
        rule: 'agent-silent',
        what: old
          ? `the agent of ${name} is too old to be asked`
          : examination.reason === 'no-agent'
            ? `there is no agent on ${name}`
            : `the agent of ${name} does not answer, though its etcd does`,
        where: [name],
        evidence: [examination.message],
        commands:
          old || examination.reason === 'no-agent'
            ? ['kubectl etcd install']
            : [`on ${name}: systemctl status kubectl-etcd-agent`],
      },
    ];
  });
};

/** The way that is left when the API server is down, as `status` judges it. */
export const access: Rule = (observation) => {
  const { nodes, nowMs, accessFile: file, expectsEnrolment: expected } = observation;
  const [first, ...others] = nodes.flatMap(({ access: state }) => (state === undefined ? [] : [state]));
  const known = { state: first, file, expected, peers: new Map(others.map((state) => [state.node, state])) };
  const names = nodes.map(({ name }) => name);
  return accessProblems(accessView(known, names), known, { nowMs }).map(({ node, what, next }) => ({
    severity: 'warning',
    rule: 'access',
    what: node === null ? what : `${node}${what.startsWith('not enrolled') ? ' is' : ':'} ${what}`,
    where: node === null ? [] : [node],
    evidence:
      first === undefined
        ? []
        : [`as the agent of ${first.node} has it: ${presentNodes(first.register).length} nodes are enrolled`],
    commands: next === null ? [] : [next],
  }));
};

export const fenced: Rule = (observation) => {
  const found = examined(observation).flatMap(({ name, examination: { fencedBy } }) =>
    fencedBy === undefined ? [] : [{ name, fencedBy }],
  );
  return found.map(({ name, fencedBy }) => ({
    severity: 'warning',
    rule: 'fenced',
    what: `${name} is fenced: its agent keeps etcd and API server stopped`,
    where: [name],
    evidence: [`${fencedBy} has left it out, and it holds the data of before`],
    commands: [`kubectl etcd operation show ${fencedBy}`, `kubectl etcd member rejoin ${name}`],
  }));
};

/** Nothing else can be begun before it is ended. */
export const operationOpen: Rule = (observation) => {
  const open = examined(observation).flatMap(({ name, examination: { openOperation } }) =>
    openOperation === undefined ? [] : [{ name, ...openOperation }],
  );
  return [...Map.groupBy(open, ({ id }) => id).values()].flatMap((on): Finding[] => {
    const [first] = on;
    if (first === undefined) return [];
    return [
      {
        severity: 'warning',
        rule: 'operation-open',
        what: `the operation ${first.id} is not finished: ${first.title}`,
        where: on.map(({ name }) => name),
        evidence: [`begun by ${first.by}${on.some(({ undoing }) => undoing) ? '; it is being rolled back' : ''}`],
        commands: operationCommands({ ...first, undoing: on.some(({ undoing }) => undoing) }),
      },
    ];
  });
};

const dayMs = 24 * 3_600_000;

/** As far as agents know: what people save themselves is in no register. */
export const snapshots: Rule = (observation) => {
  // Where it matters, saving one stands first already.
  if (factsOf(observation).quorum !== 'kept') return [];
  const known = examined(observation).flatMap(({ name, examination }) =>
    examination.snapshots.map((snapshot) => ({ name, ...snapshot })),
  );
  const [newest] = known.toSorted((one, other) => (one.takenAt < other.takenAt ? 1 : -1));
  const ageMs = newest === undefined ? Infinity : observation.nowMs - Date.parse(newest.takenAt);
  if (ageMs < dayMs) return [];
  return [
    {
      severity: 'info',
      rule: 'no-recent-snapshot',
      what: 'no snapshot of the last day is known of',
      where: [],
      evidence: [
        newest === undefined
          ? 'the agents know of none'
          : `the newest that the agents know of is ${formatAge(ageMs)} old: ${newest.path} on ${newest.name}`,
        'they know what operations have left on the nodes, and not what was saved elsewhere',
      ],
      commands: ['kubectl etcd snapshot save'],
    },
  ];
};

/** What the agents themselves have to say, but for what has a finding of its own. */
export const agentWarnings: Rule = (observation) =>
  examined(observation).flatMap(({ name, examination: { warnings } }) =>
    warnings
      .filter((text) => !/is a second manifest of etcd|fenced|cannot read the static manifest/.test(text))
      .map((text) => ({
        severity: 'warning',
        rule: 'agent-warning',
        what: `${name}: ${text}`,
        where: [name],
        evidence: [],
        commands: [],
      })),
  );

export const otherVersions: Rule = ({ nodes, pluginVersion }) => {
  const others = nodes.filter(({ agentVersion }) => (agentVersion ?? pluginVersion) !== pluginVersion);
  if (others.length === 0) return [];
  return [
    {
      severity: 'warning',
      rule: 'agent-version',
      what: 'agents are of another version than this program',
      where: others.map(({ name }) => name),
      evidence: others.map(
        ({ name, agentVersion }) => `${name}: ${agentVersion ?? ''}; this program: ${pluginVersion}`,
      ),
      commands: ['kubectl etcd install'],
    },
  ];
};
