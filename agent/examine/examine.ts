import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeExamination, OwnMember } from '../../core/examination/messages.ts';
import { stateOf } from '../../core/operation/state.ts';
import { Failure } from '../../core/failure.ts';
import { failureToRecord } from '../../core/protocol/failure-record.ts';
import type { FoundEtcd } from '../../core/protocol/messages.ts';
import { certificatePlaces, readCertificateAt } from '../certificates/read.ts';
import { MemberClient } from '../etcd/member-client.ts';
import { silentMember } from '../etcd/silent-member.ts';
import { memberStatus } from '../etcd/survey.ts';
import { isThere } from '../host/durable.ts';
import type { EtcdOnHost } from '../host/host.ts';
import { readManifests } from '../host/manifest-directory.ts';
import type { Manifests } from '../host/manifest-directory.ts';
import type { HostRoot } from '../host/root.ts';
import { etcdContainer } from '../host/static-manifest.ts';
import { listKept } from '../operation/kept.ts';
import type { Operations } from '../operation/operations.ts';
import type { NodeEtcd } from '../serve/routes.ts';
import { apiServersEtcd, examineApiServer } from './api-server.ts';
import { histogramIn, readMetrics } from './metrics.ts';

/** Each part gets this long, all at once: the whole answer is there within two seconds whatever is silent. */
const partWithinMs = 1_500;

export interface Examined {
  readonly etcd: NodeEtcd;
  readonly operations: Operations;
}

/** Everything about this node from which one can tell what is wrong. Looks, and changes nothing; what does not answer is said, not waited for. */
export async function examineNode({ etcd, operations }: Examined): Promise<NodeExamination> {
  const { root, node, store, fenceKeeper } = operations;
  const receivedAt = new Date().toISOString();
  const signal = AbortSignal.timeout(partWithinMs);
  const manifests = await readManifests(root);
  const [found, apiServer, open, kept] = await Promise.all([
    etcdOf(etcd, { manifests, root, node, signal }),
    manifests && examineApiServer(manifests, { root, node, signal }),
    store.open(),
    listKept(operations),
  ]);
  const { fence } = fenceKeeper;
  return {
    ...{ node, receivedAt },
    ...found,
    ...(manifests === undefined ? {} : { manifests: manifestsOf(manifests, node) }),
    ...(apiServer === undefined ? {} : { apiServer }),
    ...(open === undefined ? {} : { openOperation: operationOf(open, node) }),
    ...(fence === undefined ? {} : { fencedBy: fence.operation }),
    snapshots: kept
      .filter(({ what }) => what === 'snapshot taken before')
      .map(({ path, since, sizeBytes }) => ({ path, takenAt: since, sizeBytes })),
    answeredAt: new Date().toISOString(),
  };
}

interface Look {
  readonly manifests: Manifests | undefined;
  readonly root: HostRoot;
  readonly node: string;
  readonly signal: AbortSignal;
}

async function etcdOf(etcd: NodeEtcd, look: Look) {
  const { node, root, manifests } = look;
  try {
    const found = await etcd.find();
    const apiServer = manifests === undefined ? undefined : apiServersEtcd(manifests, node)?.tls;
    const places = await certificatePlaces({ root, etcd: found.etcd, tls: found.tls, apiServer });
    const [process, member, disk, durations, certificates] = await Promise.all([
      etcd.process(),
      askMember(etcd, node),
      diskOf(found.etcd, root),
      durationsOf(etcd, found, look.signal),
      Promise.all(places.map((place) => readCertificateAt(place, { root, node }))),
    ]);
    return {
      ...{ etcd: found.etcd, warnings: [...found.warnings], process, ...member, certificates },
      ...(disk === undefined ? {} : { disk }),
      ...(durations === undefined ? {} : { durations }),
    };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    // What the last container said is of interest most of all where nothing says any more how it was run.
    const process = await etcd.process().catch(() => undefined);
    const state = process === undefined ? {} : { process };
    return { noEtcd: failureToRecord(thrown, node), warnings: [], certificates: [], ...state };
  }
}

async function askMember(
  etcd: NodeEtcd,
  node: string,
): Promise<{ readonly member: OwnMember } | { readonly silent: ReturnType<typeof failureToRecord> }> {
  try {
    using client = new MemberClient(await etcd.endpoint());
    const [status, members, read] = await Promise.all([
      client.status(partWithinMs),
      // A learner does not tell (server/etcdserver/api/v3rpc/interceptor.go).
      client.members(partWithinMs).then(
        (list) => list.members,
        () => [],
      ),
      client.confirmRead(partWithinMs),
    ]);
    const { clusterId: etcdClusterId, memberId } = status.header;
    const readMs = 'revision' in read ? read.tookMs : undefined;
    return { member: { etcdClusterId, memberId, status: memberStatus(status, readMs), members } };
  } catch (thrown) {
    return { silent: failureToRecord(silentMember(thrown, node), node) };
  }
}

async function diskOf({ dataDir }: FoundEtcd, root: HostRoot): Promise<NodeExamination['disk']> {
  try {
    const here = await root.here(dataDir);
    const [{ bsize, blocks, bavail }, hasMember] = await Promise.all([statfs(here), isThere(join(here, 'member'))]);
    return { dataDir, totalBytes: blocks * bsize, freeBytes: bavail * bsize, hasMember };
  } catch {
    // The directory itself is missing: what etcd says of that is said elsewhere.
    return undefined;
  }
}

async function durationsOf(etcd: NodeEtcd, { etcd: { metricsUrl } }: EtcdOnHost, signal: AbortSignal) {
  if (metricsUrl === undefined) return undefined;
  try {
    const credentials = metricsUrl.startsWith('https:') ? (await etcd.endpoint()).credentials : {};
    const text = await readMetrics(metricsUrl, credentials, signal);
    const walFsync = histogramIn(text, 'etcd_disk_wal_fsync_duration_seconds');
    const backendCommit = histogramIn(text, 'etcd_disk_backend_commit_duration_seconds');
    return {
      ...(walFsync === undefined ? {} : { walFsync }),
      ...(backendCommit === undefined ? {} : { backendCommit }),
    };
  } catch {
    // An etcd that does not answer is said to be so; metrics are an extra.
    return undefined;
  }
}

function manifestsOf({ folder, pods, unreadable }: Manifests, node: string): NodeExamination['manifests'] {
  return {
    folder,
    pods: pods.map(({ file, pod }) => ({
      file,
      namespace: pod.metadata.namespace ?? 'default',
      name: pod.metadata.name,
      runsEtcd: etcdContainer(pod, node) !== undefined,
    })),
    unreadable: unreadable.map(({ message }) => message),
  };
}

function operationOf(
  { plan, journal }: NonNullable<Awaited<ReturnType<Operations['store']['open']>>>,
  node: string,
): NodeExamination['openOperation'] {
  const { undoing } = stateOf(plan, new Map([[node, journal]]));
  return { id: plan.id, title: plan.title, by: plan.by, undoing };
}
