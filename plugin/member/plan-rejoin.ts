/** The phases that bring a node's member back, new and with the data of the others. Pure; also a part of larger plans. */
import { exitCode, Failure } from '../../core/failure.ts';
import { initialClusterOf } from '../../core/operation/identity.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import type { Phase } from '../../core/operation/plan.ts';
import type { MemberIdentity, Step, Workload } from '../../core/operation/steps.ts';
import type { FoundEtcd } from '../../core/protocol/messages.ts';
import {
  graceSeconds,
  isApiServer,
  isControlPlane,
  isEtcd,
  phaseOf,
  placed,
  placesFor,
  touching,
} from '../operation/plan-parts.ts';

/** A node whose member is to be replaced by a new one, with what has to be known of it. */
export interface RejoiningNode {
  readonly name: string;
  readonly etcd: FoundEtcd;
  readonly places: NonNullable<NodeSurvey['places']>;
  /** etcd's first; of a fenced node those that the fence has stopped. */
  readonly workloads: readonly Workload[];
  readonly apiServer?: NodeSurvey['apiServer'];
  /** The operation that has left it out, where one has: the fence is lifted when the old data is out of the way. */
  readonly fencedBy?: string | undefined;
}

/** The node through which the membership is changed: its own member is well, and part of a quorum. */
export interface ThroughNode {
  readonly node: string;
  /** Its member's name, and where it serves the other nodes. */
  readonly name: string;
  readonly url: string;
  readonly dbSizeBytes: number;
}

export interface RejoinFacts {
  readonly id: string;
  readonly by: string;
  readonly node: RejoiningNode;
  readonly through: ThroughNode;
  /** Members that are listed for this node: they leave. */
  readonly stale: readonly MemberIdentity[];
  /** The members that stay: with the new one the initial cluster that etcd holds against what the others list. */
  readonly others: readonly Pick<MemberIdentity, 'name' | 'peerUrls'>[];
  /** Without a vote at first: where all members know of learners (3.4 and later). */
  readonly asLearner: boolean;
  /** The old member leaves while it still runs: without its vote the others could not decide that. */
  readonly removeFirst?: boolean;
  /** Phases before these have stopped the node and put its data aside. */
  readonly isAside?: boolean;
  /** Added to the names of the phases, where a plan brings back several nodes: `-cp2`. */
  readonly suffix?: string;
}

/**
 * Stopped, the data aside; out of the cluster and in again; started empty, caught up, promoted; then the control plane. Everything that can fail
 * on the node itself fails before the old member leaves: from then on there is no way back to it.
 */
export function rejoinPhases(facts: RejoinFacts): Phase[] {
  const { node, stale, suffix = '', removeFirst = false, isAside = false } = facts;
  const { name } = node;
  const on = (...steps: readonly Step[]) => steps.map((does) => ({ node: name, does }));
  const through = (...steps: readonly Step[]) => steps.map((does) => ({ node: facts.through.node, does }));
  const phase = (word: string, what: string, steps: ReturnType<typeof on>, isFinal = false) =>
    phaseOf(`${word}${suffix}`, what, steps, { ...touching, ...(isFinal ? { servesNewData: true } : {}) });

  const remove = phase(
    'remove',
    `the old member of ${name} leaves the cluster`,
    through(...stale.map((member) => ({ kind: 'member-remove', member }) as const)),
    true,
  );
  const stop = phase('stop', 'API server, controller-manager, scheduler, etcd', on(...stopSteps(facts)));
  const places = placesFor(facts.id, node.places);
  const setAside = phase(
    'set-aside',
    `${node.places.dataDir}/member aside, nothing in its place`,
    on({ kind: 'set-aside', places, hadMember: node.places.hasMember }),
  );
  const apart = isAside ? [] : [stop, setAside];
  const isFinal = stale.length > 0;
  const phases = [
    ...(removeFirst ? [remove, ...apart] : [...apart, remove]),
    phase(
      'lift-fence',
      `the fence of ${node.fencedBy ?? ''}`,
      node.fencedBy === undefined ? [] : on({ kind: 'lift-fence', by: facts.by }),
      isFinal,
    ),
    phase(
      'add',
      `${name} joins${facts.asLearner ? ' as a learner, without a vote' : ''}`,
      through(addStep(facts)),
      isFinal,
    ),
    phase('start-etcd', 'etcd, empty, with all members as its initial cluster', on(startEtcd(facts)), isFinal),
    phase('catch-up', 'it takes the data of the others', on(catchUp(facts)), isFinal),
    phase('promote', 'it votes, and confirms a read', through(promoteStep(facts)), true),
    phase('start-control-plane', 'API server, controller-manager, scheduler', on(...startControlPlane(facts)), true),
  ];
  return phases.filter(({ steps }) => steps.length > 0);
}

