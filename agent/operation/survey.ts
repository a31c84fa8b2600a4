import { stat, statfs } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Failure, systemCode } from '../../core/failure.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import type { Workload } from '../../core/operation/steps.ts';
import { failureToRecord } from '../../core/protocol/failure-record.ts';
import type { FailureRecord, FoundEtcd } from '../../core/protocol/messages.ts';
import { openFile } from '../../core/snapshot/source.ts';
import { readSummary } from '../../core/snapshot/summary.ts';
import { MemberClient } from '../etcd/member-client.ts';
import type { MemberEndpoint } from '../etcd/member-client.ts';
import type { StatusReply } from '../etcd/messages.ts';
import { memberStatus } from '../etcd/survey.ts';
import { readEncryptionConfiguration } from '../host/encryption-config.ts';
import { readManifests, withStopped } from '../host/manifest-directory.ts';
import type { Manifests } from '../host/manifest-directory.ts';
import type { TlsFiles } from '../host/options.ts';
import type { HostRoot } from '../host/root.ts';
import { askVersion } from '../tools/ask-version.ts';
import { findEtcd } from '../tools/find-etcd.ts';
import { etcdManifests, readEtcdManifest } from '../host/static-pod.ts';
import { findTool } from '../tools/find-tool.ts';
import { invalidCertificates } from './check-certificates.ts';
import { isThere, sizeOf } from '../host/durable.ts';
import { undividedWal } from './divided.ts';
import { mountPoints } from './mounts.ts';
import { raftOf } from './raft-survey.ts';
import { apiServerOf, asideName, isSamePod, workloadsOf } from './workloads.ts';

const answerWithinMs = 2_000;

export interface SurveyParts {
  readonly node: string;
  readonly root: HostRoot;
  readonly stateDirectory: string;
  readonly find: () => Promise<{ readonly etcd: FoundEtcd; readonly tls: TlsFiles | undefined }>;
  readonly endpoint: () => Promise<MemberEndpoint>;
  readonly openOperation: () => Promise<string | undefined>;
  /** The version of an etcd that does not answer, where it is known. */
  readonly lastVersion: () => Promise<string | undefined>;
  /** What a fence has stopped: seen as it is set up, though its manifests are aside. */
  readonly stopped: () => Promise<readonly Workload[]>;
}

/** Everything about this node that a plan is made of. Looks, and changes nothing. */
export async function surveyNode(parts: SurveyParts): Promise<NodeSurvey> {
  const { node, root } = parts;
  const stopped = await parts.stopped();
  const manifests = await withStopped(await readManifests(root), stopped, root);
  const openOperation = await parts.openOperation();
  const apiServer = manifests === undefined ? undefined : apiServerOf(manifests, node);
  const common = {
    node,
    ...(openOperation === undefined ? {} : { openOperation }),
    ...(apiServer === undefined ? {} : { apiServer: apiServer.place, ...(await encryptionOf(parts)) }),
  };
  try {
    const { etcd, tls } = await foundOr(manifests, parts);
    const { reply, ...asked } = await askMember(parts);
    const members = asked.members ?? (await membersOnDisk(etcd, parts));
    const etcdVersion = asked.status?.version ?? (await parts.lastVersion()) ?? (await versionOf(etcd, parts));
    const [places, raft, tool, workloads, invalid] = await Promise.all([
      placesOf(etcd, parts),
      raftOf(etcd, reply, parts),
      toolsFor(etcdVersion, etcd, parts),
      workloadsOf(etcd, manifests, parts),
      invalidCertificates([...etcdCertificates(tls), ...(apiServer?.certificates ?? [])], parts),
    ]);
    return {
      ...{ ...common, ...asked, ...raft, ...tool, etcd, places },
      workloads: workloads.map((each) => stopped.find((other) => isSamePod(each, other)) ?? each),
      obstacles: invalid,
      ...(members === undefined ? {} : { members }),
      ...(etcdVersion === undefined ? {} : { etcdVersion }),
    };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { ...common, workloads: [], obstacles: [], noEtcd: failureToRecord(thrown, node) };
  }
}

/** A fence's manifests are aside: the etcd of one of them is the one of this node all the same. */
async function foundOr(manifests: Manifests | undefined, { find, root, node }: SurveyParts) {
  try {
    return await find();
  } catch (thrown) {
    const [aside] = manifests === undefined ? [] : etcdManifests(manifests, node);
    if (!(thrown instanceof Failure) || thrown.reason !== 'etcd-not-found' || aside === undefined) throw thrown;
    return await readEtcdManifest(root, aside);
  }
}

