/** What a database says about itself in a few pages: no scan, a few milliseconds whatever its size. */
import * as v from 'valibot';
import type { Bucket, LeafSpan } from './bbolt/bucket.ts';
import { Database } from './bbolt/database.ts';
import type { Damage } from './bbolt/damage.ts';
import type { Page } from './bbolt/page.ts';
import { NotProtobuf, readFields } from './protobuf.ts';
import { parseRevision } from './revision.ts';
import type { RandomAccess } from './source.ts';

export interface ConfState {
  /** Member ids, hexadecimal. */
  readonly voters: readonly string[];
  readonly learners: readonly string[];
  readonly votersOutgoing: readonly string[];
  readonly learnersNext: readonly string[];
  readonly autoLeave: boolean;
}

export interface StoredMember {
  /** Hexadecimal, as etcdctl prints it. */
  readonly id: string;
  readonly name: string;
  readonly learner: boolean;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
}

export interface StoredAlarm {
  readonly memberId: string;
  /** `NOSPACE`, `CORRUPT`, or the number of one that we do not know. */
  readonly alarm: string;
}

export interface SnapshotSummary {
  /** The last revision in the `key` bucket; 0 where it is empty. etcd itself goes on from this or from the compaction, whichever is higher. */
  readonly revision: number;
  /** Everything up to it was compacted; absent where nothing ever was. */
  readonly compactedRevision: number | undefined;
  /** Above `compactedRevision` while a compaction is under way. */
  readonly scheduledCompactRevision: number | undefined;
  /** The last raft entry applied. */
  readonly consistentIndex: number | undefined;
  /** The term of that entry: 3.5 and later. */
  readonly term: number | undefined;
  /** 3.5 and later. */
  readonly confState: ConfState | undefined;
  /** The layout's version: 3.6 and later. */
  readonly storageVersion: string | undefined;
  /** The version that the cluster runs at (`3.5.0`): the lowest of its members' minor versions. */
  readonly clusterVersion: string | undefined;
  readonly members: readonly StoredMember[];
  readonly removedMembers: readonly string[];
  readonly alarms: readonly StoredAlarm[];
  readonly authEnabled: boolean;
  /** bbolt's own facts. */
  readonly pageBytes: number;
  /** bbolt's tx.Size(): what `etcdutl snapshot status` calls the total size. */
  readonly databaseBytes: number;
}

/** Reads the summary of an etcd database. @throws {Failure} `not-a-database`, `snapshot-damaged`. */
export async function readSummary(source: RandomAccess): Promise<SnapshotSummary> {
  return await summarize(await Database.open(source));
}

export async function summarize(database: Database): Promise<SnapshotSummary> {
  const meta = await database.bucket('meta');
  const [cluster, auth] = [await database.bucket('cluster'), await database.bucket('auth')];
  return {
    revision: await lastRevision(await database.bucket('key')),
    compactedRevision: await valueOf(meta, 'finishedCompactRev', revisionValue),
    scheduledCompactRevision: await valueOf(meta, 'scheduledCompactRev', revisionValue),
    consistentIndex: await valueOf(meta, 'consistent_index', bigEndian),
    term: await valueOf(meta, 'term', bigEndian),
    confState: await valueOf(meta, 'confState', (value) => json(confStateRecord, value)),
    storageVersion: await valueOf(meta, 'storageVersion', text),
    clusterVersion: await valueOf(cluster, 'clusterVersion', text),
    members: await all(await database.bucket('members'), memberOf),
    removedMembers: await all(await database.bucket('members_removed'), (page, index) => page.key(index).toString()),
    alarms: await all(await database.bucket('alarm'), alarmOf),
    authEnabled: (await valueOf(auth, 'authEnabled', (value) => value[0] === 1)) ?? false,
    pageBytes: database.meta.pageBytes,
    databaseBytes: database.sizeBytes,
  };
}

async function lastRevision(keys: Bucket | undefined): Promise<number> {
  const last = await keys?.last();
  if (last === undefined) return 0;
  const revision = parseRevision(last.key);
  if (revision !== undefined) return revision.main;
  // Found again by its key, for the place to name.
  const span = await keys?.find(last.key);
  throw damageOf(span, 'the last key of the bucket "key" is no revision');
}

