import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { HostRoot } from '../../../agent/host/root.ts';

/** A host's root file system in a temporary folder; a value that begins with `-> ` makes a symbolic link. */
export async function scratchRoot(
  files: Readonly<Record<string, string>>,
): Promise<{ root: HostRoot; folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'host-root-'));
  for (const [path, content] of Object.entries(files)) {
    const here = join(folder, path);
    await mkdir(dirname(here), { recursive: true });
    if (content.startsWith('-> ')) await symlink(content.slice(3), here);
    else await writeFile(here, content);
  }
  return { root: new HostRoot(folder), folder, [Symbol.asyncDispose]: async () => rm(folder, { recursive: true }) };
}
