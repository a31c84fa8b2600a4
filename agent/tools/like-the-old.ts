import { chmod, lchown, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asFailure } from '../../core/failure.ts';
import type { HostRoot } from '../host/root.ts';
import type { HostCommand } from '../host/host-commands.ts';

/**
 * Gives a new data directory (or a new WAL directory) the owner, the group, the mode and, where SELinux is on, the label of the old one's `member`,
 * or of the old one itself where it has no `member`. Modes of the files within are etcd's own. Access control lists and other extended
 * attributes are not carried over. Both are paths of the host. May be done again.
 * @throws {Failure} `data-owner-not-set`, `host-command-failed` (chcon).
 */
export async function likeTheOld(options: {
  readonly newDirectory: string;
  readonly oldDirectory: string;
  readonly root: HostRoot;
  readonly run: HostCommand;
}): Promise<void> {
  const { newDirectory, oldDirectory, root, run } = options;
  try {
    const member = join(oldDirectory, 'member');
    const reference = (await isFolder(await root.here(member))) ? member : oldDirectory;
    const { uid, gid, mode } = await stat(await root.here(reference));
    const here = await root.here(newDirectory);
    await own(here, uid, gid);
    for (const folder of [here, join(here, 'member')]) if (await isFolder(folder)) await chmod(folder, mode & 0o7777);
    if ((await root.readTextIfThere('/sys/fs/selinux/enforce')) !== undefined)
      await run(['chcon', '--recursive', `--reference=${reference}`, newDirectory]);
  } catch (thrown) {
    throw asFailure(thrown, {
      reason: 'data-owner-not-set',
      what: `cannot give ${newDirectory} the owner and the mode of ${oldDirectory}`,
    });
  }
}

async function own(folder: string, uid: number, gid: number): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await own(path, uid, gid);
    else await lchown(path, uid, gid);
  }
  await lchown(folder, uid, gid);
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
