/** What an agent says of its node to whoever looks for what is wrong with it. Nothing is changed by looking. */
import * as v from 'valibot';
import { etcdProcess, failureRecord, foundEtcd, memberStatus } from '../protocol/messages.ts';

/** GET: nodeExamination. */
export const examinationPath = '/v1/examination';
/** GET with `?revision=N`: keySpaceHash. */
export const hashPath = '/v1/hash';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const hexId = v.pipe(v.string(), v.regex(/^[0-9a-f]{1,16}$/));
const time = v.pipe(v.string(), v.isoTimestamp('it is no time'));

/** What a certificate is for. */
export const certificateRole = v.picklist([
  'etcd-server',
  'etcd-peer',
  'etcd-healthcheck-client',
  'apiserver-etcd-client',
  'etcd-ca',
  'etcd-peer-ca',
  'apiserver-etcd-ca',
]);
export type CertificateRole = v.InferOutput<typeof certificateRole>;

/** A certificate file of etcd's, as it lies on the node; nothing of it is secret. */
export const certificateReport = v.object({
  role: certificateRole,
  file: v.string(),
  keyFile: v.optional(v.string()),
  /** Whether there is a file of that name. */
  hasKey: v.optional(v.boolean()),
  /** Why there is nothing to say of it: missing, or unreadable. Then the rest is absent. */
  problem: v.optional(failureRecord),
  facts: v.optional(
    v.object({
      subject: v.string(),
      issuer: v.string(),
      /** DNS names and addresses. */
      names: v.array(v.string()),
      notBefore: time,
      notAfter: time,
      /** Lower-case hexadecimal sha256. */
      fingerprint: v.string(),
      /** For what it may be used; absent where it does not say, and so for all. */
      usages: v.optional(v.array(v.picklist(['server', 'client', 'other']))),
      /** Whether the key file is there, and its key; absent for an authority. */
      key: v.optional(v.picklist(['matches', 'other', 'missing', 'unreadable'])),
      /** Whether the authority that is trusted here has signed it; absent where none is named. */
      signed: v.optional(v.boolean()),
      /** Hosts of the member's own URLs that it does not name. */
      notCovered: v.optional(v.array(v.string())),
      /** Of a file with several certificates (authorities): the fingerprints of all. */
      fingerprints: v.array(v.string()),
    }),
  ),
});
export type CertificateReport = v.InferOutput<typeof certificateReport>;

/** A histogram of Prometheus: how many took at most so many seconds, cumulative. The last bucket, which holds all, is `total`. */
export const histogram = v.object({
  total: count,
  sumSeconds: v.number(),
  buckets: v.array(v.object({ upToSeconds: v.number(), count })),
});
export type Histogram = v.InferOutput<typeof histogram>;

export const listedMember = v.object({
  id: hexId,
  /** Empty where the member was added and never started. */
  name: v.string(),
  learner: v.boolean(),
  peerUrls: v.array(v.string()),
  clientUrls: v.array(v.string()),
});
export type ListedMember = v.InferOutput<typeof listedMember>;

/** The member of a node in its own words. */
export const ownMember = v.object({
  etcdClusterId: hexId,
  memberId: hexId,
  status: memberStatus,
  /** Empty where it is a learner: these do not tell. */
  members: v.array(listedMember),
});
export type OwnMember = v.InferOutput<typeof ownMember>;

export const nodeExamination = v.object({
  node: v.string(),
  /** By the node's clock: when the request came, and when the answer went. */
  receivedAt: time,
  answeredAt: time,
  /** Exactly one of `etcd` and `noEtcd` is there. */
  etcd: v.optional(foundEtcd),
  noEtcd: v.optional(failureRecord),
  /** Sentences about what a person should mend on this node. */
  warnings: v.array(v.string()),
  process: v.optional(etcdProcess),
  member: v.optional(ownMember),
  /** Why etcd does not answer. */
  silent: v.optional(failureRecord),
  disk: v.optional(
    v.object({
      dataDir: v.string(),
      totalBytes: count,
      /** For those who are not root less is free. */
      freeBytes: count,
      hasMember: v.boolean(),
    }),
  ),
  /** Since etcd was started; absent where its metrics cannot be had. */
  durations: v.optional(v.object({ walFsync: v.optional(histogram), backendCommit: v.optional(histogram) })),
  certificates: v.array(certificateReport),
  /** Absent where there is no kubelet that reads manifests. */
  manifests: v.optional(
    v.object({
      folder: v.string(),
      pods: v.array(v.object({ file: v.string(), namespace: v.string(), name: v.string(), runsEtcd: v.boolean() })),
      /** Files in the folder that no manifest can be read from. */
      unreadable: v.array(v.string()),
    }),
  ),
  apiServer: v.optional(
    v.object({
      url: v.string(),
      etcdServers: v.array(v.string()),
      /** As it says itself; `silent` where it does not answer. */
      state: v.picklist(['ready', 'not-ready', 'silent']),
      why: v.optional(v.string()),
    }),
  ),
  openOperation: v.optional(v.object({ id: v.string(), title: v.string(), by: v.string(), undoing: v.boolean() })),
  fencedBy: v.optional(v.string()),
  /** Snapshots that operations have left on this node. */
  snapshots: v.array(v.object({ path: v.string(), takenAt: time, sizeBytes: count })),
});
export type NodeExamination = v.InferOutput<typeof nodeExamination>;

export const keySpaceHash = v.object({ revision: count, hash: v.number(), compactRevision: count });
export type KeySpaceHash = v.InferOutput<typeof keySpaceHash>;
