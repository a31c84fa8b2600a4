/** Why a recovery may not begin: found out while nothing has been touched, and told all at once. Pure. */
import type { Failure } from '../../core/failure.ts';
import { exitCode } from '../../core/failure.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import { failureFrom } from '../../core/protocol/failure-record.ts';
import type { MemberAnswer } from '../../core/protocol/messages.ts';
import { isFixed, notEditable } from '../member/may-rejoin.ts';
import { together } from '../operation/refusals.ts';
import { formatSize } from '../report/units.ts';
import { choosePart } from '../restore/left-out.ts';
import type { LeftOut } from '../restore/left-out.ts';
import type { ReadyNode } from '../restore/plan-restore.ts';
import { readyNode, refusal } from '../restore/refusals.ts';
import type { NodeAddresses } from '../status/join-nodes.ts';
import { chooseSurvivor } from './choose-survivor.ts';
import type { Candidate } from './choose-survivor.ts';

export interface LookedAt {
  /** The nodes of the installation. */
  readonly known: readonly NodeAddresses[];
  /** Of those whose agents answer. */
  readonly surveys: readonly NodeSurvey[];
  readonly unreached: ReadonlyMap<string, Failure>;
  /** All members as one that answers sees them; empty where none does. */
  readonly live: readonly MemberAnswer[];
}

export interface AskedRecovery {
  readonly from: string | undefined;
  readonly dead: readonly string[];
}

/** Everything that a plan needs. */
export interface Recoverable {
  readonly survivor: ReadyNode & { readonly raft: Candidate['raft'] };
  /** The best first. */
  readonly candidates: readonly Candidate[];
  /** The other nodes that are there: stopped, and brought back one by one. */
  readonly others: readonly ReadyNode[];
  /** Of these, why they cannot be brought back yet. */
  readonly held: ReadonlyMap<string, readonly Failure[]>;
  readonly leftOut: readonly LeftOut[];
}

/** What etcd writes beside its database while it starts. */
const besideDataBytes = 256 * 1024 ** 2;

/** @throws {Failure} exit code 5: the one reason, or all of them; `unknown-node`, exit code 2. */
export function recoverable(asked: AskedRecovery, looked: LookedAt): Recoverable {
  const { known, surveys, live, unreached } = looked;
  const here = surveys.filter((survey) => isThere(survey) && !asked.dead.includes(survey.node));
  if (here.length === 0)
    throw together('the recovery cannot begin', chooseSurvivor(here, asked.from, unreached).refusals);
  const part = choosePart({ nodes: here.map(({ node }) => node), dead: asked.dead }, { known, surveys, live });
  const unread = notUnderstood(surveys, asked);
  const { survivor, candidates, refusals: choice } = chooseSurvivor(here, asked.from, unreached);
  const ready = here.flatMap((survey) => readyNode(survey) ?? []);
  const own = ready.find(({ name }) => name === survivor?.node);
  const reasons = [
    ...quorumRefusals(survivor, surveys, live),
    ...part.refusals.filter(({ node, reason }) => reason !== 'left-out-node-answers' || !unread.has(node ?? '')),
    ...[...unread.values()],
    ...choice,
    ...here.flatMap(openOperationRefusals),
    ...(part.leftOut.length === 0 ? [] : here.flatMap(unableToFence)),
    ...(survivor === undefined ? [] : survivorRefusals(survivor, own)),
  ];
  if (reasons.length > 0) throw together('the recovery cannot begin', reasons);
  if (survivor === undefined || own === undefined) throw new Error('no survivor, and no reason why');
  const others = ready.filter(({ name }) => name !== own.name);
  return {
    ...{ candidates, others, leftOut: leftOutOf(part.leftOut, here, ready), held: heldBack(others) },
    survivor: { ...own, raft: survivor.raft },
  };
}

/** A node that takes part: its agent answers, it has an etcd, and no earlier operation has left it out. */
function isThere({ noEtcd, fencedBy }: NodeSurvey): boolean {
  return fencedBy === undefined && noEtcd === undefined;
}

function leftOutOf(leftOut: readonly LeftOut[], here: readonly NodeSurvey[], ready: readonly ReadyNode[]): LeftOut[] {
  const lacking = here.filter(({ node }) => !ready.some(({ name }) => name === node));
  return [...leftOut, ...lacking.map(({ node }) => ({ node, declaredDead: false }))];
}

