import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { hardStateRecord } from '../../core/wal/record.ts';
import type { WalFacts } from '../../core/wal/read-wal.ts';

/**
 * Lets a log that nobody has open say that entries up to `commit` are committed: one more record at its end, as etcd itself would have written. What
 * was half written there is cut off, as etcd does when it starts. Only for entries of which that is known otherwise, and that are in the log.
 * @param wal the folder, as this process finds it.
 */
export async function raiseCommit(wal: string, { end, hardState, last }: WalFacts, commit: number): Promise<void> {
  if (hardState === undefined || commit > last.index) throw new Error(`entry ${commit} is not in the log`);
  if (commit <= hardState.commit) return;
  await using file = await open(join(wal, end.file), 'r+');
  const record = hardStateRecord({ ...hardState, commit }, end.crc);
  const { size } = await file.stat();
  // Behind the last record there are zeros, or what was half written: those have to go.
  await file.truncate(end.offset);
  await file.truncate(Math.max(size, end.offset + record.length));
  await file.write(record, 0, record.length, end.offset);
  await file.sync();
}