async function askMember({
  endpoint,
  node,
}: SurveyParts): Promise<Pick<NodeSurvey, 'status' | 'members' | 'silent'> & { readonly reply?: StatusReply }> {
  try {
    using client = new MemberClient(await endpoint());
    const [status, { members }] = await Promise.all([client.status(answerWithinMs), client.members(answerWithinMs)]);
    return {
      reply: status,
      status: memberStatus(status, undefined),
      members: members.map(({ id, name, peerUrls, learner }) => ({ id, name, peerUrls, learner })),
    };
  } catch (thrown) {
    return { silent: failureToRecord(thrown, node) };
  }
}

/** As the database of a member that does not answer has them; its write-ahead log may know of a later change. */
async function membersOnDisk({ dataDir }: FoundEtcd, { root }: SurveyParts): Promise<NodeSurvey['members']> {
  try {
    await using source = await openFile(join(await root.here(dataDir), 'member/snap/db'));
    return (await readSummary(source)).members.map(({ id, name, peerUrls, learner }) => ({
      ...{ id, name, learner },
      peerUrls: [...peerUrls],
    }));
  } catch {
    // None there, or damaged: that is what the restore is for.
    return undefined;
  }
}

/** What the program on the host says of itself: a container's is gone with it. */
async function versionOf({ program }: FoundEtcd, { root }: SurveyParts): Promise<string | undefined> {
  if (program === undefined) return undefined;
  const answer = await askVersion([await root.here(program), '--version']);
  return 'version' in answer ? answer.version : undefined;
}

async function encryptionOf({ root, node }: SurveyParts): Promise<Pick<NodeSurvey, 'encryption'>> {
  try {
    return { encryption: (await readEncryptionConfiguration({ root, node })) ?? null };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return {};
  }
}

function etcdCertificates(tls: TlsFiles | undefined): string[] {
  if (tls === undefined) return [];
  const { certFile, trustedCaFile, peer } = tls;
  return [
    certFile,
    ...(trustedCaFile === undefined ? [] : [trustedCaFile]),
    ...(peer === undefined ? [] : [peer.certFile]),
  ];
}

/** What builds data, and what runs on it: both are looked for where etcd's own program may be gone with its container. */
async function toolsFor(
  version: string | undefined,
  { program }: FoundEtcd,
  { stateDirectory, root, node }: SurveyParts,
): Promise<Pick<NodeSurvey, 'tool' | 'noTool' | 'etcdProgram' | 'noEtcdProgram'>> {
  if (version === undefined) return {};
  const etcdFolder = program === undefined ? undefined : posix.dirname(program);
  const wanted = { version, stateDirectory, root, etcdFolder };
  const [tool, etcd] = await Promise.all([
    orFailure(findTool(wanted), node, (found) => ({
      tool: { program: found.program, version: found.version, path: found.path, canBump: found.canBump },
    })),
    orFailure(findEtcd(wanted), node, (found) => ({ etcdProgram: { version: found.version, path: found.path } })),
  ]);
  return {
    ...('failure' in tool ? { noTool: tool.failure } : tool),
    ...('failure' in etcd ? { noEtcdProgram: etcd.failure } : etcd),
  };
}

async function orFailure<Found, Said extends object>(
  finding: Promise<Found>,
  node: string,
  say: (found: Found) => Said,
): Promise<Said | { readonly failure: FailureRecord }> {
  try {
    return say(await finding);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { failure: failureToRecord(thrown, node) };
  }
}

async function placesOf({ dataDir, walDir }: FoundEtcd, { root, stateDirectory }: SurveyParts) {
  const mounts = await mountPoints(root);
  const besideData = await besideOf(dataDir, mounts, root);
  const wal = await undividedWal({ dataDir, walDir }, mounts, root);
  const besideWal = wal === undefined ? undefined : await besideOf(wal, mounts, root);
  const here = await root.here(dataDir);
  const [data, state, usedBytes, hasMember] = await Promise.all([
    freeBytes(here),
    freeBytes(stateDirectory),
    sizeOf(join(here, 'member')),
    isThere(join(here, 'member')),
  ]);
  return {
    dataDir,
    ...(wal === undefined ? {} : { walDir: wal }),
    besideData,
    ...(besideWal === undefined ? {} : { besideWal }),
    usedBytes,
    freeBytes: data.bytes,
    stateFreeBytes: state.bytes,
    oneFileSystem: data.device === state.device,
    hasMember,
  };
}

/** A folder to which a rename leads: beside the directory, or in it where it is a mount point of its own. etcd only warns of what it does not know there. */
async function besideOf(directory: string, mounts: ReadonlySet<string>, root: HostRoot): Promise<string> {
  const real = await root.canonical(directory);
  return mounts.has(real) ? posix.join(real, `.${asideName}`) : `${real}-${asideName}`;
}

/** Of the nearest folder that is there. */
async function freeBytes(path: string): Promise<{ readonly bytes: number; readonly device: number }> {
  try {
    const [free, { dev: device }] = await Promise.all([statfs(path), stat(path)]);
    return { bytes: free.bavail * free.bsize, device };
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT' && path !== '/') return freeBytes(posix.dirname(path));
    throw thrown;
  }
}