/** Where the others go on by themselves there is nothing to recover, and much to lose. */
function quorumRefusals(
  survivor: Candidate | undefined,
  surveys: readonly NodeSurvey[],
  live: readonly MemberAnswer[],
): Failure[] {
  if (survivor === undefined) return [];
  const voters = (survivor.survey.members ?? []).filter(({ learner }) => learner !== true);
  const led = new Map<string, string>();
  for (const { node, raft, status } of surveys)
    if (
      raft !== undefined &&
      raft.clusterId === survivor.raft.clusterId &&
      status !== undefined &&
      status.leader !== '0'
    )
      led.set(raft.memberId, node);
  for (const { id, name, status } of live)
    if (status !== undefined && status.leader !== '0' && !led.has(id)) led.set(id, name);
  const healthy = voters.filter(({ id }) => led.has(id)).map(({ id }) => led.get(id) ?? id);
  if (healthy.length < Math.floor(voters.length / 2) + 1) return [];
  const away = voters.filter(({ id }) => !led.has(id)).map(({ name, id }) => name || id);
  return [
    refusal('quorum-exists', {
      what: `quorum is not lost: ${healthy.sort().join(', ')} are healthy, ${healthy.length} of ${voters.length} members`,
      why: 'a recovery would stop them all, and make a new cluster of one',
      next:
        away.length === 0
          ? 'kubectl etcd status'
          : `bring back what is missing (${away.join(', ')}): kubectl etcd doctor says how`,
    }),
  ];
}

function openOperationRefusals({ node, openOperation }: NodeSurvey): Failure[] {
  if (openOperation === undefined) return [];
  return [
    refusal('operation-open', {
      node,
      what: `the operation ${openOperation} is not finished`,
      next: `kubectl etcd operation show ${openOperation}; then resume, rollback or abandon it`,
    }),
  ];
}

/** Who is left out is told by these to stay so. */
function unableToFence({ node, enrolled }: NodeSurvey): Failure[] {
  if (enrolled !== false) return [];
  return [
    refusal('not-enrolled', {
      node,
      what: 'its agent cannot tell the others which nodes are left out',
      why: 'it has no authority, and knows of no other agent',
      next: 'kubectl etcd install',
    }),
  ];
}

/** What would go wrong on the one node that has to go well. */
function survivorRefusals({ survey }: Candidate, ready: ReadyNode | undefined): Failure[] {
  const { node, noEtcdProgram, obstacles } = survey;
  const found = [noEtcdProgram, ...obstacles].flatMap((record) =>
    record === undefined ? [] : [failureFrom({ ...record, exit: exitCode.refused }, node)],
  );
  if (ready === undefined)
    return [
      ...found,
      refusal('etcd-version-unknown', {
        node,
        what: 'it is not known which version of etcd runs here',
        why: 'it does not answer, and has not since the agent came to this node',
        next: `kubectl etcd logs ${node}`,
      }),
    ];
  const { usedBytes, freeBytes, dataDir } = ready.places;
  const wanted = usedBytes + besideDataBytes;
  if (wanted <= freeBytes) return found;
  return [
    ...found,
    refusal('no-room', {
      node,
      what: `there is no room for a copy of the data on the file system of ${dataDir}`,
      why: `it takes ${formatSize(wanted)}, and ${formatSize(freeBytes)} are free`,
      next: 'kubectl etcd kept list shows what earlier operations keep',
    }),
  ];
}

/** Nodes whose etcd may run although it cannot be made out how; where nothing is set up that would run one, a node is left out as it is. */
function notUnderstood(surveys: readonly NodeSurvey[], { dead }: AskedRecovery): ReadonlyMap<string, Failure> {
  return new Map(
    surveys.flatMap(({ node, noEtcd, fencedBy }) =>
      noEtcd === undefined || noEtcd.reason === 'etcd-not-found' || fencedBy !== undefined || dead.includes(node)
        ? []
        : [[node, failureFrom({ ...noEtcd, exit: exitCode.refused }, node)] as const],
    ),
  );
}

/** A node that could not be started again is left stopped, and does not keep the others from coming back. */
function heldBack(others: readonly ReadyNode[]): Recoverable['held'] {
  return new Map(
    others.flatMap(({ name, survey }) => {
      const found = [
        ...survey.obstacles.map((record) => failureFrom(record, name)),
        ...(isFixed(survey) ? [notEditable(name)] : []),
      ];
      return found.length === 0 ? [] : [[name, found] as const];
    }),
  );
}
