import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes a tree durable, from the leaves up: the content of every file, and of every folder its entries. Symbolic links are not followed. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncPath(path);
  }
  await syncPath(folder);
}

/** Of one file, or of a folder's entries alone: what a rename in it needs. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
