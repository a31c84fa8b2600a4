/** The nodes' cgroups on the host: what runs in them is the lab's, and nothing else is. */
import { existsSync } from 'node:fs';
import { readFile, readdir, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { until } from './command.ts';

const top = '/sys/fs/cgroup';

/** One directory on a machine with cgroup v2, one for each controller with v1. */
async function directoriesOf(cgroup: string): Promise<readonly string[]> {
  const hierarchies = existsSync(join(top, 'cgroup.controllers')) ? [''] : await readdir(top);
  return hierarchies.map((hierarchy) => join(top, hierarchy, cgroup)).filter((directory) => existsSync(directory));
}

/** The directory and all below it, innermost first. */
async function withChildren(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  return [...below.sort((a, b) => b.length - a.length), directory];
}

/** Every process in the cgroup or below it, in any hierarchy, as the host numbers them. */
export async function processesIn(cgroup: string): Promise<ReadonlySet<number>> {
  const pids = new Set<number>();
  for (const directory of await directoriesOf(cgroup)) {
    for (const child of await withChildren(directory)) {
      const listed = await readFile(join(child, 'cgroup.procs'), 'utf8').catch(() => '');
      for (const line of listed.split('\n')) if (Number(line) > 0) pids.add(Number(line));
    }
  }
  return pids;
}

/**
 * Kills everything in the cgroup and below it, and returns when nothing is left.
 * @throws {Failure} `timed-out` after 20 s: a process that sits in the kernel cannot be killed.
 */
export async function endCgroup(cgroup: string): Promise<void> {
  await until(
    `the processes in the cgroup ${cgroup} to end`,
    async () => {
      const left = await processesIn(cgroup);
      left.forEach(killProcess);
      return left.size === 0 ? true : `${left.size} are left`;
    },
    { timeoutMs: 20_000, everyMs: 50 },
  );
  await removeCgroup(cgroup);
}

export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}

/** Removes the cgroup and all below it, in every hierarchy, and the one above where it is empty; one that still has a process stays. */
export async function removeCgroup(cgroup: string): Promise<void> {
  for (const directory of await directoriesOf(cgroup)) {
    for (const child of await withChildren(directory)) await rmdir(child).catch(() => undefined);
    if (dirname(cgroup) !== '.') await rmdir(dirname(directory)).catch(() => undefined);
  }
}
