/** Whether a node may be brought back: everything that would go wrong, found out while nothing has been touched. Pure. */
import { exitCode, Failure } from '../../core/failure.ts';
import { quorumOf, staysQuorate } from '../../core/operation/quorum.ts';
import { failureFrom } from '../../core/protocol/failure-record.ts';
import { isEtcd } from '../operation/plan-parts.ts';
import { together } from '../operation/refusals.ts';
import { formatSize } from '../report/units.ts';
import { membersOf, readMembership } from './membership.ts';
import type { MembersLook, Membership, PlacedMember } from './membership.ts';
import { rejoiningNode } from './plan-rejoin.ts';
import type { RejoinFacts, RejoiningNode } from './plan-rejoin.ts';

/** etcd's preallocated write-ahead logs, and what is written meanwhile. */
const besideDatabaseBytes = 256 * 1024 ** 2;

export interface MayRejoin {
  readonly facts: Omit<RejoinFacts, 'id' | 'by'>;
  readonly membership: Membership;
  readonly warnings: readonly string[];
}

/** @throws {Failure} exit code 5: the one reason, or all of them. */
export function mayRejoin(target: string, look: MembersLook): MayRejoin {
  const unreached = look.unreached.get(target);
  if (unreached !== undefined) throw notReached(target, unreached);
  const survey = look.surveys.find(({ node }) => node === target);
  if (survey === undefined) throw notReached(target, undefined);
  const membership = readMembership(look, target);
  const { members, through } = membership;
  const stale = membersOf(members, target);
  const others = members.filter((member) => !stale.includes(member));
  const node = rejoiningNode(survey);
  const reasons = [
    ...look.surveys.flatMap(({ node: name, openOperation }) =>
      openOperation === undefined ? [] : [open(name, openOperation)],
    ),
    ...survey.obstacles.map((record) => failureFrom({ ...record, exit: exitCode.refused }, target)),
    ...(isFixed(node) ? [notEditable(target)] : []),
    ...quorumReasons(target, members, stale),
    ...others.flatMap((member) => othersReason(member)),
    ...roomReason(target, node.places.freeBytes, through.dbSizeBytes),
  ];
  if (reasons.length > 0) throw together('the node cannot be brought back', reasons);
  const voters = members.filter(({ learner }) => !learner);
  const well = others.filter(({ learner, isWell }) => !learner && isWell).length;
  return {
    facts: {
      ...{ node, through, stale: stale.map(({ id, name, peerUrls }) => ({ id, name, peerUrls })), others },
      asLearner: members.every(({ status }) => status === undefined || knowsLearners(status.version)),
      removeFirst: stale.some(({ learner }) => !learner) && well < quorumOf(voters.length),
    },
    membership,
    warnings: [
      ...ownCluster(target, look, membership),
      ...stale
        .filter(({ isWell, learner, status }) => isWell && !learner && status?.errors.length === 0)
        .map(({ name }) => `the member ${name} is well, by all that can be seen: its data is taken anew all the same`),
    ],
  };
}

/** An empty directory and a manifest with itself alone: what its API server has served since is not of this cluster. */
function ownCluster(target: string, { views }: MembersLook, { clusterId }: Membership): string[] {
  const own = views.get(target)?.etcdClusterId;
  if (own === undefined || own === clusterId) return [];
  return [`${target} has a cluster of its own, ${own}: what was written there goes aside with it`];
}

function quorumReasons(target: string, members: readonly PlacedMember[], stale: readonly PlacedMember[]): Failure[] {
  const voters = members.filter(({ learner }) => !learner);
  if (voters.every((voter) => stale.includes(voter)))
    return [
      refusal('only-member', {
        node: target,
        what: 'its member is the only one: there is nobody to take data from',
        next: 'nothing was touched',
      }),
    ];
  return stale
    .filter(({ learner, id }) => !learner && !staysQuorate(voters, id))
    .map(({ name }) => {
      const staying = voters.filter((voter) => !stale.includes(voter));
      return refusal('would-lose-quorum', {
        node: target,
        what: `without ${name} the others would have no quorum`,
        why: `${staying.filter(({ isWell }) => isWell).length} of the ${staying.length} that would be left are well, and ${quorumOf(staying.length)} are needed`,
        next: `nothing was touched; first bring back ${staying
          .filter(({ isWell }) => !isWell)
          .map(nameOf)
          .join(', ')}`,
      });
    });
}

/** etcd adds nobody while a voter is not connected, and has one learner at a time. */
function othersReason(member: PlacedMember): Failure[] {
  if (member.learner)
    return [
      refusal('learner-left', {
        node: member.node,
        what: `there is a learner already, ${nameOf(member)}, and etcd takes one at a time`,
        why: member.name === '' ? 'it was added and never started: an earlier attempt to join was given up' : undefined,
        next: `nothing was touched; take it out: kubectl etcd member remove ${member.id}`,
      }),
    ];
  if (member.isWell) return [];
  return [
    refusal('another-member-down', {
      node: member.node,
      what: `the member ${nameOf(member)} is not well either, and etcd adds none while a voter is away`,
      why: member.error ?? 'it does not confirm a read',
      next: `nothing was touched; bring that one back first; gone for good: kubectl etcd member remove ${member.node ?? member.id}`,
    }),
  ];
}

function roomReason(node: string, freeBytes: number, dbSizeBytes: number): Failure[] {
  const wanted = dbSizeBytes + besideDatabaseBytes;
  if (wanted <= freeBytes) return [];
  return [
    refusal('no-room', {
      node,
      what: 'there is no room for the data of the others beside the old',
      why: `it takes ${formatSize(wanted)}, and ${formatSize(freeBytes)} are free`,
      next: 'nothing was touched; kubectl etcd kept list shows what earlier operations keep',
    }),
  ];
}

function open(node: string, operation: string): Failure {
  return refusal('operation-open', {
    node,
    what: `the operation ${operation} is not finished`,
    next: `kubectl etcd operation show ${operation}; then resume, rollback or abandon it`,
  });
}

/** Flags in the unit's command line are nobody's to rewrite. */
export function isFixed({ workloads }: Pick<RejoiningNode, 'workloads'>): boolean {
  return workloads.some((each) => isEtcd(each) && each.by === 'systemd' && each.environment === undefined);
}

export function notEditable(node: string): Failure {
  return refusal('host-not-supported', {
    node,
    what: 'etcd is a service of systemd here, and has its flags in its command line: they would have to be rewritten',
    next: 'nothing was touched; move ETCD_INITIAL_CLUSTER and ETCD_INITIAL_CLUSTER_STATE into an EnvironmentFile of the unit',
  });
}

function notReached(node: string, failure: Failure | undefined): Failure {
  return refusal('node-not-reached', {
    node,
    what: 'its agent does not answer, and it is the one that is to be brought back',
    why: failure?.message,
    next: failure?.next,
  });
}

function nameOf({ name, id }: PlacedMember): string {
  return name || id;
}

export function knowsLearners(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 4);
}

function refusal(reason: string, details: Omit<ConstructorParameters<typeof Failure>[0], 'reason' | 'exit'>): Failure {
  return new Failure({ ...details, reason, exit: exitCode.refused });
}
