/** From what was looked at to the plan of a restore, or to the reasons why there is none. Pure: the same facts give the same plan. */
import { posix } from 'node:path';
import { identityOf, initialCluster } from '../../core/operation/identity.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import type { Phase, Plan } from '../../core/operation/plan.ts';
import type { ClusterIdentity, Step, Workload } from '../../core/operation/steps.ts';
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
import type { Steps } from '../operation/plan-parts.ts';
import type { LeftOut } from './left-out.ts';
import type { SnapshotFacts } from './snapshot-facts.ts';

/** A node with everything that a restore needs to know of it. */
export interface ReadyNode {
  readonly name: string;
  readonly etcd: FoundEtcd;
  readonly etcdVersion: string;
  readonly survey: NodeSurvey;
  readonly places: NonNullable<NodeSurvey['places']>;
}

export interface RestoreFacts {
  readonly id: string;
  readonly now: Date;
  readonly by: string;
  readonly cluster: { readonly name: string; readonly uid: string | undefined };
  readonly snapshot: SnapshotFacts;
  readonly nodes: readonly ReadyNode[];
  /** The other nodes of the cluster: they are fenced. */
  readonly leftOut: readonly LeftOut[];
  /** The node that the snapshot is sent to; the others have it from there. */
  readonly first: string;
  /** Added to the snapshot's revision; undefined where the tools cannot. */
  readonly bump: number | undefined;
  /** Those of the control-plane nodes. */
  readonly restartKubelets: boolean;
  readonly aftermath: NonNullable<Plan['aftermath']>;
}

const snapshotFile = 'snapshot.db';
const safeguardFile = 'before.db';

/** The plan of a restore. Whether it may be carried out has been found out before: see refusals.ts. */
export function planRestore(facts: RestoreFacts): Plan {
  const { id, now, by, cluster, snapshot } = facts;
  const nodes = facts.nodes.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const identity = identityOf(
    nodes.map(({ etcd }) => etcd),
    id,
  );
  const phases = [
    phaseOf('stage', 'the snapshot onto the first node', stage(facts)),
    phaseOf(
      'prepare',
      'stage and verify the snapshot; save what is there; build the new data',
      prepare(facts, nodes, identity),
    ),
    phaseOf(
      'stop-control-plane',
      'API server, controller-manager, scheduler',
      stopAll(facts, nodes, isControlPlane),
      touching,
    ),
    phaseOf('stop-etcd', 'etcd', stopAll(facts, nodes, isEtcd), touching),
    phaseOf('exchange', 'the old data aside, the new data in its place', exchange(facts, nodes), touching),
    phaseOf('fence', 'those that are left out may not run etcd when they come back', fenceOff(facts, nodes), touching),
    phaseOf('start-etcd', 'etcd, with all members as its initial cluster', startEtcd(facts, nodes, identity), touching),
    phaseOf(
      'check',
      'members, one cluster, equal hashes, every key of the snapshot',
      check(facts, nodes, identity),
      touching,
    ),
    ...startControlPlane(facts, nodes),
    phaseOf('restart-kubelets', 'the kubelets of these nodes', restartKubelets(facts, nodes), {
      ...touching,
      servesNewData: true,
    }),
  ];
  return {
    format: 1,
    id,
    kind: 'restore',
    title: `restore ${posix.basename(snapshot.file)}`,
    cluster: { name: cluster.name, ...(cluster.uid === undefined ? {} : { uid: cluster.uid }) },
    createdAt: now.toISOString(),
    by,
    nodes: nodes.map(({ name }) => name),
    ...(facts.leftOut.length === 0 ? {} : { leftOut: [...facts.leftOut] }),
    phases: phases.filter(({ steps }) => steps.length > 0),
    aftermath: [...facts.leftOut.map(aftermathOfFence), ...facts.aftermath, ...aftermathOfUnits(nodes)],
  };
}

/** The revision that the restored members have at least: that of the snapshot, and what is added to it. */
export function targetRevision({ snapshot, bump }: Pick<RestoreFacts, 'snapshot' | 'bump'>): number {
  return snapshot.revision + (bump ?? 0);
}

