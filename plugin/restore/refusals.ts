/** Why a restore may not begin: everything that would go wrong later, found out while nothing has been touched. */
import { exitCode, Failure } from '../../core/failure.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import { failureFrom } from '../../core/protocol/failure-record.ts';
import { unreadableBy } from '../../core/snapshot/decryptable.ts';
import { together } from '../operation/refusals.ts';
import { formatSize } from '../report/units.ts';
import type { Part } from './left-out.ts';
import type { ReadyNode } from './plan-restore.ts';
import type { SnapshotFacts } from './snapshot-facts.ts';

export interface Looked {
  readonly cluster: { readonly name: string; readonly uid: string | undefined };
  readonly snapshot: SnapshotFacts;
  readonly surveys: readonly NodeSurvey[];
  readonly unreached: ReadonlyMap<string, Failure>;
  /** Which of them are to be restored. */
  readonly part: Part;
  /** The cluster whose snapshot this is said to be, where it is meant to be another's. */
  readonly differentCluster: string | undefined;
}

/** What etcd's preallocated write-ahead logs and its tool take beside the database. */
const besideDatabaseBytes = 256 * 1024 ** 2;

/** @throws {Failure} exit code 5: the one reason, or all of them. */
export function readyNodes(looked: Looked): ReadyNode[] {
  const { snapshot, part } = looked;
  const surveys = looked.surveys.filter(({ node }) => part.nodes.has(node));
  const unreached = [...looked.unreached].filter(([node]) => part.nodes.has(node));
  const nodes = surveys.flatMap((survey) => readyNode(survey) ?? []);
  const reasons = [
    ...part.refusals,
    ...unreached.map(([node, failure]) => notReached(node, failure)),
    ...surveys.flatMap((survey) => surveyRefusals(survey)),
    ...(part.leftOut.length === 0 ? [] : surveys.flatMap(unableToFence)),
    ...identityRefusals(looked),
    ...versionRefusals(nodes, snapshot),
    ...nodes.flatMap((node) => spaceRefusals(node, snapshot)),
    // Who is merely silent is named as that.
    ...(unreached.length === 0 ? memberRefusals(surveys, part) : []),
    ...surveys.flatMap((survey) => encryptionRefusals(survey, snapshot)),
  ];
  if (reasons.length > 0) throw together('the restore cannot begin', reasons);
  return nodes;
}

export function readyNode(survey: NodeSurvey): ReadyNode | undefined {
  const { node: name, etcd, etcdVersion, places } = survey;
  if (etcd === undefined || etcdVersion === undefined || places === undefined) return undefined;
  return { name, etcd, etcdVersion, survey, places };
}

function notReached(node: string, failure: Failure): Failure {
  return refusal('node-not-reached', {
    node,
    what: 'its agent does not answer, and every member has to be restored',
    why: failure.message,
    next: [failure.next, `gone for good, and powered off: --dead ${node} restores onto the others`]
      .filter(Boolean)
      .join('\n'),
  });
}

function surveyRefusals(survey: NodeSurvey): Failure[] {
  const { node, noEtcd, noTool, etcd, etcdVersion, openOperation, obstacles, fencedBy } = survey;
  if (fencedBy !== undefined)
    return [
      refusal('node-fenced', {
        node,
        what: `it is fenced by ${fencedBy}, which has left it out`,
        why: 'its agent keeps etcd and API server stopped',
        next: `restore onto the others: --nodes with their names; or first: kubectl etcd member rejoin ${node}`,
      }),
    ];
  const found = [noEtcd, noTool, ...obstacles].flatMap((record) =>
    record === undefined ? [] : [failureFrom({ ...record, exit: exitCode.refused }, node)],
  );
  if (etcd !== undefined && etcdVersion === undefined)
    found.push(
      refusal('etcd-version-unknown', {
        node,
        what: 'it is not known which version of etcd runs here',
        why: 'it does not answer, and has not since the agent came to this node',
        next: `kubectl etcd logs ${node}`,
      }),
    );
  if (openOperation !== undefined)
    found.push(
      refusal('operation-open', {
        node,
        what: `the operation ${openOperation} is not finished`,
        next: `kubectl etcd operation show ${openOperation}; then resume, rollback or abandon it`,
      }),
    );
  return found;
}

/** Who is left out is told by these to stay so. */
function unableToFence({ node, enrolled }: NodeSurvey): Failure[] {
  if (enrolled !== false) return [];
  return [
    refusal('not-enrolled', {
      node,
      what: 'its agent cannot tell the others which nodes are left out',
      why: 'it has no authority, and knows of no other agent',
      next: 'kubectl etcd install; or restore onto all nodes',
    }),
  ];
}