/** While all still runs: whether everything that will be moved and edited can be. */
export function rehearsal({ id, node, ...facts }: RejoinFacts): Step {
  const places = placesFor(id, node.places);
  return {
    kind: 'rehearse',
    places,
    workloads: [...workloadsOf({ id, node })],
    etcdFlags: flagsOf({ node, ...facts }),
  };
}

function stopSteps({ id, node }: RejoinFacts): Step[] {
  // What a fence has stopped stays so; and without data etcd would make a cluster of its own.
  const startsAgain = node.places.hasMember && node.fencedBy === undefined;
  return [isControlPlane, isEtcd].flatMap((which): Step[] => {
    const workloads = workloadsOf({ id, node }).filter(which);
    return workloads.length === 0 ? [] : [{ kind: 'stop', workloads, graceSeconds, startsAgain }];
  });
}

function addStep({ node: { etcd }, asLearner }: RejoinFacts): Step {
  return { kind: 'member-add', name: etcd.name, peerUrls: etcd.peerUrls, asLearner };
}

function promoteStep({ node: { etcd } }: RejoinFacts): Step {
  return { kind: 'member-promote', name: etcd.name, peerUrls: etcd.peerUrls };
}

function startEtcd(facts: RejoinFacts): Step {
  return { kind: 'start', workloads: workloadsOf(facts).filter(isEtcd), etcdFlags: flagsOf(facts) };
}

function catchUp({ id, node, through }: RejoinFacts): Step {
  const { name, url, dbSizeBytes: sizeBytes } = through;
  return { kind: 'catch-up', places: placesFor(id, node.places), ahead: { name, url }, sizeBytes };
}

function startControlPlane(facts: RejoinFacts): Step[] {
  const { apiServer } = facts.node;
  const workloads = workloadsOf(facts).filter(isControlPlane);
  const ready = workloads.some(isApiServer) && apiServer !== undefined ? { apiServer } : {};
  return workloads.length === 0 ? [] : [{ kind: 'start', workloads, ...ready }];
}

/**
 * etcd refuses to join where these are not exactly the members that the others list; and an empty directory with any other list, or as a `new`
 * cluster, would become a cluster of its own.
 */
function flagsOf({ node: { etcd }, others }: Pick<RejoinFacts, 'node' | 'others'>) {
  return {
    'initial-cluster': initialClusterOf([...others, etcd]),
    'initial-cluster-state': 'existing',
    // Left over by somebody who has mended a cluster by hand.
    'force-new-cluster': null,
  };
}

/** With the operation's own place for manifests; those that a fence has put aside are taken from where they are. */
function workloadsOf({ id, node }: Pick<RejoinFacts, 'id' | 'node'>): Workload[] {
  return node.workloads.map((each) => (node.fencedBy === undefined ? placed(id, each) : each));
}

/** @throws {Failure} exit code 5, where this node has not what a member needs. */
export function rejoiningNode(survey: NodeSurvey): RejoiningNode {
  const { node: name, etcd, places, workloads, apiServer, fencedBy } = survey;
  if (etcd === undefined || places === undefined)
    throw new Failure({
      reason: 'etcd-not-found',
      what: 'nothing says how etcd is to run here',
      node: name,
      why: survey.noEtcd?.why ?? survey.noEtcd?.what,
      next: survey.noEtcd?.next,
      exit: exitCode.refused,
    });
  return {
    ...{ name, etcd, places, workloads, fencedBy },
    ...(apiServer === undefined ? {} : { apiServer }),
  };
}
