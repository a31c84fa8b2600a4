import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { create } from 'tar';

/** What an archive holds, by name, and where each comes from. */
export type ArchiveContent = Readonly<Record<string, string>>;

/** What the plugin needs where there is neither a checkout nor a Node; krew/etcd.yaml names the same files. */
export function pluginContent(from: {
  readonly root: string;
  readonly dist: string;
  readonly node: string;
}): ArchiveContent {
  return {
    'kubectl-etcd': join(from.dist, 'kubectl-etcd'),
    'kubectl-etcd.cjs': join(from.dist, 'kubectl-etcd.cjs'),
    'package.json': join(from.dist, 'package.json'),
    'THIRD-PARTY-NOTICES': join(from.dist, 'THIRD-PARTY-NOTICES'),
    LICENSE: join(from.root, 'LICENSE'),
    node: from.node,
  };
}

const executables = new Set(['kubectl-etcd', 'node']);

/**
 * Writes a gzipped tar and returns its sha256 in hexadecimal. The same content gives the same bytes wherever and whenever it is made: names
 * in order, no owners, no times, modes set here and not by the umask of whoever built it.
 */
export async function writeArchive(options: {
  readonly file: string;
  readonly content: ArchiveContent;
  /** An empty directory to gather the content in. */
  readonly scratch: string;
}): Promise<string> {
  await mkdir(options.scratch, { recursive: true });
  for (const [name, from] of Object.entries(options.content)) {
    await copyFile(from, join(options.scratch, name));
    await chmod(join(options.scratch, name), executables.has(name) ? 0o755 : 0o644);
  }
  const names = (await readdir(options.scratch)).sort();
  await create({ file: options.file, cwd: options.scratch, gzip: true, portable: true, mtime: new Date(0) }, names);
  const hash = createHash('sha256');
  await pipeline(createReadStream(options.file), hash);
  return hash.digest('hex');
}
