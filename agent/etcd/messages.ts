/**
 * The few of etcd's RPCs that the agent calls, with the field numbers of etcd's rpc.proto (3.4 to 3.6; fields that an older server does not
 * send arrive as their defaults). Carried as data because a bundle has no .proto files beside it.
 */
import { fromJSON } from '@grpc/proto-loader';
import * as v from 'valibot';

const u64 = (id: number) => ({ type: 'uint64', id });
const i64 = (id: number) => ({ type: 'int64', id });
const text = (id: number) => ({ type: 'string', id });
const texts = (id: number) => ({ rule: 'repeated' as const, type: 'string', id });
const bool = (id: number) => ({ type: 'bool', id });
const bytes = (id: number) => ({ type: 'bytes', id });
const method = (name: string) => ({
  requestType: `${name}Request`,
  responseType: `${name}Response`,
  comment: '',
});
const header = { type: 'ResponseHeader', id: 1 };

export const etcdDefinitions = fromJSON(
  {
    nested: {
      etcdserverpb: {
        nested: {
          ResponseHeader: { fields: { clusterId: u64(1), memberId: u64(2), revision: i64(3), raftTerm: u64(4) } },
          Member: {
            fields: { id: u64(1), name: text(2), peerUrls: texts(3), clientUrls: texts(4), learner: bool(5) },
          },
          MemberListRequest: { fields: { linearizable: bool(1) } },
          MemberListResponse: { fields: { header, members: { rule: 'repeated' as const, type: 'Member', id: 2 } } },
          MemberAddRequest: { fields: { peerUrls: texts(1), learner: bool(2) } },
          MemberAddResponse: { fields: { header, member: { type: 'Member', id: 2 } } },
          MemberRemoveRequest: { fields: { id: u64(1) } },
          MemberRemoveResponse: { fields: { header } },
          MemberPromoteRequest: { fields: { id: u64(1) } },
          MemberPromoteResponse: { fields: { header } },
          MoveLeaderRequest: { fields: { targetId: u64(1) } },
          MoveLeaderResponse: { fields: { header } },
          StatusRequest: { fields: {} },
          StatusResponse: {
            fields: {
              header,
              version: text(2),
              dbSize: i64(3),
              leader: u64(4),
              raftIndex: u64(5),
              raftTerm: u64(6),
              raftAppliedIndex: u64(7),
              errors: texts(8),
              dbSizeInUse: i64(9),
              learner: bool(10),
            },
          },
          RangeRequest: {
            fields: {
              key: bytes(1),
              rangeEnd: bytes(2),
              limit: i64(3),
              revision: i64(4),
              serializable: bool(7),
              keysOnly: bool(8),
              countOnly: bool(9),
            },
          },
          // Each KeyValue as the bytes it is: of thousands of them, objects would cost several times as much.
          RangeResponse: {
            fields: { header, kvs: { rule: 'repeated' as const, type: 'bytes', id: 2 }, more: bool(3), count: i64(4) },
          },
          DefragmentRequest: { fields: {} },
          DefragmentResponse: { fields: { header } },
          AlarmMember: { fields: { memberId: u64(1), alarm: { type: 'AlarmType', id: 2 } } },
          AlarmType: { values: { NONE: 0, NOSPACE: 1, CORRUPT: 2 } },
          AlarmAction: { values: { GET: 0, ACTIVATE: 1, DEACTIVATE: 2 } },
          AlarmRequest: {
            fields: { action: { type: 'AlarmAction', id: 1 }, memberId: u64(2), alarm: { type: 'AlarmType', id: 3 } },
          },
          AlarmResponse: { fields: { header, alarms: { rule: 'repeated' as const, type: 'AlarmMember', id: 2 } } },
          HashKVRequest: { fields: { revision: i64(1) } },
          HashKVResponse: { fields: { header, hash: { type: 'uint32', id: 2 }, compactRevision: i64(3) } },
          Cluster: {
            methods: {
              MemberList: method('MemberList'),
              MemberAdd: method('MemberAdd'),
              MemberRemove: method('MemberRemove'),
              MemberPromote: method('MemberPromote'),
            },
          },
          Maintenance: {
            methods: {
              Status: method('Status'),
              HashKV: method('HashKV'),
              Defragment: method('Defragment'),
              Alarm: method('Alarm'),
              MoveLeader: method('MoveLeader'),
            },
          },
          KV: { methods: { Range: method('Range') } },
        },
      },
    },
  },
  { longs: String, enums: String, defaults: true, arrays: true },
);

/** 64-bit ids arrive as decimal text and go on as etcdctl prints them. */
const id = v.pipe(
  v.string(),
  v.digits(),
  v.transform((decimal) => BigInt(decimal).toString(16)),
);
const count = v.pipe(v.string(), v.digits(), v.transform(Number), v.safeInteger());

const replyHeader = v.object({ clusterId: id, memberId: id, revision: count, raftTerm: count });

export const memberListReply = v.object({
  header: replyHeader,
  members: v.array(
    v.object({
      id,
      name: v.string(),
      peerUrls: v.array(v.string()),
      clientUrls: v.array(v.string()),
      learner: v.boolean(),
    }),
  ),
});
export type MemberListReply = v.InferOutput<typeof memberListReply>;
export type ListedMember = MemberListReply['members'][number];

export const memberAddReply = v.object({ header: replyHeader, member: v.object({ id }) });

export const statusReply = v.object({
  header: replyHeader,
  version: v.string(),
  dbSize: count,
  leader: id,
  raftIndex: count,
  raftTerm: count,
  raftAppliedIndex: count,
  errors: v.array(v.string()),
  dbSizeInUse: count,
  learner: v.boolean(),
});
export type StatusReply = v.InferOutput<typeof statusReply>;

export const rangeReply = v.object({ header: replyHeader, count });

/** A page of keys; each is a KeyValue as protobuf (core/snapshot/key-value.ts takes it apart). */
export const keyPageReply = v.object({
  header: replyHeader,
  kvs: v.array(v.instance(Buffer)),
  more: v.boolean(),
  /** Of the whole range, whatever the limit. */
  count,
});
export type KeyPageReply = v.InferOutput<typeof keyPageReply>;

export const hashReply = v.object({
  header: replyHeader,
  hash: v.number(),
  /** -1 where nothing was ever compacted. */
  compactRevision: v.pipe(v.string(), v.regex(/^-?\d+$/), v.transform(Number), v.safeInteger()),
});

export const alarmReply = v.object({
  alarms: v.array(v.object({ memberId: id, alarm: v.picklist(['NONE', 'NOSPACE', 'CORRUPT']) })),
});
export type RaisedAlarm = v.InferOutput<typeof alarmReply>['alarms'][number];

/** etcd answers a defragmentation with nothing at all, not even a header. */
export const nothing = v.object({});

export const headerOnly = v.object({ header: replyHeader });

/** MoveLeader answers without a header (server/etcdserver/api/v3rpc/maintenance.go). */
export const emptyReply = v.object({});