function each(nodes: readonly ReadyNode[], stepsOf: (node: ReadyNode) => readonly Step[]): Steps {
  return nodes.flatMap((node) => stepsOf(node).map((does) => ({ node: node.name, does })));
}

function stage({ snapshot: { sizeBytes, sha256 }, first }: RestoreFacts): Steps {
  return [{ node: first, does: { kind: 'receive', file: snapshotFile, sizeBytes, sha256 } }];
}

function prepare(facts: RestoreFacts, nodes: readonly ReadyNode[], identity: ClusterIdentity): Steps {
  const { snapshot, first, id, bump } = facts;
  const { sizeBytes, sha256, revision, withoutChecksum } = snapshot;
  const safe = nodesToSave(nodes);
  return each(nodes, ({ name, etcd, etcdVersion, survey, places: found }) => {
    const places = placesFor(id, found);
    return [
      ...(name === first ? [] : [{ kind: 'receive', file: snapshotFile, sizeBytes, sha256, from: first } as const]),
      ...(safe.has(name) ? [{ kind: 'safeguard', file: safeguardFile, places } as const] : []),
      {
        kind: 'build',
        snapshot: snapshotFile,
        ...(etcd.program === undefined ? {} : { etcdFolder: posix.dirname(etcd.program) }),
        ...{ places, etcdVersion, name: etcd.name, token: id, identity, revision, withoutChecksum },
        ...(bump === undefined ? {} : { bumpRevision: bump }),
      },
      {
        kind: 'rehearse',
        places,
        workloads: survey.workloads.map((one) => placed(id, one)),
        ...flagsOf(survey, identity),
      },
    ];
  });
}

/** One member that answers, the furthest; where none does, every one that has data. */
function nodesToSave(nodes: readonly ReadyNode[]): ReadonlySet<string> {
  const [furthest] = nodes
    .filter(({ survey }) => survey.status !== undefined)
    .sort((one, other) => (other.survey.status?.raftAppliedIndex ?? 0) - (one.survey.status?.raftAppliedIndex ?? 0));
  if (furthest !== undefined) return new Set([furthest.name]);
  return new Set(nodes.filter(({ places }) => places.hasMember).map(({ name }) => name));
}

function stopAll({ id }: RestoreFacts, nodes: readonly ReadyNode[], which: (workload: Workload) => boolean): Steps {
  return each(nodes, ({ survey, places }) => {
    const workloads = survey.workloads.filter(which).map((workload) => placed(id, workload));
    return workloads.length === 0 ? [] : [{ kind: 'stop', workloads, graceSeconds, startsAgain: places.hasMember }];
  });
}

function exchange({ id }: RestoreFacts, nodes: readonly ReadyNode[]): Steps {
  return each(nodes, ({ places }) => [
    { kind: 'exchange', places: placesFor(id, places), hadMember: places.hasMember },
  ]);
}

/** By one node, which tells the others; before there is a cluster that the old one could stand beside. */
function fenceOff({ leftOut, by }: RestoreFacts, nodes: readonly ReadyNode[]): Steps {
  if (leftOut.length === 0) return [];
  return each(nodes.slice(0, 1), () => [{ kind: 'fence', nodes: leftOut.map(({ node }) => node), by }]);
}

function aftermathOfFence({ node }: LeftOut) {
  return {
    what: `${node} was left out, and is fenced: when it comes back its agent stops etcd and API server, and leaves the old data as it is`,
    next: `kubectl etcd member rejoin ${node}`,
  };
}

/** Where its own flags name the initial cluster, a unit is left as it is. */
function aftermathOfUnits(nodes: readonly ReadyNode[]) {
  const left = nodes.filter(({ survey }) =>
    survey.workloads.some((each) => isEtcd(each) && each.by === 'systemd' && each.environment === undefined),
  );
  if (left.length === 0) return [];
  return [
    {
      what: `the unit of etcd on ${left.map(({ name }) => name).join(', ')} says itself how it is started, and was left as it is: on an empty directory it may make a new cluster`,
      next: 'give it all members in --initial-cluster, and --initial-cluster-state=existing',
    },
  ];
}

