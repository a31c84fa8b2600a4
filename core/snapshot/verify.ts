/** Is this file the snapshot it claims to be? Every answer names what is wrong, where, and what was expected. */
import { Failure } from '../failure.ts';
import { checkDatabase } from './bbolt/check.ts';
import type { CheckedDatabase } from './bbolt/check.ts';
import { Database } from './bbolt/database.ts';
import { Damage } from './bbolt/damage.ts';
import { hasTrailer, SnapshotHash, trailerBytes } from './checksum.ts';
import type { FileHashes } from './checksum.ts';
import { looksLike, telltaleBytes } from './looks-like.ts';
import type { SnapshotManifest } from './manifest.ts';
import { RecordCheck } from './record-check.ts';
import type { RandomAccess } from './source.ts';
import { summarize } from './summary.ts';
import type { SnapshotSummary } from './summary.ts';

export interface SnapshotProblem {
  /** A stable word for scripts. */
  readonly reason:
    'empty' | 'not-a-database' | 'truncated' | 'too-long' | 'altered' | 'damaged' | 'differs-from-manifest';
  /** A sentence without a full stop. */
  readonly text: string;
  readonly page?: number;
  readonly offset?: number;
}

export interface SnapshotVerdict {
  readonly name: string;
  /** No problem was found. A file without etcd's checksum can be sound: `trailer` says so. */
  readonly sound: boolean;
  /** In the order of their finding; at most `mostProblems`. */
  readonly problems: readonly SnapshotProblem[];
  /** How many more there were. */
  readonly problemsNotListed: number;
  /** Whether etcd's checksum was there and agrees; absent from a member's own database file. */
  readonly trailer: FileHashes['trailer'];
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly manifest: 'agrees' | 'differs' | 'absent';
  /** Where the database could be read at all. */
  readonly summary: SnapshotSummary | undefined;
  /** What the walk over all pages counted; absent where there was no walk (no database, truncated). */
  readonly checked: CheckedDatabase | undefined;
}

/** A file full of noise is described well enough by these. */
const mostProblems = 100;

export interface VerifyOptions {
  readonly source: RandomAccess;
  readonly manifest?: SnapshotManifest | undefined;
  /** Called as bytes are hashed, a few times a mebibyte at most. */
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  /** Called once all is hashed, and the walk over the pages begins; `onProgress` then tells of pages met, from 0 on. */
  readonly onPages?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Read and hashed at once: two of them are in memory. */
const chunkBytes = 1024 * 1024;

/**
 * Reads the whole file once, in bounded memory. What is wrong with the snapshot is in the verdict; only what keeps us from judging it is thrown.
 * @throws {Failure} `snapshot-changed` when it was written to meanwhile, `snapshot-unreadable`.
 */
export async function verifySnapshot(options: VerifyOptions): Promise<SnapshotVerdict> {
  const { source, manifest } = options;
  const hashes = await hashSource(options);
  const { summary, checked, problems: databaseProblems, notListed } = await readDatabase(options, hashes);
  await source.assertUnchanged();
  const differences = manifest === undefined ? [] : compareWithManifest(manifest, hashes, summary);
  const problems = [...databaseProblems, ...differences];
  return {
    name: source.name,
    sound: problems.length === 0,
    problems,
    problemsNotListed: notListed,
    trailer: hashes.trailer,
    sizeBytes: hashes.sizeBytes,
    sha256: hashes.sha256,
    manifest: manifest === undefined ? 'absent' : differences.length === 0 ? 'agrees' : 'differs',
    summary,
    checked,
  };
}

/** Hashes a source from end to end, reading ahead by one chunk. */
async function hashSource({ source, onProgress, signal }: VerifyOptions): Promise<FileHashes> {
  const hash = new SnapshotHash();
  // Two buffers in turns: one is hashed while the other is filled.
  const buffers = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
  const readAt = (offset: number) => {
    buffers.reverse();
    return source.read(offset, Math.min(chunkBytes, source.sizeBytes - offset), buffers[0]);
  };
  let next = readAt(0);
  while (hash.sizeBytes < source.sizeBytes) {
    const chunk = await next;
    signal?.throwIfAborted();
    next = readAt(hash.sizeBytes + chunk.length);
    // It is awaited in the next round, or not at all when hashing fails.
    next.catch(() => undefined);
    hash.update(chunk);
    onProgress?.(hash.sizeBytes, source.sizeBytes);
  }
  await next;
  return hash.finish();
}

interface ReadDatabase {
  readonly summary?: SnapshotSummary | undefined;
  readonly checked?: CheckedDatabase | undefined;
  readonly problems: readonly SnapshotProblem[];
  readonly notListed: number;
}

async function readDatabase(
  { source, signal, onPages, onProgress }: VerifyOptions,
  hashes: FileHashes,
): Promise<ReadDatabase> {
  if (source.sizeBytes === 0) return { problems: [{ reason: 'empty', text: 'the file is empty' }], notListed: 0 };
  let database: Database;
  try {
    database = await Database.open(source);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.reason !== 'not-a-database') throw thrown;
    return { problems: [await notADatabase(source, thrown)], notListed: 0 };
  }
  const sizes = sizeProblems(database, source);
  // Of a truncated file nothing else is expected than that pages are missing.
  if (sizes.some(({ reason }) => reason === 'truncated'))
    return { summary: await summaryOf(database, () => undefined), problems: sizes, notListed: 0 };
  const found: SnapshotProblem[] = [...sizes, ...(hashes.trailer === 'differs' ? [alteredProblem(hashes)] : [])];
  let notListed = 0;
  const onDamage = (damage: Damage) => {
    if (found.length < mostProblems) found.push(damageProblem(damage));
    else notListed += 1;
  };
  const records = new RecordCheck(onDamage);
  onPages?.();
  const checked = await checkDatabase(database, {
    onDamage,
    onBranch: (bucket, page) => records.page(bucket, page),
    onLeaf: (bucket, page) => records.page(bucket, page),
    onProgress: (pages) => onPages && onProgress?.(pages * database.meta.pageBytes, database.sizeBytes),
    signal,
  });
  const summary = await summaryOf(database, (damage) => {
    // Most often the walk has met it already.
    if (found.length === 0) onDamage(damage);
  });
  return { summary, checked, problems: found, notListed };
}