/** Law 7: whose snapshot it is says the kube-system namespace in it. */
function identityRefusals({ cluster, snapshot, differentCluster }: Looked): Failure[] {
  const { clusterUid, manifest, file } = snapshot;
  const of = manifest?.cluster.name ?? clusterUid;
  const uid = clusterUid ?? manifest?.cluster.uid;
  const taken = manifest === undefined ? '' : `, taken ${manifest.time.slice(0, 10)}`;
  // Where only one side knows its UID, the names decide; where nothing says whose it is, nothing contradicts.
  const isAnonymous = uid === undefined && manifest === undefined;
  const same =
    uid === undefined || cluster.uid === undefined
      ? isAnonymous || manifest?.cluster.name === cluster.name
      : uid === cluster.uid;
  if (same) {
    if (differentCluster === undefined) return [];
    return [
      refusal('not-a-different-cluster', {
        what: `${file} is of this cluster, not of "${differentCluster}"`,
        next: 'leave out --different-cluster',
      }),
    ];
  }
  if (differentCluster !== undefined && (differentCluster === of || differentCluster === uid)) return [];
  return [
    refusal('different-cluster', {
      what: 'this snapshot is of another cluster',
      why: [
        `snapshot  ${of ?? 'unknown'} (kube-system ${uid?.slice(0, 8) ?? 'unknown'}${taken})`,
        `cluster   ${cluster.name} (kube-system ${cluster.uid?.slice(0, 8) ?? 'unknown'})`,
      ].join('\n'),
      next: `nothing was touched; if you mean it: --different-cluster ${of ?? uid ?? 'NAME'}`,
    }),
  ];
}

function versionRefusals(nodes: readonly ReadyNode[], { etcdVersion: written }: SnapshotFacts): Failure[] {
  const minors = new Map(nodes.map(({ etcdVersion, name }) => [minorOf(etcdVersion), name]));
  const [first, ...others] = minors.keys();
  const found: Failure[] = [];
  if (others.length > 0)
    found.push(
      refusal('versions-differ', {
        what: 'the members run different versions of etcd, which cannot all take the same data',
        why: nodes.map(({ name, etcdVersion }) => `${name}: ${etcdVersion}`).join(', '),
        next: 'finish the upgrade of etcd first',
      }),
    );
  if (written !== undefined && first !== undefined && isNewer(written, first))
    found.push(
      refusal('snapshot-of-newer-etcd', {
        what: `the snapshot was written by etcd ${written}, and ${first} runs here`,
        why: 'an older etcd does not read the data of a newer one',
        next: `upgrade etcd to ${written}, then restore`,
      }),
    );
  return found;
}

/** Law 6: a member on a node that is not restored would go on with the old data, and may have others to go on with. */
function memberRefusals(surveys: readonly NodeSurvey[], { accounted }: Part): Failure[] {
  const here = new Set(surveys.flatMap(({ etcd }) => (etcd === undefined ? [] : [etcd.name])));
  const listed = new Map(surveys.flatMap(({ members }) => (members ?? []).map(({ id, name }) => [id, name] as const)));
  return [...listed]
    .filter(([id, name]) => name !== '' && !here.has(name) && !accounted.has(id))
    .map(([id, name]) =>
      refusal('member-elsewhere', {
        what: `the member ${name} (${id}) is on none of the nodes that would be restored`,
        why: 'it would go on with the old data',
        next: `kubectl etcd install enrols every control-plane node; a member that is gone for good, its machine off: --dead ${name}`,
      }),
    );
}

/** Secrets that no API server can read afterwards are as good as lost. */
function encryptionRefusals({ node, encryption }: NodeSurvey, snapshot: SnapshotFacts): Failure[] {
  if (encryption === undefined) return [];
  const unreadable = unreadableBy(snapshot.encryption, encryption ?? undefined);
  if (unreadable.length === 0) return [];
  return [
    refusal('snapshot-undecryptable', {
      node,
      what: 'the API server of this node could not read what the snapshot holds',
      why: unreadable
        .slice(0, 5)
        .map(
          ({ resource, provider, keyName, keys }) =>
            `${keys} ${resource}: ${[provider, keyName].filter(Boolean).join(' ')}`,
        )
        .join('\n'),
      next:
        encryption === null
          ? 'it has no --encryption-provider-config: put back the one that was used when the snapshot was taken'
          : `add these keys to ${encryption.file} on the node`,
    }),
  ];
}

function spaceRefusals({ name, places }: ReadyNode, { sizeBytes }: SnapshotFacts): Failure[] {
  const { freeBytes, stateFreeBytes, oneFileSystem, usedBytes, dataDir } = places;
  // Beside the old data, which stays: the new; in the agent's folder: what is sent, and what is saved before.
  const data = sizeBytes + besideDatabaseBytes;
  const state = sizeBytes + usedBytes;
  const lacks = (where: string, wanted: number, free: number) =>
    wanted <= free
      ? []
      : [
          refusal('no-room', {
            node: name,
            what: `there is no room for the restore on the file system of ${where}`,
            why: `it takes ${formatSize(wanted)}, and ${formatSize(free)} are free`,
            next: 'kubectl etcd kept list shows what earlier operations keep',
          }),
        ];
  if (oneFileSystem) return lacks(dataDir, data + state, freeBytes);
  return [...lacks(dataDir, data, freeBytes), ...lacks("the agent's state", state, stateFreeBytes)];
}

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function isNewer(one: string, other: string): boolean {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}

export function refusal(
  reason: string,
  details: Omit<ConstructorParameters<typeof Failure>[0], 'reason' | 'exit'>,
): Failure {
  return new Failure({ ...details, reason, exit: exitCode.refused });
}
