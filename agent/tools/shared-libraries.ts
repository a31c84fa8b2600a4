import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { HostRoot } from '../host/root.ts';

const runFile = promisify(execFile);
const answerWithinMs = 5_000;

/** Dynamic loaders by their file names: glibc's (`ld-linux-x86-64.so.2`, `ld-linux-aarch64.so.1`, `ld64.so.2`) and musl's. */
const loaderName = /^ld(?:64|-linux[\w-]*|-musl-\w+)\.so\.\d+$/;

/**
 * Copies what the loader of another root says that these programs need into `into`, the loader itself included. Nothing where that root has no
 * loader (the official images: static programs and nothing else) or the programs are static.
 * @param programs as this process finds them.
 */
export async function copyLibraries({
  programs,
  from,
  into,
}: {
  readonly programs: readonly string[];
  readonly from: HostRoot;
  readonly into: string;
}): Promise<void> {
  const folders = await libraryFolders(from);
  for (const loader of await loadersIn(folders))
    for (const program of programs) {
      const libraries = await librariesOf(program, { loader, folders, root: await from.here('/') });
      if (libraries.length === 0) continue;
      await mkdir(into, { recursive: true, mode: 0o755 });
      await copyFile(loader, join(into, basename(loader)));
      for (const { name, path } of libraries) await copyFile(path, join(into, name));
    }
}

/** The words that start a program through the loader in this folder; undefined where there is none. */
export async function loaderPrefix(folder: string): Promise<readonly string[] | undefined> {
  const [loader] = await loadersIn([folder]);
  return loader === undefined ? undefined : [loader, '--library-path', folder];
}

async function loadersIn(folders: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of folders)
    for (const name of (await readdir(folder).catch(() => [])).sort())
      if (loaderName.test(name)) found.push(join(folder, name));
  return found;
}

/** Where a root keeps libraries, Debian's folders per architecture (`/usr/lib/x86_64-linux-gnu`) included; each once, though it has several names. */
async function libraryFolders(root: HostRoot): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const folder of ['/lib64', '/usr/lib64', '/lib', '/usr/lib']) {
    const names = (await root.namesIn(folder)) ?? [];
    const perArchitecture = names.filter((name) => /^\w+-linux-\w+$/.test(name)).map((name) => join(folder, name));
    for (const each of [folder, ...perArchitecture]) {
      const here = await root.here(each);
      if ((await stat(here).catch(() => undefined))?.isDirectory() === true) found.add(here);
    }
  }
  return [...found];
}

/** As the loader itself resolves them (`--list` is what ldd runs), and only those within the root. */
async function librariesOf(
  program: string,
  { loader, folders, root }: { readonly loader: string; readonly folders: readonly string[]; readonly root: string },
): Promise<readonly { readonly name: string; readonly path: string }[]> {
  const argv = ['--library-path', folders.join(':'), '--list', program];
  const listed = await runFile(loader, argv, { env: {}, timeout: answerWithinMs, killSignal: 'SIGKILL' }).then(
    ({ stdout }) => stdout,
    // Static, of another C library, or of another architecture: not this loader's.
    () => '',
  );
  const resolved = [...listed.matchAll(/^\t(\S+) => (\S+) \(0x/gm)];
  return resolved.flatMap(([, name = '', path = '']) =>
    path.startsWith(join(root, '/')) && !loaderName.test(basename(name)) ? [{ name: basename(name), path }] : [],
  );
}