async function summaryOf(database: Database, onDamage: (damage: Damage) => void): Promise<SnapshotSummary | undefined> {
  try {
    return await summarize(database);
  } catch (thrown) {
    if (!(thrown instanceof Damage)) throw thrown;
    onDamage(thrown);
    return undefined;
  }
}

export function damageProblem(damage: Damage): SnapshotProblem {
  const { page, offset } = damage;
  return { reason: 'damaged', text: damage.why ?? damage.what, offset, ...(page === undefined ? {} : { page }) };
}

function alteredProblem(hashes: FileHashes): SnapshotProblem {
  return {
    reason: 'altered',
    text: `its content was altered after etcd wrote it: its sha256 is ${hashes.contentSha256}, not the one that etcd put into its last ${trailerBytes} bytes`,
    offset: hashes.sizeBytes - trailerBytes,
  };
}

async function notADatabase(source: RandomAccess, failure: Failure): Promise<SnapshotProblem> {
  const kind = looksLike(await source.read(0, Math.min(telltaleBytes, source.sizeBytes)));
  const text =
    kind === undefined
      ? `it is not a bbolt database (${failure.why ?? ''})`
      : `it is not a bbolt database; it looks like ${kind}`;
  return { reason: 'not-a-database', text };
}

/** A snapshot is exactly the database and 32 bytes; a member's own file is at least the database. */
function sizeProblems(database: Database, source: RandomAccess): SnapshotProblem[] {
  const { sizeBytes } = source;
  const databaseBytes = database.sizeBytes;
  const snapshotBytes = databaseBytes + trailerBytes;
  if (sizeBytes < databaseBytes || (hasTrailer(sizeBytes) && sizeBytes < snapshotBytes))
    return [
      {
        reason: 'truncated',
        text: `it is truncated: ${sizeBytes} bytes of ${snapshotBytes}; ${snapshotBytes - sizeBytes} are missing`,
        offset: sizeBytes,
      },
    ];
  if (sizeBytes > databaseBytes && sizeBytes < snapshotBytes)
    return [
      {
        reason: 'truncated',
        text: `it is truncated inside etcd's checksum: ${sizeBytes} bytes of ${snapshotBytes}`,
        offset: sizeBytes,
      },
    ];
  if (sizeBytes === snapshotBytes || (!hasTrailer(sizeBytes) && sizeBytes % 512 === 0)) return [];
  return [
    {
      reason: 'too-long',
      text: `it is too long: ${sizeBytes} bytes, ${sizeBytes - snapshotBytes} more than the database and its checksum`,
      offset: snapshotBytes,
    },
  ];
}

/** Only what the file itself can contradict: cluster, node and time are the manifest's word alone. */
function compareWithManifest(
  manifest: SnapshotManifest,
  hashes: FileHashes,
  summary: SnapshotSummary | undefined,
): SnapshotProblem[] {
  const fields: [field: string, expected: string | number, found: string | number | undefined][] = [
    ['sizeBytes', manifest.sizeBytes, hashes.sizeBytes],
    ['sha256', manifest.sha256, hashes.sha256],
    ['revision', manifest.revision, summary?.revision],
    ['raftIndex', manifest.raftIndex, summary?.consistentIndex],
    ['raftTerm', manifest.raftTerm, summary?.term],
  ];
  return fields
    .filter(([, expected, found]) => found !== undefined && found !== expected)
    .map(([field, expected, found]) => ({
      reason: 'differs-from-manifest' as const,
      text: `the manifest says ${field} ${expected}, and it is ${found ?? 'unknown'}`,
    }));
}
