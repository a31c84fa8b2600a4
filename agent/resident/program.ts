import { createHash } from 'node:crypto';
import { copyFile, cp, lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { systemCode } from '../../core/failure.ts';
import { programVersion } from '../../core/version.ts';
import { syncPath, syncTree } from '../host/sync-tree.ts';
import { commandLink, currentLink, programFolder } from './places.ts';

/** The files of the program as the image has them. */
export interface ProgramSource {
  /** The folder with the bundles and their launchers. */
  readonly folder: string;
  readonly node: string;
  /** Where the image keeps shared libraries; those that are not there are passed over. */
  readonly libraryFolders: readonly string[];
}

const bundles = ['kubectl-etcd.cjs', 'kubectl-etcd-agent.cjs', 'package.json', 'THIRD-PARTY-NOTICES'];
const launchers = ['kubectl-etcd', 'kubectl-etcd-agent'];

/**
 * Leaves the program on the node's disk, with its Node.js, so that it runs there with nothing else at hand. A whole program is under `current` at any
 * moment: it is written beside, and the link is replaced by a rename. The one before stays until the next time, for whoever is just starting it;
 * older ones are taken away.
 * @returns its folder; `changed` when it was not the current one before.
 */
export async function leaveProgram(
  source: ProgramSource,
  stateDirectory: string,
): Promise<{ readonly folder: string; readonly changed: boolean }> {
  const programs = join(stateDirectory, programFolder);
  await mkdir(programs, { recursive: true, mode: 0o755 });
  const name = `${programVersion}-${await digestOf(source)}`;
  const folder = join(programs, name);
  if (!(await isThere(folder))) {
    const part = join(programs, `.${name}.part`);
    await rm(part, { recursive: true, force: true });
    await write(source, part);
    await syncTree(part);
    await rename(part, folder);
  }
  const current = join(programs, currentLink);
  const before = await readlink(current).catch(() => undefined);
  const changed = before !== name;
  if (changed) {
    const next = join(programs, `.${currentLink}.part`);
    await rm(next, { force: true });
    await symlink(name, next);
    await rename(next, current);
    await syncPath(programs);
  }
  for (const other of await readdir(programs))
    if (![name, before, currentLink].includes(other)) await rm(join(programs, other), { recursive: true, force: true });
  return { folder, changed };
}

/**
 * Puts the command where root's PATH finds it, unless something else has that name. `hostRoot` is where this process sees the host's root.
 * A link into the state directory may be one of ours to an older place: it is replaced.
 */
export async function linkCommand(hostRoot: string, stateDirectory: string): Promise<void> {
  const link = join(hostRoot, commandLink);
  const target = join(stateDirectory, programFolder, currentLink, 'kubectl-etcd');
  const there = await lstat(link).catch(() => undefined);
  if (there !== undefined && !(await isOurLink(link, stateDirectory))) return;
  await mkdir(join(link, '..'), { recursive: true });
  await rm(link, { force: true });
  await symlink(target, link);
}

/** Whether the command's link leads into the state directory, and is thus ours to replace or to take away. */
export async function isOurLink(link: string, stateDirectory: string): Promise<boolean> {
  const target = await readlink(link).catch(() => undefined);
  return target?.startsWith(`${stateDirectory}/`) === true;
}

async function write(source: ProgramSource, into: string): Promise<void> {
  await mkdir(join(into, 'lib'), { recursive: true, mode: 0o755 });
  for (const name of [...bundles, ...launchers]) await copyFile(join(source.folder, name), join(into, name));
  await copyFile(source.node, join(into, 'node'));
  for (const library of await librariesOf(source))
    await cp(library, join(into, 'lib', basename(library)), { dereference: true });
}

async function librariesOf({ libraryFolders }: ProgramSource): Promise<string[]> {
  const found = new Map<string, string>();
  for (const folder of libraryFolders)
    for (const name of (await readdir(folder).catch(() => [])).sort())
      if (/\.so(?:\.|$)/.test(name) && !found.has(name)) found.set(name, join(folder, name));
  return [...found.values()];
}

/** Of the programs and of the version of Node: builds of one version differ while it is being written. */
async function digestOf({ folder }: ProgramSource): Promise<string> {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}`);
  for (const name of [...bundles, ...launchers]) hash.update(await readFile(join(folder, name)));
  return hash.digest('hex').slice(0, 12);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}
