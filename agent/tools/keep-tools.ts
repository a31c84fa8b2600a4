import { copyFile, mkdir, readdir, readlink, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asFailure, Failure } from '../../core/failure.ts';
import { HostRoot } from '../host/root.ts';
import { syncPath, syncTree } from '../host/sync-tree.ts';
import { askVersion } from './ask-version.ts';
import { copyLibraries, loaderPrefix } from './shared-libraries.ts';
import { parseVersion } from './versions.ts';

/** Within the state directory: a folder for each version. */
export const toolsFolder = 'tools';
/** Within a version's folder: what its programs need to run, where they are not static. */
export const librariesFolder = 'lib';

const programs = ['etcd', 'etcdutl', 'etcdctl'] as const;
const usualFolders = ['/usr/local/bin', '/usr/bin', '/bin'];

export type Kept =
  /** `programs` are those that the image has: etcdutl is missing from some of kubeadm's. */
  | { readonly outcome: 'kept'; readonly folder: string; readonly programs: readonly string[] }
  | { readonly outcome: 'already-kept'; readonly folder: string }
  /** etcd runs in the host's own root: its tools are the host's, where findTool looks anyway. */
  | { readonly outcome: 'on-host' }
  /** Another etcd has taken its place meanwhile: nothing was kept, ask again with its pid and version. */
  | { readonly outcome: 'replaced'; readonly version: string };

/**
 * Copies etcd and its tools out of the file system of the running etcd, so that they are at hand when it is down. A version's folder is whole or not
 * there; the version before stays, older ones are deleted. Not to be called twice at the same time.
 * @param options.pid of the etcd process, in the host's numbering. @param options.version as its status says it.
 * @throws {Failure} `tools-not-kept`
 */
export async function keepTools(options: {
  readonly pid: number;
  readonly version: string;
  readonly root: HostRoot;
  readonly stateDirectory: string;
}): Promise<Kept> {
  const { pid, version, root, stateDirectory } = options;
  const tools = join(stateDirectory, toolsFolder);
  const what = `cannot keep the tools of etcd ${version} on the node`;
  // The version becomes a folder's name.
  if (parseVersion(version) === undefined || !/^[\w.+-]+$/.test(version))
    throw new Failure({ reason: 'tools-not-kept', what, why: `${JSON.stringify(version)} is no version` });
  const folder = join(tools, version);
  const part = join(tools, `.${version}.part`);
  try {
    if (await isThere(folder)) return { outcome: 'already-kept', folder };
    const process = await root.here(`/proc/${pid}`);
    const its = join(process, 'root');
    if (await sameFile(its, await root.here('/'))) return { outcome: 'on-host' };
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { recursive: true, mode: 0o755 });
    const kept = await copyPrograms({ from: new HostRoot(its), etcdFolder: await folderOf(process), into: part });
    const other = await otherVersion(part, version);
    if (other !== undefined) {
      await rm(part, { recursive: true });
      return { outcome: 'replaced', version: other };
    }
    await syncTree(part);
    await rename(part, folder);
    await syncPath(tools);
    await deleteOlder(tools, version);
    return { outcome: 'kept', folder, programs: kept };
  } catch (thrown) {
    await rm(part, { recursive: true, force: true });
    throw asFailure(thrown, { reason: 'tools-not-kept', what });
  }
}

async function copyPrograms({
  from,
  etcdFolder,
  into,
}: {
  readonly from: HostRoot;
  readonly etcdFolder: string;
  readonly into: string;
}): Promise<readonly string[]> {
  const folders = [...usualFolders, etcdFolder];
  const copied: string[] = [];
  const found: string[] = [];
  for (const name of programs)
    for (const folder of folders) {
      const path = await from.here(join(folder, name));
      if ((await stat(path).catch(() => undefined))?.isFile() !== true) continue;
      await copyFile(path, join(into, name));
      copied.push(name);
      found.push(path);
      break;
    }
  await copyLibraries({ programs: found, from, into: join(into, librariesFolder) });
  return copied;
}

/** Where the program of a process lies within its root. The kernel tells both as we see them, which matters for a root that is no mount of its own. */
async function folderOf(process: string): Promise<string> {
  const [root, executable] = await Promise.all([readlink(join(process, 'root')), readlink(join(process, 'exe'))]);
  const within = root !== '/' && executable.startsWith(`${root}/`) ? executable.slice(root.length) : executable;
  return dirname(within);
}

/** What the copied etcd says of itself, where it says something else than its server did. */
async function otherVersion(folder: string, version: string): Promise<string | undefined> {
  const argv = [join(folder, 'etcd'), '--version'];
  const prefix = (await loaderPrefix(join(folder, librariesFolder))) ?? [];
  for (const way of [argv, [...prefix, ...argv]]) {
    const answer = await askVersion(way);
    if ('version' in answer) return answer.version === version ? undefined : answer.version;
  }
  return undefined;
}

async function deleteOlder(tools: string, version: string): Promise<void> {
  const others = (await readdir(tools)).filter((name) => name !== version);
  const times = await Promise.all(others.map(async (name) => (await stat(join(tools, name))).mtimeMs));
  const newestFirst = others
    .map((name, index) => ({ name, keptMs: times[index] ?? 0 }))
    .sort((one, other) => other.keptMs - one.keptMs);
  const [before] = newestFirst.filter(({ name }) => !name.startsWith('.'));
  for (const { name } of newestFirst)
    if (name !== before?.name) await rm(join(tools, name), { recursive: true, force: true });
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function sameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([stat(one), stat(other)]);
  return first.dev === second.dev && first.ino === second.ino;
}
