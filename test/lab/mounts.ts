/** Mounts on the host, and removal of trees that may hold some. */
import { readFile, rm } from 'node:fs/promises';
import { attempt } from './command.ts';

/** The places below (or at) a path where something is mounted, innermost first. */
export async function mountsBelow(path: string): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  const points = table.split('\n').map((line) => (line.split(' ')[4] ?? '').replaceAll('\\040', ' '));
  return points.filter((point) => point === path || point.startsWith(`${path}/`)).reverse();
}

/** Unmounts everything below a path; what is still busy is detached, and goes when its last user does. */
export async function unmountBelow(path: string): Promise<void> {
  for (const point of await mountsBelow(path)) {
    if ((await attempt(['umount', point])).code !== 0) await attempt(['umount', '--lazy', point]);
  }
}

/** Removes a tree. Never reaches into what is mounted in it: a /proc or /dev left there by a crash is unmounted first. */
export async function removeTree(path: string): Promise<void> {
  await unmountBelow(path);
  await rm(path, { recursive: true, force: true });
}
