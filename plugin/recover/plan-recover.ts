/** From what was looked at to the plan of a recovery. Pure: the same facts give the same plan. */
import { posix } from 'node:path';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import type { Phase, Plan } from '../../core/operation/plan.ts';
import type { ClusterIdentity, Step, Workload } from '../../core/operation/steps.ts';
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
import type { Steps } from '../operation/plan-parts.ts';
import { isConfigurable } from '../restore/plan-restore.ts';
import type { ReadyNode } from '../restore/plan-restore.ts';
import { knowsLearners } from '../member/may-rejoin.ts';
import { rehearsal, rejoinPhases, rejoiningNode } from '../member/plan-rejoin.ts';
import type { RejoinFacts } from '../member/plan-rejoin.ts';
import { knownCommitted } from './rank.ts';
import type { Recoverable } from './refusals.ts';

export interface RecoverFacts extends Recoverable {
  readonly id: string;
  readonly now: Date;
  readonly by: string;
  readonly cluster: { readonly name: string; readonly uid: string | undefined };
}

/** The plan of a recovery. Whether it may be carried out has been found out before: see refusals.ts. */
export function planRecover(facts: RecoverFacts): Plan {
  const { id, now, by, cluster, survivor, leftOut } = facts;
  const nodes = [survivor, ...facts.others].sort((one, other) => (one.name < other.name ? -1 : 1));
  const phases = [
    phaseOf('rehearse', 'what will be moved can be moved', rehearse(facts)),
    phaseOf(
      'stop-control-plane',
      'API server, controller-manager, scheduler',
      stopAll(id, nodes, isControlPlane),
      touching,
    ),
    phaseOf('stop-etcd', 'etcd', stopAll(id, nodes, isEtcd), touching),
    phaseOf('fence', 'those that are left out may not run etcd when they come back', fenceOff(facts), touching),
    phaseOf(
      'force-new-cluster',
      'a copy of the data, beside it, becomes a cluster of this one member',
      on(survivor, [forceNewCluster(facts)]),
      touching,
    ),
    phaseOf(
      'exchange',
      'the old data aside, the copy in its place',
      on(survivor, [{ kind: 'exchange', places: placesFor(id, survivor.places), hadMember: true }]),
      touching,
    ),
    phaseOf('start-etcd', 'etcd, alone', on(survivor, [startEtcd(facts)]), touching),
    phaseOf('check', 'one member, the same cluster, nothing lost', on(survivor, [check(facts)]), touching),
    ...startControlPlane(id, survivor),
    ...bringBack(facts),
  ];
  return {
    format: 1,
    id,
    kind: 'recover',
    title: `recover from ${survivor.name}`,
    cluster: { name: cluster.name, ...(cluster.uid === undefined ? {} : { uid: cluster.uid }) },
    createdAt: now.toISOString(),
    by,
    nodes: nodes.map(({ name }) => name),
    ...(leftOut.length === 0 ? {} : { leftOut: [...leftOut] }),
    phases: phases.filter(({ steps }) => steps.length > 0),
    aftermath: aftermathOf(facts),
  };
}

function on({ name }: ReadyNode, steps: readonly Step[]): Steps {
  return steps.map((does) => ({ node: name, does }));
}

function each(nodes: readonly ReadyNode[], stepsOf: (node: ReadyNode) => readonly Step[]): Steps {
  return nodes.flatMap((node) => on(node, stepsOf(node)));
}

function rehearse(facts: RecoverFacts): Steps {
  const { id, survivor } = facts;
  const places = placesFor(id, survivor.places);
  const workloads = survivor.survey.workloads.map((workload) => placed(id, workload));
  return [
    ...on(survivor, [{ kind: 'rehearse', places, workloads, ...flagsOf(facts) }]),
    ...rejoins(facts).map((each) => ({ node: each.node.name, does: rehearsal(each) })),
  ];
}

function stopAll(id: string, nodes: readonly ReadyNode[], which: (workload: Workload) => boolean): Steps {
  return each(nodes, ({ survey, places }) => {
    const workloads = survey.workloads.filter(which).map((workload) => placed(id, workload));
    return workloads.length === 0 ? [] : [{ kind: 'stop', workloads, graceSeconds, startsAgain: places.hasMember }];
  });
}

/** Before there is a cluster that the old one could stand beside; going back lifts it before anything old is started. */
function fenceOff({ leftOut, by, survivor }: RecoverFacts): Steps {
  if (leftOut.length === 0) return [];
  return on(survivor, [{ kind: 'fence', nodes: leftOut.map(({ node }) => node), by }]);
}

/** It stays who it is. */
function identityOf({ survivor: { raft, etcd, survey } }: RecoverFacts): ClusterIdentity {
  const listed = survey.members?.find(({ id }) => id === raft.memberId);
  const peerUrls = listed === undefined || listed.peerUrls.length === 0 ? etcd.peerUrls : listed.peerUrls;
  return { clusterId: raft.clusterId, members: [{ id: raft.memberId, name: etcd.name, peerUrls: [...peerUrls] }] };
}

