/**
 * The steps that there are. Each carries everything that it needs, so that it can be done again, and undone, by an agent that has just been
 * started and knows nothing else. Paths are the node's own.
 */
import * as v from 'valibot';
import { certificateProfile } from './certificate-profile.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hexId = v.pipe(v.string(), v.regex(/^[0-9a-f]{1,16}$/));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const path = v.pipe(v.string(), v.startsWith('/'), v.maxLength(4096));
/** A file in the operation's own folder. */
const ownFile = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9.-]{0,60}$/));

/** Something that runs on a node and can be stopped and started again. */
export const workload = v.variant('by', [
  v.object({
    by: v.literal('static-pod'),
    component: v.string(),
    /** Its manifest, where the kubelet reads it. */
    file: path,
    /** Where the manifest waits while the pod is not to run: on the same file system, outside the kubelet's folder. */
    aside: path,
    namespace: v.string(),
    /** With the node's name, as the kubelet calls the mirror pod. */
    pod: v.string(),
    container: v.string(),
  }),
  v.object({
    by: v.literal('systemd'),
    component: v.string(),
    unit: v.string(),
    /** The unit's file of variables that names etcd's initial cluster; where it waits while another says something else. */
    environment: v.optional(v.object({ file: path, aside: path })),
  }),
  /** The local mode. */
  v.object({ by: v.literal('process'), component: v.string() }),
]);
export type Workload = v.InferOutput<typeof workload>;

export const memberIdentity = v.object({ id: hexId, name: v.string(), peerUrls: v.array(v.string()) });
export type MemberIdentity = v.InferOutput<typeof memberIdentity>;

/** The API server of a node, and what it is shown; absent where no file of that kind is named. */
export const apiServerPlace = v.object({
  url: v.pipe(v.string(), v.startsWith('https://')),
  certificateFile: v.optional(path),
  keyFile: v.optional(path),
});
export type ApiServerPlace = v.InferOutput<typeof apiServerPlace>;

/** Who the members of the new cluster are: known before there is one, see identity.ts. */
export const clusterIdentity = v.object({ clusterId: hexId, members: v.array(memberIdentity) });
export type ClusterIdentity = v.InferOutput<typeof clusterIdentity>;

/** Where a member has its data. */
export const dataPlaces = v.object({
  dataDir: path,
  walDir: v.optional(path),
  /** A folder on the file system of the data directory, for what is built and what is moved aside; and one for a WAL directory of its own. */
  besideData: path,
  besideWal: v.optional(path),
});
export type DataPlaces = v.InferOutput<typeof dataPlaces>;

