/** Is this file the snapshot it claims to be? Every answer names what is wrong, where, and what was expected. */
import { Failure } from '../failure.ts';
import { checkDatabase } from './bbolt/check.ts';
import type { CheckedDatabase } from './bbolt/check.ts';
import { Database } from './bbolt/database.ts';
import { Damage } from './bbolt/damage.ts';
import { hasTrailer, trailerBytes } from './checksum.ts';
import type { FileHashes } from './checksum.ts';
import { hashInThread, hashSource, worthAThreadBytes } from './hash-source.ts';
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
  /** Called once all is hashed, where the walk over the pages is still to do; `onProgress` then tells of pages met. */
  readonly onPages?: (() => void) | undefined;
  /** What is smaller is hashed first, not beside the walk. Tests lower it. */
  readonly leastBytesBeside?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the whole file, in bounded memory. What is wrong with the snapshot is in the verdict; only what keeps us from judging it is thrown.
 * @throws {Failure} `snapshot-changed` when it was written to meanwhile, `snapshot-unreadable`.
 */
export async function verifySnapshot(options: VerifyOptions): Promise<SnapshotVerdict> {
  const { source, manifest } = options;
  const { hashes, walk } = await hashAndWalk(options);
  const { summary, problems: databaseProblems, notListed } = await judge(walk, hashes);
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
    checked: walk.checked,
  };
}

/** Both need every byte: beside each other where that is worth a thread, else one after the other. */
async function hashAndWalk(options: VerifyOptions): Promise<{ readonly hashes: FileHashes; readonly walk: Walk }> {
  const { source, onProgress, onPages, leastBytesBeside = worthAThreadBytes } = options;
  const { descriptor, sizeBytes } = source;
  if (descriptor === undefined || sizeBytes < Math.max(leastBytesBeside, trailerBytes)) {
    const hashes = await hashSource(options);
    return { hashes, walk: await walkDatabase(options) };
  }
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const hashing = hashInThread({
    ...{ descriptor, sizeBytes, signal },
    onProgress: (done) => onProgress?.(done, sizeBytes),
  });
  let isHashed = false;
  let isWalked = false;
  hashing.then(
    (hashes) => {
      isHashed = hashes !== undefined;
      if (isHashed && !isWalked) onPages?.();
    },
    () => undefined,
  );
  try {
    const walk = await walkDatabase({
      ...{ source, signal: options.signal },
      onPages: onPages && (() => undefined),
      onProgress: (done, total) => isHashed && onProgress?.(done, total),
    });
    isWalked = true;
    // What kept the thread from reading is met here again, and said.
    return { hashes: (await hashing) ?? (await hashSource(options)), walk };
  } finally {
    stop.abort();
    // The file is its owner's to close only when nobody reads it any more.
    await hashing.catch(() => undefined);
  }
}

/** What the pages alone tell. */
interface Walk {
  /** Where there is one. */
  readonly database?: Database;
  /** Of the file as a whole. */
  readonly problems: readonly SnapshotProblem[];
  /** Of pages and records, at most `mostProblems`. */
  readonly damages: readonly SnapshotProblem[];
  readonly damagesNotListed: number;
  readonly checked?: CheckedDatabase;
}

async function walkDatabase({ source, signal, onPages, onProgress }: VerifyOptions): Promise<Walk> {
  const unwalked = { damages: [], damagesNotListed: 0 };
  if (source.sizeBytes === 0) return { ...unwalked, problems: [{ reason: 'empty', text: 'the file is empty' }] };
  let database: Database;
  try {
    database = await Database.open(source);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.reason !== 'not-a-database') throw thrown;
    return { ...unwalked, problems: [await notADatabase(source, thrown)] };
  }
  const problems = sizeProblems(database, source);
  // Of a truncated file nothing else is expected than that pages are missing.
  if (problems.some(({ reason }) => reason === 'truncated')) return { ...unwalked, database, problems };
  const damages: SnapshotProblem[] = [];
  let damagesNotListed = 0;
  const onDamage = (damage: Damage) => {
    if (damages.length < mostProblems) damages.push(damageProblem(damage));
    else damagesNotListed += 1;
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
  return { database, problems, damages, damagesNotListed, checked };
}

interface Judgement {
  readonly summary: SnapshotSummary | undefined;
  readonly problems: readonly SnapshotProblem[];
  readonly notListed: number;
}

async function judge(walk: Walk, hashes: FileHashes): Promise<Judgement> {
  const { database, checked, damages, damagesNotListed } = walk;
  const isAltered = checked !== undefined && hashes.trailer === 'differs';
  const found = [...walk.problems, ...(isAltered ? [alteredProblem(hashes)] : []), ...damages];
  const summary =
    database &&
    (await summaryOf(database, (damage) => {
      // Most often the walk has met it already; of a truncated file it is expected.
      if (found.length === 0) found.push(damageProblem(damage));
    }));
  const problems = found.slice(0, mostProblems);
  return { summary, problems, notListed: damagesNotListed + found.length - problems.length };
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
