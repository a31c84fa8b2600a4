/** What is made once a machine. A name in the cache exists only when its content is complete. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { endCgroup } from './cgroups.ts';
import { run } from './command.ts';
import { withLock } from './lock.ts';
import { removeTree } from './mounts.ts';
import { elapsedSeconds, say } from './progress.ts';
import { cacheDirectory, mark } from './where.ts';

/** Where the content of a cached directory is being made. */
export interface Workshop {
  /** Empty at first; what is in it at the end is kept. */
  readonly directory: string;
  /** For the programs that take long: those that a killed predecessor left behind are ended before a new one begins. */
  readonly cgroup: string;
}

/**
 * The cached directory of that name, made first where it does not exist. Two processes that want it at once make it once;
 * when `make` throws, or the machine stops, nothing appears under the name.
 */
export async function cached(options: {
  readonly name: string;
  /** What it is, for the line that says that it is being made. */
  readonly what: string;
  readonly make: (workshop: Workshop) => Promise<void>;
}): Promise<string> {
  const path = join(cacheDirectory, options.name);
  if (existsSync(path)) return path;
  await withLock({ path: join(cacheDirectory, '.locks', options.name), protects: options.what }, async () => {
    if (existsSync(path)) return;
    const part = `${path}.part`;
    const cgroup = `${mark}-cache/${options.name}`;
    await endCgroup(cgroup);
    await removeTree(part);
    await mkdir(part, { recursive: true });
    say(`making ${options.what} (${path})`);
    const beganSeconds = elapsedSeconds();
    await options.make({ directory: part, cgroup });
    await endCgroup(cgroup);
    await run(['sync', '--file-system', part]);
    await rename(part, path);
    say(`made ${options.what} in ${Math.round(elapsedSeconds() - beganSeconds)} s`);
  });
  return path;
}

/** Removes the cached directories whose names begin like this, except one; what still runs on them must not be named. */
export async function forgetOthers(options: { readonly prefix: string; readonly keep: string }): Promise<void> {
  for (const name of await readdir(cacheDirectory)) {
    if (name.startsWith(options.prefix) && name !== options.keep) await removeTree(join(cacheDirectory, name));
  }
}

/** Eight hexadecimal digits over the given words and the content of the given files: a changed input is another name in the cache. */
export async function fingerprint(words: readonly string[], files: readonly string[] = []): Promise<string> {
  const hash = createHash('sha256');
  for (const word of words) hash.update(`${word}\0`);
  for (const file of files) hash.update(await readFile(file)).update('\0');
  return hash.digest('hex').slice(0, 8);
}
