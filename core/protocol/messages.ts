/**
 * Every reply that an agent gives, as schemas: the types of both sides come from them, and what arrives is decoded by them.
 * Requests are HTTP/2 requests without a body (see paths.ts). Member and cluster ids are hexadecimal strings, as etcdctl prints them: they
 * pass 2^53. Revisions, raft indexes and sizes are numbers: at a million writes a second 2^53 is three hundred years away.
 */
import * as v from 'valibot';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hexId = v.pipe(v.string(), v.regex(/^[0-9a-f]{1,16}$/));

/** A Failure on its way through the link. */
export const failureRecord = v.object({
  reason: v.string(),
  what: v.string(),
  node: v.optional(v.string()),
  why: v.optional(v.string()),
  next: v.optional(v.string()),
  exit: v.optional(v.number()),
});
export type FailureRecord = v.InferOutput<typeof failureRecord>;

/** How etcd is run on a node, as the agent read it from the node itself. */
export const foundEtcd = v.object({
  host: v.picklist(['static-pod', 'systemd', 'process']),
  /** The file it was read from: a manifest, a unit, a description. */
  source: v.string(),
  name: v.string(),
  dataDir: v.string(),
  walDir: v.optional(v.string()),
  /** Where the agent reaches it. */
  clientUrl: v.string(),
  advertisedClientUrls: v.array(v.string()),
  peerUrls: v.array(v.string()),
  /** Bytes; etcd's default where the flag is absent or zero. */
  quotaBytes: count,
  /** Where it tells its metrics: that of --listen-metrics-urls, else the client URL. */
  metricsUrl: v.optional(v.string()),
  /** With what it would start on an empty directory; ignored where there is data. */
  initial: v.optional(
    v.object({ cluster: v.optional(v.string()), state: v.optional(v.string()), forcesNewCluster: v.boolean() }),
  ),
  image: v.optional(v.string()),
  /** Where its program lies, as a path of the host; absent where that is in a container. */
  program: v.optional(v.string()),
  /** Of a unit's files of variables the one that names the initial cluster; absent where flags do, or nothing does. */
  environmentFile: v.optional(v.string()),
});
export type FoundEtcd = v.InferOutput<typeof foundEtcd>;

/** What runs etcd right now: the newest container of the static pod, or the process. */
export const etcdProcess = v.object({
  state: v.picklist(['running', 'exited', 'created', 'absent', 'unknown']),
  pid: v.optional(count),
  startedAt: v.optional(v.string()),
  exitCode: v.optional(v.number()),
  restarts: v.optional(count),
  /** Why it does not run, in a few words: the last line of its log that says so. */
  lastError: v.optional(v.string()),
});
export type EtcdProcess = v.InferOutput<typeof etcdProcess>;

/** GET /v1/agent: who answers, and what it found on its node. Exactly one of `etcd` and `noEtcd` is there. */
export const agentReport = v.object({
  protocol: v.number(),
  version: v.string(),
  node: v.string(),
  etcd: v.optional(foundEtcd),
  noEtcd: v.optional(failureRecord),
  /** Sentences about what a person should mend on this node; nothing that stops us. */
  warnings: v.optional(v.array(v.string())),
  /** Why the agent itself keeps etcd stopped, or has stopped it and does not start it again. */
  keptStopped: v.optional(failureRecord),
  process: v.optional(etcdProcess),
});
export type AgentReport = v.InferOutput<typeof agentReport>;

/** DELETE /v1/agent: what stays in the agent's state directory when everything of the agent itself is gone. */
export const removalReply = v.object({ kept: v.array(v.string()) });
export type RemovalReply = v.InferOutput<typeof removalReply>;

/** etcd's own Status reply of one member. */
export const memberStatus = v.object({
  version: v.string(),
  dbSizeBytes: count,
  dbInUseBytes: count,
  /** '0' where the member knows of no leader. */
  leader: hexId,
  raftTerm: count,
  raftIndex: count,
  raftAppliedIndex: count,
  /** The revision of its key space, from the reply's header. */
  revision: count,
  learner: v.boolean(),
  errors: v.array(v.string()),
  /** How long a linearizable read took; absent where it was not answered in time or not possible (a learner). */
  readMs: v.optional(v.number()),
});
export type MemberStatus = v.InferOutput<typeof memberStatus>;

export const memberAnswer = v.object({
  id: hexId,
  /** Empty where the member was added and never started. */
  name: v.string(),
  learner: v.boolean(),
  peerUrls: v.array(v.string()),
  clientUrls: v.array(v.string()),
  /** Which of its client URLs was asked. */
  endpoint: v.optional(v.string()),
  status: v.optional(memberStatus),
  /** Why there is no status: in the words of the connection. */
  error: v.optional(v.string()),
});
export type MemberAnswer = v.InferOutput<typeof memberAnswer>;

/** GET /v1/members: all members as one of them lists them, each asked for its own status. */
export const membersReply = v.object({
  node: v.string(),
  etcdClusterId: hexId,
  /** The id of the member on the answering agent's node. */
  memberId: hexId,
  members: v.array(memberAnswer),
  /** `NOSPACE` and `CORRUPT` by member id, read from Status.errors so that it goes without quorum. */
  alarms: v.array(v.object({ memberId: hexId, alarm: v.string() })),
});
export type MembersReply = v.InferOutput<typeof membersReply>;

/** What a snapshot is of; sent before its first byte, in the header `x-snapshot-source`. */
export const snapshotSource = v.object({
  node: v.string(),
  etcdClusterId: hexId,
  memberId: hexId,
  memberName: v.string(),
  etcdVersion: v.string(),
  role: v.picklist(['leader', 'follower', 'learner', 'no leader']),
  raftTerm: count,
  raftIndex: count,
  members: v.array(
    v.object({
      id: hexId,
      name: v.string(),
      learner: v.boolean(),
      peerUrls: v.array(v.string()),
      clientUrls: v.array(v.string()),
    }),
  ),
  /** For the progress display alone: the database may grow before the snapshot begins. */
  dbSizeBytes: count,
  /**
   * The revision that a linearizable read on this member gave right before: the snapshot holds at least it, and so every write
   * acknowledged before the command began. Absent where the member could not confirm (no quorum, a learner): `unconfirmed` says why.
   */
  confirmedRevision: v.optional(count),
  unconfirmed: v.optional(v.string()),
});
export type SnapshotSource = v.InferOutput<typeof snapshotSource>;

/** GET /v1/keys: which state the keys are of; sent before the first of them, in the header `x-keys-source`. */
export const keysSource = v.object({
  node: v.string(),
  etcdClusterId: hexId,
  memberId: hexId,
  /** All keys are listed as they were at this revision of the member. */
  revision: count,
  /** Why the member could not confirm that it has every acknowledged write (no quorum, a learner); absent where it has. */
  unconfirmed: v.optional(v.string()),
});
export type KeysSource = v.InferOutput<typeof keysSource>;

/** The last block of a stream of blocks. */
export const streamEnd = v.object({
  lengthBytes: count,
  /** Of all that was sent; of a snapshot the one that etcd itself appended: of all but the last 32 bytes. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});
export type StreamEnd = v.InferOutput<typeof streamEnd>;
