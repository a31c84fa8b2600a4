import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../../core/failure.ts';
import { syncPath } from './sync-tree.ts';

/** A rename that has happened when this returns, whatever happens to the power. Both must be on one file system. */
export async function renameDurably(from: string, to: string): Promise<void> {
  const made = await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await rename(from, to);
  await syncPath(dirname(to));
  // A new folder is only as durable as its entry in the one above it.
  if (made !== undefined)
    for (let at = dirname(to); at !== dirname(made); at = dirname(at)) await syncPath(dirname(at));
  if (dirname(from) !== dirname(to)) await syncPath(dirname(from));
}

/** Folders that only root can look into; those that are there stay as they are. */
export async function makeFolders(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT' || systemCode(thrown) === 'ENOTDIR') return false;
    throw thrown;
  }
}

/** The sum of the files' sizes below a folder or of a file; 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined) return 0;
  if (!status.isDirectory()) return status.size;
  const names = await readdir(path).catch(() => []);
  const sizes = await Promise.all(names.map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
