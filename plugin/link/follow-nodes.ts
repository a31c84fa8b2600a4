import { lstat, readFile } from 'node:fs/promises';
import type { NetworkAccess } from '../../core/access/access-file.ts';
import type { Place } from './dial-place.ts';
import { replaceAccessFile } from './replace-access-file.ts';

/** Of a node, the newest first: those of years must not gather. */
const mostAddresses = 16;

/**
 * Keeps an access file up to date with what the agents say of their nodes: on the day on which it is needed, the agent that knows may be down.
 * Only a plain file of our own is written, and only where nobody has put another certificate there meanwhile. Never fails: the file that is
 * there has just done its work.
 */
export async function followNodes(path: string, access: NetworkAccess, told: readonly Place[]): Promise<void> {
  const nodes = followed(access.nodes, told);
  if (nodes === undefined) return;
  try {
    const { uid, mode, isFile } = await about(path);
    if (!isFile || uid !== process.getuid?.() || (mode & 0o200) === 0) return;
    if (!(await readFile(path, 'utf8')).includes(JSON.stringify(access.certificate))) return;
    await replaceAccessFile(path, { ...access, nodes: [...nodes] });
  } catch {
    // A read-only home, a full disk: the next command has another chance.
  }
}

/**
 * The nodes of a file, brought up to date: undefined where nothing is new. Addresses that the file knows stay behind the new ones: they may be
 * outer ones, which only Kubernetes knew.
 */
export function followed(known: readonly Place[], told: readonly Place[]): NetworkAccess['nodes'] | undefined {
  if (told.length === 0) return undefined;
  const byName = new Map(known.map((place) => [place.name, place]));
  const isNew = ({ name, addresses, port }: Place) => {
    const before = byName.get(name);
    return before?.port !== port || addresses.some((address) => !before.addresses.includes(address));
  };
  const gone = known.some(({ name }) => !told.some((place) => place.name === name));
  if (!gone && !told.some(isNew)) return undefined;
  return told.map(({ name, addresses, port }) => {
    const all = new Set([...addresses, ...(byName.get(name)?.addresses ?? [])]);
    return { name, addresses: [...all].slice(0, mostAddresses), port };
  });
}

async function about(path: string): Promise<{ uid: number; mode: number; isFile: boolean }> {
  const found = await lstat(path);
  return { uid: found.uid, mode: found.mode, isFile: found.isFile() };
}
