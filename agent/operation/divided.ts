import { posix } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { FoundEtcd } from '../../core/protocol/messages.ts';
import type { HostRoot } from '../host/root.ts';

/**
 * A member is moved by one rename: what is mounted at it or in it would stay where it is, or come back over the new one with the next boot, an old
 * log under a new database; where it is a link, its neighbour is not where it is.
 * @returns the WAL directory where it is one of its own, and does not go with the member anyway.
 * @throws {Failure} `cannot-move`.
 */
export async function undividedWal(
  { dataDir, walDir }: Pick<FoundEtcd, 'dataDir' | 'walDir'>,
  mounts: ReadonlySet<string>,
  root: HostRoot,
): Promise<string | undefined> {
  const member = posix.join(await root.canonical(dataDir), 'member');
  const isWithin = (path: string) => `${path}/`.startsWith(`${member}/`);
  const [point] = [...mounts].filter(isWithin);
  if (point !== undefined) throw divided(dataDir, `${point} is a mount point`);
  if ((await root.canonical(member)) !== member) throw divided(dataDir, 'it is a symbolic link');
  if (walDir === undefined) return undefined;
  const wal = await root.canonical(walDir);
  if (!isWithin(wal)) return walDir;
  if (wal === posix.join(member, 'wal')) return undefined;
  throw divided(dataDir, `--wal-dir is ${walDir}, within it, and not where etcd has its log without that flag`);
}

function divided(dataDir: string, why: string): Failure {
  return new Failure({
    reason: 'cannot-move',
    what: `the data in ${dataDir}/member cannot be exchanged by a rename`,
    why,
    next: 'mount file systems at the data directory itself, or at a directory outside of it for --wal-dir',
  });
}
