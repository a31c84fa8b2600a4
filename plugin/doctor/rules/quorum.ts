/** The decision: whether anything can be written, and when not, which of recover, restore, or neither. */
import { Failure } from '../../../core/failure.ts';
import { examined, factsOf, nameOf, saveable } from '../facts.ts';
import type { Facts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import type { Observation } from '../observation.ts';
import { comesBack, mendingOf, whyStopped } from '../why-stopped.ts';
import type { Stopped } from '../why-stopped.ts';

interface Lost {
  readonly node: string;
  /** Undefined where not even its agent answers. */
  readonly stopped: Stopped | undefined;
  readonly mending: readonly string[];
}

/**
 * Quorum is lost. In this order: a safety snapshot of whatever answers; what brings members back with their data, where that is enough; a new cluster of the
 * best survivor, where one has its data; a snapshot, where none has.
 */
export const quorumLost: Rule = (observation) => {
  const facts = factsOf(observation);
  if (facts.quorum !== 'lost') return [];
  const lost = lostNodes(observation, facts);
  const dead = lost.filter(({ stopped }) => stopped === undefined).map(({ node }) => node);
  const mendable = lost.filter(({ stopped }) => stopped !== undefined && comesBack(stopped.ailment));
  const survivors = saveable(facts);
  const canMend = facts.alive + mendable.length >= facts.needed;
  const [best] = survivors;
  const hasData = best !== undefined || mendable.some(({ stopped }) => stopped?.ailment !== 'no-manifest');
  const lastResort = hasData ? recover(best, dead) : restore(observation);
  const finding: Finding = {
    severity: 'critical',
    rule: 'quorum-lost',
    what: `quorum is lost: ${facts.alive} of ${facts.voters} voting members answer, ${facts.needed} are needed`,
    where: lost.map(({ node }) => node),
    evidence: [
      ...standings(facts),
      ...lost.map(({ node, stopped }) => `${node}: ${stopped?.text ?? 'its agent does not answer'}`),
      ...apiEvidence(observation),
      canMend
        ? 'why no recover or restore: enough members have their data and come back when what stops them is mended'
        : hasData
          ? 'why recover and no restore: a member has its data, which is newer than any snapshot'
          : 'why restore: no node that answers has data that can be used',
    ],
    commands: [
      ...safety(survivors),
      ...(canMend ? mendings(mendable) : []),
      ...(dead.length > 0 && !canMend ? [comeBack(dead)] : []),
      ...lastResort.map((command) => (canMend ? `if that does not help: ${command}` : command)),
    ],
  };
  return [finding];
};

/** Enough members answer, and none leads them: that is a network or an overload, and nothing to be recovered from. */
export const noLeader: Rule = (observation) => {
  const facts = factsOf(observation);
  if (facts.quorum !== 'leaderless') return [];
  const peers = [...new Set(facts.members.flatMap(({ peerUrls }) => peerUrls))].join(', ');
  return [
    {
      severity: 'critical',
      rule: 'no-leader',
      what: `nothing can be written: ${facts.alive} of ${facts.voters} voting members answer, and too few know a leader`,
      where: [],
      evidence: [
        ...standings(facts),
        'they do not reach each other at their peer URLs, or an election is under way, which takes seconds',
        'why no recover or restore: enough members are there, with their data',
      ],
      commands: [
        ...safety(saveable(facts)),
        'kubectl etcd doctor, once more: an election ends in seconds',
        `on each control-plane node: can the others be reached? ${peers}`,
        ...facts.answering.slice(0, 1).map(({ name }) => `kubectl etcd logs ${name}`),
      ],
    },
  ];
};

/** Nobody can tell: too few agents answer. */
export const quorumUnknown: Rule = (observation) => {
  const facts = factsOf(observation);
  if (facts.quorum !== 'unknown') return [];
  const silent = observation.nodes.flatMap(({ name, examination }) =>
    examination instanceof Failure ? [{ name, failure: examination }] : [],
  );
  const elsewhere = facts.voters === 0;
  return [
    {
      severity: 'critical',
      rule: 'quorum-unknown',
      what: elsewhere
        ? 'whether etcd serves is not known: it runs on other machines, where no agent is'
        : `whether etcd serves is not known: the agents of ${silent.length} of ${facts.voters} control-plane nodes do not answer`,
      where: silent.map(({ name }) => name),
      evidence: [
        ...silent.map(({ name, failure: { what, why } }) => `${name}: ${[what, why].filter(Boolean).join(': ')}`),
        ...examined(observation).flatMap(({ name, examination: { noEtcd } }) =>
          noEtcd === undefined ? [] : [`${name}: ${[noEtcd.what, noEtcd.why].filter(Boolean).join(': ')}`],
        ),
        ...apiEvidence(observation),
      ],
      commands: [
        'kubectl etcd status',
        ...new Set(silent.flatMap(({ failure }) => failure.next?.split('\n') ?? [])),
        ...(elsewhere ? [] : [comeBack(silent.map(({ name }) => name))]),
      ],
    },
  ];
};

/** Each thing once: an operation is that of all nodes, and certificates that have expired on several are renewed on all at once. */
function mendings(mendable: readonly Lost[]): string[] {
  const expired = mendable.filter(({ stopped }) => stopped?.ailment === 'certificates');
  const others = mendable.filter((each) => expired.length < 2 || !expired.includes(each));
  return [
    ...(expired.length < 2 ? [] : ['kubectl etcd certs renew']),
    ...new Set(others.flatMap(({ mending }) => mending)),
  ];
}

/** Voters that do not answer, and control-plane nodes where nobody gave a list. */
function lostNodes(observation: Observation, facts: Facts): Lost[] {
  const names =
    facts.main === undefined
      ? observation.nodes.map(({ name }) => name)
      : facts.members.filter(({ learner, status }) => !learner && status === undefined).map(nameOf);
  return names.map((node) => {
    const examination = examined(observation).find(({ name }) => name === node)?.examination;
    if (examination === undefined) return { node, stopped: undefined, mending: [] };
    // One that answers and is of another cluster has left this one.
    const stopped = whyStopped(examination) ?? {
      ailment: 'not-a-member' as const,
      text: `its etcd is of another cluster, ${examination.member?.etcdClusterId ?? ''}`,
    };
    return { node, stopped, mending: mendingOf(node, stopped, examination) };
  });
}

function standings({ answering }: Facts): string[] {
  return answering.map(({ name, examination }) => {
    const { raftAppliedIndex = 0, revision = 0, leader = '0' } = examination.member?.status ?? {};
    return `${name}: answers, applied up to ${raftAppliedIndex}, revision ${revision}${leader === '0' ? ', knows no leader' : ''}`;
  });
}

/** While objects can be read nothing is lost that a restore would bring back. */
function apiEvidence(observation: Observation): string[] {
  const ready = examined(observation).filter(({ examination }) => examination.apiServer?.state === 'ready');
  return ready.length === 0
    ? []
    : [`the API server of ${ready.map(({ name }) => name).join(', ')} still says that it is ready`];
}

/** Needs neither quorum nor leader, and is the first thing to do in any disaster. */
export function safety(nodes: readonly string[]): string[] {
  return nodes.map((node) => `kubectl etcd snapshot save --from ${node}`);
}

function comeBack(dead: readonly string[]): string {
  return `${dead.join(', ')}: switch on, or connect, again, if that can be: then quorum may come back by itself`;
}

function recover(best: string | undefined, dead: readonly string[]): string[] {
  const words = [
    'kubectl etcd recover',
    ...(best === undefined ? [] : [`--from ${best}`]),
    ...dead.map((node) => `--dead ${node}`),
  ];
  const command = words.join(' ');
  return [
    dead.length === 0
      ? command
      : `make sure that ${dead.join(', ')} ${dead.length === 1 ? 'is' : 'are'} off, then: ${command}`,
  ];
}

/** The newest that is known of; people have theirs elsewhere. */
function restore(observation: Observation): string[] {
  const [newest] = examined(observation)
    .flatMap(({ name, examination }) => examination.snapshots.map((snapshot) => ({ name, ...snapshot })))
    .sort((one, other) => (one.takenAt < other.takenAt ? 1 : -1));
  const ofNode = newest === undefined ? [] : [`on ${newest.name}: ${newest.path} is of ${newest.takenAt}`];
  return [
    ...ofNode,
    'kubectl etcd restore SNAPSHOT, with the newest that you have: kubectl etcd snapshot status shows how old it is',
  ];
}
