/** Requests and replies about operations: see paths.ts for who asks what. */
import * as v from 'valibot';
import { failureRecord, foundEtcd, memberStatus } from '../protocol/messages.ts';
import { journalRecord } from './journal.ts';
import { plan } from './plan.ts';
import { apiServerPlace, workload } from './steps.ts';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** What is kept of an operation on one node. */
export const keptOperation = v.object({ plan, journal: v.array(journalRecord), closed: v.boolean() });
export type KeptOperation = v.InferOutput<typeof keptOperation>;

/** POST /v1/operations: whether it was taken up now, or had been before. */
export const takenReply = v.object({ taken: v.boolean() });

/** GET /v1/operations: all that the node keeps, the newest first. */
export const operationsReply = v.object({ node: v.string(), operations: v.array(keptOperation) });
export type OperationsReply = v.InferOutput<typeof operationsReply>;

/** What an agent says while a step goes on, a line of JSON each; the last one is `done` or `failed`. */
export const stepEvent = v.variant('event', [
  v.object({
    event: v.literal('progress'),
    text: v.string(),
    doneBytes: v.optional(count),
    totalBytes: v.optional(count),
  }),
  v.object({ event: v.literal('done'), tookMs: v.number(), result: v.optional(v.unknown()) }),
  v.object({ event: v.literal('failed'), tookMs: v.number(), failure: failureRecord }),
]);
export type StepEvent = v.InferOutput<typeof stepEvent>;

export const closeRequest = v.object({
  outcome: v.picklist(['done', 'rolled-back', 'abandoned', 'withdrawn']),
  by: v.pipe(v.string(), v.maxLength(300)),
});

const readonlyArray = <Item extends v.GenericSchema>(item: Item) => v.pipe(v.array(item), v.readonly());

const encryptionConfiguration = v.object({
  file: v.string(),
  resources: readonlyArray(
    v.object({
      resources: readonlyArray(v.string()),
      providers: readonlyArray(
        v.object({
          provider: v.picklist(['identity', 'aescbc', 'aesgcm', 'secretbox', 'kms']),
          version: v.optional(v.picklist(['v1', 'v2'])),
          keyNames: readonlyArray(v.string()),
        }),
      ),
    }),
  ),
});

/** GET /v1/survey: everything about this node that a plan is made of. Nothing is changed by looking. */
export const nodeSurvey = v.object({
  node: v.string(),
  /** Exactly one of `etcd` and `noEtcd` is there. */
  etcd: v.optional(foundEtcd),
  noEtcd: v.optional(failureRecord),
  /** Of etcd itself, where it answers. */
  status: v.optional(memberStatus),
  /** Why etcd does not answer. */
  silent: v.optional(failureRecord),
  /** All members as this one lists them; where it does not answer, as the database on its disk has them. */
  members: v.optional(
    v.array(
      v.object({
        id: v.string(),
        name: v.string(),
        peerUrls: v.array(v.string()),
        learner: v.optional(v.boolean()),
      }),
    ),
  ),
  /** How much of the cluster's log it holds; exactly one of `raft` and `noRaft` is there where there is an etcd. */
  raft: v.optional(
    v.object({
      clusterId: v.string(),
      memberId: v.string(),
      /** The last entry that it knows to be committed. */
      commitIndex: count,
      /** The last that it has applied; on a disk that of its database, which may be further than its log says. */
      appliedIndex: count,
      /** The newest entry in its log, committed or not; absent where the log could not be read. */
      lastEntry: v.optional(v.object({ term: count, index: count })),
      entriesAboveCommit: v.optional(count),
      revision: count,
      source: v.picklist(['live', 'disk']),
    }),
  ),
  noRaft: v.optional(failureRecord),
  /** Of the program that runs, or ran last: `3.5.16`. */
  etcdVersion: v.optional(v.string()),
  /** etcd first, then what there is of the control plane. */
  workloads: v.array(workload),
  apiServer: v.optional(apiServerPlace),
  places: v.optional(
    v.object({
      dataDir: v.string(),
      walDir: v.optional(v.string()),
      besideData: v.string(),
      besideWal: v.optional(v.string()),
      /** What the present data takes, and what is free on its file system. */
      usedBytes: count,
      freeBytes: count,
      /** The operation's own folder: on the same file system or on another. */
      stateFreeBytes: count,
      oneFileSystem: v.boolean(),
      /** Whether there is a member at all. */
      hasMember: v.boolean(),
    }),
  ),
  /** Of the tool that would build the data directory. */
  tool: v.optional(v.object({ program: v.string(), version: v.string(), path: v.string(), canBump: v.boolean() })),
  noTool: v.optional(failureRecord),
  /** etcd's own program, as it is at hand while its container is not. */
  etcdProgram: v.optional(v.object({ version: v.string(), path: v.string() })),
  noEtcdProgram: v.optional(failureRecord),
  /** What would keep etcd or the API server from being started again: certificates that are not valid now, a manifest that cannot be edited. */
  obstacles: v.array(failureRecord),
  /** What the API server of this node can decrypt; null where it is told nothing, absent where there is none or it could not be read. */
  encryption: v.nullish(encryptionConfiguration),
  /** The operation that is not closed here. */
  openOperation: v.optional(v.string()),
  /** The operation that has left this node out: its agent keeps etcd and API server stopped. */
  fencedBy: v.optional(v.string()),
  /** Whether this agent can tell the others anything: without an authority none knows of another. */
  enrolled: v.optional(v.boolean()),
});
export type NodeSurvey = v.InferOutput<typeof nodeSurvey>;

/** GET /v1/kept: what operations have moved aside here. */
export const keptReply = v.object({
  node: v.string(),
  kept: v.array(
    v.object({
      operation: v.string(),
      path: v.string(),
      what: v.string(),
      sizeBytes: count,
      since: v.string(),
      /** Where it was before. */
      inPlaceOf: v.optional(v.string()),
      /** What a fence has moved aside: it is not deleted, as nothing else could be started. */
      held: v.optional(v.boolean()),
    }),
  ),
});
export type KeptReply = v.InferOutput<typeof keptReply>;