function startEtcd({ id }: RestoreFacts, nodes: readonly ReadyNode[], identity: ClusterIdentity): Steps {
  return each(nodes, ({ survey }) => {
    const workloads = survey.workloads.filter(isEtcd).map((workload) => placed(id, workload));
    return [{ kind: 'start', workloads, ...flagsOf(survey, identity) }];
  });
}

/** What etcd's static manifest, or its unit's variables, say from now on: an empty directory then fails closed, where kubeadm's own would make a new cluster of one. */
function flagsOf({ workloads }: NodeSurvey, identity: ClusterIdentity) {
  if (!workloads.some(isConfigurable)) return {};
  return { etcdFlags: { 'initial-cluster': initialCluster(identity), 'initial-cluster-state': 'existing' } };
}

/** Whether an operation can tell etcd other flags: in its static manifest, or among its unit's variables. */
export function isConfigurable(workload: Workload): boolean {
  if (!isEtcd(workload) || workload.by === 'process') return false;
  return workload.by === 'static-pod' || workload.environment !== undefined;
}

/** Of all members, on the first node. */
function check(facts: RestoreFacts, nodes: readonly ReadyNode[], identity: ClusterIdentity): Steps {
  const endpoints = nodes.map(({ etcd }) => ({ name: etcd.name, url: etcd.advertisedClientUrls[0] ?? etcd.clientUrl }));
  const { liveKeys } = facts.snapshot;
  const does = { kind: 'check', identity, endpoints, revisionAtLeast: targetRevision(facts), liveKeys } as const;
  const alarmed = facts.snapshot.alarms.some(({ alarm }) => alarm === 'NOSPACE');
  const steps: Step[] = [does, ...(alarmed ? [{ kind: 'cure', endpoints } as const] : [])];
  return each(nodes.slice(0, 1), () => steps);
}

function restartKubelets(facts: RestoreFacts, nodes: readonly ReadyNode[]): Steps {
  const hasKubelet = ({ survey }: ReadyNode) => survey.workloads.some(({ by }) => by === 'static-pod');
  return facts.restartKubelets ? each(nodes.filter(hasKubelet), () => [{ kind: 'restart-kubelet' }]) : [];
}

function startControlPlane({ id, cluster, snapshot }: RestoreFacts, nodes: readonly ReadyNode[]): Phase[] {
  const serving = nodes.filter(({ survey }) => survey.workloads.some(isApiServer) && survey.apiServer !== undefined);
  const started = (node: ReadyNode, which: (workload: Workload) => boolean): Step[] => {
    const workloads = node.survey.workloads.filter(which).map((workload) => placed(id, workload));
    const { apiServer } = node.survey;
    const ready = workloads.some(isApiServer) && apiServer !== undefined ? { apiServer } : {};
    return workloads.length === 0 ? [] : [{ kind: 'start', workloads, ...ready }];
  };
  const [first] = serving;
  const canary = first?.survey.apiServer;
  return [
    phaseOf(
      'start-api-server',
      'the first API server, until it is ready',
      each(serving.slice(0, 1), (node) => started(node, isApiServer)),
      {
        touches: true,
        servesNewData: true,
      },
    ),
    phaseOf(
      'start-control-plane',
      'the other API servers, controller-managers and schedulers; a write and a read',
      each(nodes, (node) => [
        ...started(node, (workload) => isControlPlane(workload) && !(node === first && isApiServer(workload))),
        ...(node === first && canary !== undefined ? [{ kind: 'canary', apiServer: canary } as const] : []),
        ...(node === nodes[0] ? becomes(cluster, snapshot) : []),
      ]),
      { touches: true, servesNewData: true },
    ),
  ];
}

/** The UID that the cluster has from now on, where it is another cluster's snapshot. */
function becomes({ uid: before }: RestoreFacts['cluster'], { clusterUid: uid }: SnapshotFacts): Step[] {
  if (uid === undefined || uid === before) return [];
  return [{ kind: 'record-cluster', uid, ...(before === undefined ? {} : { before }) }];
}
