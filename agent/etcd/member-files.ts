import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, systemCode } from '../../core/failure.ts';
import { openFile } from '../../core/snapshot/source.ts';
import { readSummary } from '../../core/snapshot/summary.ts';
import type { SnapshotSummary } from '../../core/snapshot/summary.ts';
import { readWal } from '../../core/wal/read-wal.ts';
import type { WalFacts } from '../../core/wal/read-wal.ts';

/** Where a member's files lie, as this process finds them. */
export interface MemberFiles {
  /** `DATA-DIR/member`. */
  readonly member: string;
  /** Its write-ahead log: `member/wal`, unless etcd was told otherwise. */
  readonly wal: string;
}

/** What a member that does not run holds. */
export interface HeldByFiles {
  readonly wal: WalFacts;
  readonly summary: SnapshotSummary;
  /** What is surely committed: as its log says, or as its database has applied it, which may be further. */
  readonly commitIndex: number;
  /** The last entry that its database has applied. */
  readonly appliedIndex: number;
}

/** A log of gigabytes takes longer than whoever asks for a survey waits. The last one may have just been begun. */
const fewSegments = 3;

/**
 * Reads what a member holds that nobody has open: a database that is written to meanwhile makes no sense. `quickly`: of the log its end alone.
 * @throws {Failure} `wal-damaged`, `wal-missing`, `log-behind-database`, and what the reader of databases says.
 */
export async function readHeld(
  { member, wal }: MemberFiles,
  how: 'quickly' | 'wholly' = 'wholly',
): Promise<HeldByFiles> {
  await using source = await openFile(join(member, 'snap/db'));
  const summary = await readSummary(source);
  const facts = await readLog({ member, wal }, how);
  const appliedIndex = summary.consistentIndex ?? 0;
  const commitIndex = Math.max(facts.hardState?.commit ?? 0, appliedIndex);
  if (commitIndex > facts.last.index)
    throw new Failure({
      reason: 'log-behind-database',
      what: 'the write-ahead log ends before what was committed',
      why: `${wal} ends at entry ${facts.last.index}, and ${commitIndex} were committed: its end is lost`,
      next: 'another member has to be the one to go on with, or a snapshot',
    });
  return { wal: facts, summary, commitIndex, appliedIndex };
}

/** The log alone, which may be read while etcd writes. @throws {Failure} `wal-damaged`, `wal-missing`. */
export async function readLog({ member, wal }: MemberFiles, how: 'quickly' | 'wholly'): Promise<WalFacts> {
  const files = await namesIn(wal);
  const open = async (file: string) => openFile(join(wal, file));
  const since = newestSnapshot(await namesIn(join(member, 'snap')));
  return await readWal({ name: wal, files, open }, { since, ...(how === 'quickly' ? { newest: fewSegments } : {}) });
}

/** The index of the newest raft snapshot: `TERM-INDEX.snap`, in hexadecimal. */
function newestSnapshot(names: readonly string[]): number {
  const indexes = names.map((name) => /^[0-9a-f]{16}-([0-9a-f]{16})\.snap$/.exec(name)?.[1] ?? '0');
  return Math.max(0, ...indexes.map((index) => parseInt(index, 16)));
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT' || systemCode(thrown) === 'ENOTDIR') return [];
    throw thrown;
  }
}