async function valueOf<T>(
  bucket: Bucket | undefined,
  key: string,
  decode: (value: Buffer) => T | undefined,
): Promise<T | undefined> {
  const span = await bucket?.find(Buffer.from(key));
  if (span === undefined) return undefined;
  const decoded = decode(span.page.value(span.first));
  if (decoded === undefined)
    throw damageOf(
      span,
      `the value of ${JSON.stringify(key)} in the bucket ${JSON.stringify(bucket?.name)} makes no sense`,
    );
  return decoded;
}

async function all<T>(bucket: Bucket | undefined, decode: (page: Page, index: number) => T | undefined): Promise<T[]> {
  const found: T[] = [];
  if (bucket === undefined) return found;
  for await (const { page, first } of bucket.leaves())
    for (let index = first; index < page.count; index++) {
      const decoded = decode(page, index);
      if (decoded === undefined)
        throw page.damageAt(index, `an entry of the bucket ${JSON.stringify(bucket.name)} makes no sense`);
      found.push(decoded);
      if (found.length > mostRecords)
        throw page.damageAt(index, `the bucket ${JSON.stringify(bucket.name)} has more than ${mostRecords} entries`);
    }
  return found;
}

/** Members, removed members and alarms are held in memory: etcd has a handful, a bucket that claims millions is damage. */
const mostRecords = 100_000;

function damageOf(span: LeafSpan | undefined, why: string): Damage | Error {
  return span === undefined ? new Error(why) : span.page.damageAt(span.first, why);
}

function bigEndian(value: Buffer): number | undefined {
  if (value.length !== 8) return undefined;
  const number = Number(value.readBigUInt64BE());
  return Number.isSafeInteger(number) ? number : undefined;
}

function revisionValue(value: Buffer): number | undefined {
  return parseRevision(value)?.main;
}

function text(value: Buffer): string {
  return value.toString('utf8');
}

/**
 * etcd writes member ids into JSON as numbers that JavaScript cannot hold: they are quoted before parsing. Only numbers of 15 digits and more,
 * which no other field of these records has.
 */
function parseLargeJson(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8').replace(/(?<=[:[,]\s*)\d{15,20}(?=\s*[,\]}])/g, '"$&"'));
  } catch {
    return undefined;
  }
}

function json<Schema extends v.GenericSchema>(schema: Schema, value: Buffer): v.InferOutput<Schema> | undefined {
  const result = v.safeParse(schema, parseLargeJson(value));
  return result.success ? result.output : undefined;
}

const memberId = v.pipe(
  v.union([v.pipe(v.string(), v.regex(/^\d{1,20}$/)), v.pipe(v.number(), v.safeInteger(), v.minValue(0))]),
  v.transform((id) => BigInt(id).toString(16)),
);
const list = <Item extends v.GenericSchema>(item: Item) => v.nullish(v.array(item), []);

const confStateRecord = v.pipe(
  v.object({
    voters: list(memberId),
    learners: list(memberId),
    voters_outgoing: list(memberId),
    learners_next: list(memberId),
    auto_leave: v.optional(v.boolean(), false),
  }),
  v.transform((record): ConfState => ({
    voters: record.voters,
    learners: record.learners,
    votersOutgoing: record.voters_outgoing,
    learnersNext: record.learners_next,
    autoLeave: record.auto_leave,
  })),
);

const memberRecord = v.object({
  id: memberId,
  name: v.optional(v.string(), ''),
  isLearner: v.optional(v.boolean(), false),
  peerURLs: list(v.string()),
  clientURLs: list(v.string()),
});

function memberOf(page: Page, index: number): StoredMember | undefined {
  const record = json(memberRecord, page.value(index));
  if (record?.id === undefined) return undefined;
  return {
    id: record.id,
    name: record.name,
    learner: record.isLearner,
    peerUrls: record.peerURLs,
    clientUrls: record.clientURLs,
  };
}

/** etcd keeps an alarm as a key alone: the marshalled AlarmMember. */
function alarmOf(page: Page, index: number): StoredAlarm | undefined {
  let memberId = 0n;
  let alarm = 0n;
  try {
    for (const field of readFields(page.key(index)))
      if (field.number === 1) memberId = field.value;
      else if (field.number === 2) alarm = field.value;
  } catch (thrown) {
    if (thrown instanceof NotProtobuf) return undefined;
    throw thrown;
  }
  const names: Record<string, string> = { '1': 'NOSPACE', '2': 'CORRUPT' };
  return { memberId: memberId.toString(16), alarm: names[alarm.toString()] ?? alarm.toString() };
}