/** A snapshot comes onto the node: from whoever runs the operation, or from the agent of another node; then every page of it is verified. */
const receive = v.object({
  kind: v.literal('receive'),
  file: ownFile,
  sizeBytes: count,
  sha256,
  from: v.optional(v.string()),
});
/** What is there now is saved beside: a snapshot of the member where it answers, else a copy of its files. */
const safeguard = v.object({ kind: v.literal('safeguard'), file: ownFile, places: dataPlaces });
/** etcd's own tool builds the new data directory beside the old one. */
const build = v.object({
  kind: v.literal('build'),
  snapshot: ownFile,
  places: dataPlaces,
  /** Of etcd as it runs here. */
  etcdVersion: v.string(),
  /** Where its program lies, where that is on the host: its tools may be beside it. */
  etcdFolder: v.optional(path),
  name: v.string(),
  token: v.string(),
  identity: clusterIdentity,
  /** The snapshot's own. */
  revision: count,
  /** Added to the revision, and what is below marked as compacted; absent where the tool cannot. */
  bumpRevision: v.optional(count),
  /** The file ends without etcd's checksum: one that was copied out of a data directory. */
  withoutChecksum: v.boolean(),
});
/** A copy of the stopped member becomes the only member of its cluster, beside its place. */
const forceNewCluster = v.object({
  kind: v.literal('force-new-cluster'),
  places: dataPlaces,
  /** Of etcd as it runs here. */
  etcdVersion: v.string(),
  /** Where its program lies, where that is on the host. */
  etcdFolder: v.optional(path),
  /** What stays as it is. */
  clusterId: hexId,
  member: memberIdentity,
  /** Those that it advertises. */
  clientUrls: v.array(v.string()),
  /** Known to be committed when it was looked at; its log must have that much. */
  commitAtLeast: count,
  revisionAtLeast: count,
});
const stop = v.object({
  kind: v.literal('stop'),
  workloads: v.array(workload),
  graceSeconds: count,
  /** Whether undoing starts them again; not where there was no data: etcd would make a new, empty cluster. */
  startsAgain: v.boolean(),
});
/** The old member goes aside and the new one takes its place, by renames. */
const exchange = v.object({
  kind: v.literal('exchange'),
  places: dataPlaces,
  /** Whether there was a member when it was planned. */
  hadMember: v.boolean(),
});
/** What etcd's static manifest, or its unit's file of variables, is to say from now on, by the names of its flags; null takes one out. */
const etcdFlags = v.record(v.string(), v.nullable(v.string()));
const start = v.object({
  kind: v.literal('start'),
  workloads: v.array(workload),
  etcdFlags: v.optional(etcdFlags),
  /** The API server that is to be ready; absent where that is not waited for. */
  apiServer: v.optional(apiServerPlace),
});
/** Exactly the expected members, one cluster, no learner, equal hashes, and every key of the snapshot. */
const check = v.object({
  kind: v.literal('check'),
  identity: clusterIdentity,
  endpoints: v.array(v.object({ name: v.string(), url: v.string() })),
  revisionAtLeast: count,
  /** What the snapshot holds; absent where that is not known. */
  liveKeys: v.optional(count),
});
/** Everything that will be moved can be moved, and everything that will be edited can be edited: found out while all still runs. */
const rehearse = v.object({
  kind: v.literal('rehearse'),
  places: dataPlaces,
  workloads: v.array(workload),
  etcdFlags: v.optional(etcdFlags),
});
/** Alarms that the snapshot carried are cured and taken back: an API server would find a cluster that takes no writes. */
const cure = v.object({ kind: v.literal('cure'), endpoints: v.array(v.object({ name: v.string(), url: v.string() })) });
/** Nodes that are left out are fenced: should they come back, their agents keep etcd and API server stopped. Done by one agent, told to all. */
const fence = v.object({ kind: v.literal('fence'), nodes: v.array(v.string()), by: v.string() });
/** Members whose nodes are gone for good leave the new cluster: the others can then lose one again. */
const removeMembers = v.object({ kind: v.literal('remove-members'), members: v.array(memberIdentity) });
/** After the restore of another cluster's snapshot it is that cluster: the agents' register has the UID of its kube-system from now on. */
const recordCluster = v.object({ kind: v.literal('record-cluster'), uid: v.string(), before: v.optional(v.string()) });
/** The fence of this node is lifted: it is on its way back. Undone, another is put up under this operation's id. */
const liftFence = v.object({ kind: v.literal('lift-fence'), by: v.string() });
/** The member of an etcd that is stopped goes aside by renames, and nothing takes its place. */
const setAside = v.object({
  kind: v.literal('set-aside'),
  places: dataPlaces,
  /** Whether there was a member when it was planned. */
  hadMember: v.boolean(),
});
/** A member leaves the cluster, the leadership before it. Done on a node whose own member is well. */
const memberRemove = v.object({ kind: v.literal('member-remove'), member: memberIdentity });
/** A member is added, before its etcd is started. Done on a node whose own member is well. */
const memberAdd = v.object({
  kind: v.literal('member-add'),
  name: v.string(),
  peerUrls: v.pipe(v.array(v.string()), v.minLength(1)),
  /** Without a vote until it is promoted. */
  asLearner: v.boolean(),
});
/** The etcd of this node has joined, and takes what the others have. */
const catchUp = v.object({
  kind: v.literal('catch-up'),
  places: dataPlaces,
  /** Where a member that is well is asked how far it is. */
  ahead: v.object({ name: v.string(), url: v.string() }),
  /** The size of its database: what there is to take, by and large. */
  sizeBytes: count,
});
/** A learner becomes a voter, and is seen to be one. Done on a node whose own member is well. */
const memberPromote = v.object({
  kind: v.literal('member-promote'),
  name: v.string(),
  peerUrls: v.pipe(v.array(v.string()), v.minLength(1)),
});
/** The kubelet of the node reads everything anew. */
const restartKubelet = v.object({ kind: v.literal('restart-kubelet') });
/** The first API server takes a write and gives it back. */
const canary = v.object({ kind: v.literal('canary'), apiServer: apiServerPlace });
/** A certificate and its key, in files of their own. */
const pairFiles = { certFile: path, keyFile: path };
/** New pairs are issued from the authority on the node, beside the old ones, and tried. */
const issueCertificates = v.object({
  kind: v.literal('issue-certificates'),
  pairs: v.array(
    v.object({
      ...pairFiles,
      authority: v.object({ certFile: path, keyFile: path }),
      /** For one that is not there, or cannot be read: the others are made like what is there. */
      profile: certificateProfile,
    }),
  ),
});
/** The old pairs go aside, and the new ones take their place, by renames. */
const exchangeCertificates = v.object({
  kind: v.literal('exchange-certificates'),
  /** With what there was before: what was missing is missing again when it is undone. */
  pairs: v.array(v.object({ ...pairFiles, hadCert: v.boolean(), hadKey: v.boolean() })),
});
/** Members answer, know one leader, and confirm a read each: nothing else is stopped before. */
const settle = v.object({
  kind: v.literal('settle'),
  endpoints: v.array(v.object({ name: v.string(), url: v.string() })),
});

export const step = v.variant('kind', [
  receive,
  safeguard,
  build,
  forceNewCluster,
  rehearse,
  stop,
  cure,
  exchange,
  fence,
  liftFence,
  setAside,
  memberRemove,
  memberAdd,
  catchUp,
  memberPromote,
  start,
  removeMembers,
  check,
  canary,
  recordCluster,
  restartKubelet,
  issueCertificates,
  exchangeCertificates,
  settle,
]);
export type Step = v.InferOutput<typeof step>;
export type EtcdFlags = v.InferOutput<typeof etcdFlags>;
export type StepKind = Step['kind'];
export type StepOf<Kind extends StepKind> = Extract<Step, { kind: Kind }>;