function forceNewCluster(facts: RecoverFacts): Step {
  const { id, survivor } = facts;
  const { raft, etcd, etcdVersion } = survivor;
  const { clusterId, members } = identityOf(facts);
  const [member] = members;
  if (member === undefined) throw new Error('a survivor that is no member');
  return {
    kind: 'force-new-cluster',
    places: placesFor(id, survivor.places),
    ...{ etcdVersion, clusterId, member },
    ...(etcd.program === undefined ? {} : { etcdFolder: posix.dirname(etcd.program) }),
    clientUrls: [...(etcd.advertisedClientUrls.length > 0 ? etcd.advertisedClientUrls : [etcd.clientUrl])],
    commitAtLeast: knownCommitted(raft),
    revisionAtLeast: raft.revision,
  };
}

/** Fails closed on an empty directory from now on, where kubeadm's own manifest would make a new cluster. */
function flagsOf(facts: RecoverFacts) {
  const { survey } = facts.survivor;
  if (!survey.workloads.some(isConfigurable)) return {};
  const [member] = identityOf(facts).members;
  const initialCluster = (member?.peerUrls ?? []).map((url) => `${member?.name ?? ''}=${url}`).join(',');
  // The last one takes out what somebody has left there by hand.
  const flags = { 'initial-cluster': initialCluster, 'initial-cluster-state': 'existing', 'force-new-cluster': null };
  return { etcdFlags: flags };
}

function startEtcd(facts: RecoverFacts): Step {
  const { id, survivor } = facts;
  const workloads = survivor.survey.workloads.filter(isEtcd).map((workload) => placed(id, workload));
  return { kind: 'start', workloads, ...flagsOf(facts) };
}

function check(facts: RecoverFacts): Step {
  const { etcd, raft } = facts.survivor;
  const endpoints = [{ name: etcd.name, url: etcd.advertisedClientUrls[0] ?? etcd.clientUrl }];
  return { kind: 'check', identity: identityOf(facts), endpoints, revisionAtLeast: raft.revision };
}

/** The API server first, until it is ready: the cluster is back from there on, with one member. */
function startControlPlane(id: string, { name, survey }: ReadyNode): Phase[] {
  const started = (which: (workload: Workload) => boolean, apiServer?: NodeSurvey['apiServer']): Step[] => {
    const workloads = survey.workloads.filter(which).map((workload) => placed(id, workload));
    return workloads.length === 0
      ? []
      : [{ kind: 'start', workloads, ...(apiServer === undefined ? {} : { apiServer }) }];
  };
  const { apiServer } = survey;
  const serves = survey.workloads.some(isApiServer) && apiServer !== undefined;
  const serving = { touches: true, servesNewData: true };
  const at = (steps: readonly Step[]) => steps.map((does) => ({ node: name, does }));
  return [
    phaseOf('start-api-server', 'the API server, until it is ready', at(started(isApiServer, apiServer)), serving),
    phaseOf(
      'start-control-plane',
      'controller-manager and scheduler; a write and a read',
      at([
        ...started((workload) => isControlPlane(workload) && !isApiServer(workload)),
        ...(serves ? [{ kind: 'canary', apiServer } as const] : []),
      ]),
      serving,
    ),
  ];
}

/** One at a time, each a full member before the next: every one that joins adds to the quorum that has to agree. */
function rejoins({ id, by, survivor, others, held }: RecoverFacts): RejoinFacts[] {
  const { name, etcd, places } = survivor;
  const url = etcd.advertisedClientUrls[0] ?? etcd.clientUrl;
  const through = { node: name, name: etcd.name, url, dbSizeBytes: places.usedBytes };
  const back = others.filter((node) => !held.has(node.name));
  const members = [survivor, ...back];
  const asLearner = members.every(({ etcdVersion }) => knowsLearners(etcdVersion));
  return back.map((node, at) => ({
    ...{ id, by, through, asLearner, node: rejoiningNode(node.survey), suffix: `-${node.name}` },
    // Their old members have left with the old cluster.
    stale: [],
    others: members.slice(0, at + 1).map((member) => member.etcd),
  }));
}

function bringBack(facts: RecoverFacts): Phase[] {
  return rejoins(facts).flatMap((each) => rejoinPhases(each).map((phase) => ({ ...phase, servesNewData: true })));
}

function aftermathOf({ leftOut, held }: RecoverFacts): NonNullable<Plan['aftermath']> {
  return [
    ...leftOut.map(({ node }) => ({
      what: `${node} was left out, and is fenced: when it comes back its agent stops etcd and API server, and leaves the old data as it is`,
      next: `once it is back: kubectl etcd member rejoin ${node}`,
    })),
    ...[...held].map(([node, failures]) => ({
      what: `${node} was not brought back, and its etcd and API server are stopped: ${failures.map(({ what }) => what).join('; ')}`,
      next: `when that is mended: kubectl etcd member rejoin ${node}`,
    })),
  ];
}
