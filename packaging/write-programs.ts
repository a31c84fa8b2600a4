import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { thirdPartyNotices } from './third-party-notices.ts';

export interface Program {
  /** Of the files: `kubectl-etcd` and `kubectl-etcd.cjs`. */
  readonly name: string;
  /** Its main module, relative to the checkout. */
  readonly entry: string;
}

export interface WrittenProgram {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Writes each program as one file, its launcher, and what both need beside them into a directory, which is made. Nothing is written unless
 * everything could be made, and each file is replaced by a rename: whoever runs the old program meanwhile keeps it.
 */
export async function writePrograms(options: {
  readonly root: string;
  readonly into: string;
  readonly programs: readonly Program[];
}): Promise<readonly WrittenProgram[]> {
  const { root, into } = options;
  const bundles = await Promise.all(
    options.programs.map(async (program) => ({ ...program, ...(await bundle({ root, ...program })) })),
  );
  const notices = await thirdPartyNotices({
    root,
    packages: [...new Set(bundles.flatMap(({ packages }) => packages))],
    legalComments: bundles.map(({ legalComments }) => legalComments),
  });
  const launcher = await readFile(join(import.meta.dirname, 'launcher.sh'));

  await mkdir(into, { recursive: true });
  for (const { name, code } of bundles) {
    await replace(join(into, `${name}.cjs`), code, 0o644);
    await replace(join(into, name), launcher, 0o755);
  }
  // Without it Node would look for a package.json up to the root of the disk, and take the nearest one's word for what these files are.
  await replace(join(into, 'package.json'), '{"type":"commonjs"}\n', 0o644);
  await replace(join(into, 'THIRD-PARTY-NOTICES'), notices, 0o644);
  return bundles.map(({ name, code }) => ({ path: join(into, `${name}.cjs`), sizeBytes: code.byteLength }));
}

async function replace(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const part = `${path}.part`;
  await writeFile(part, content, { mode });
  await rename(part, path);
}
