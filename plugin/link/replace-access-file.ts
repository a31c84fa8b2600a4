import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { NetworkAccess } from '../../core/access/access-file.ts';

/** Writes the file with mode 0600, whole or not at all, in place of what was there. Nobody sees a part of it. */
export async function replaceAccessFile(path: string, access: NetworkAccess): Promise<void> {
  const partPath = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rm(partPath, { force: true });
    {
      await using part = await open(partPath, 'wx', 0o600);
      await part.writeFile(`${JSON.stringify(access, null, 2)}\n`);
      await part.sync();
    }
    await rename(partPath, path);
  } catch (thrown) {
    await rm(partPath, { force: true }).catch(() => undefined);
    throw thrown;
  }
}
