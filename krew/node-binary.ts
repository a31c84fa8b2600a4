import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { extract } from 'tar';
import * as v from 'valibot';
import { Failure, messageOf } from '../core/failure.ts';
import { decodeJson } from '../core/protocol/decode.ts';

/** As Node and npm call them. */
export type Architecture = 'x64' | 'arm64';

const lockFile = v.object({
  packages: v.record(v.string(), v.object({ version: v.optional(v.string()), integrity: v.optional(v.string()) })),
});

/**
 * The path of the lock file's Node.js for Linux on the given architecture. npm installs only the one for the machine it runs on; another's
 * is fetched as the package it is (npm's cache will do) and must have the lock file's checksum.
 * @throws {Failure} `node-unavailable`, `node-altered`
 */
export async function nodeBinary(options: {
  readonly root: string;
  readonly architecture: Architecture;
  /** For the fetched package; the result lies in it. */
  readonly scratch: string;
}): Promise<string> {
  const name = `node-linux-${options.architecture}`;
  const installed = join(options.root, 'node_modules', name, 'bin/node');
  if (existsSync(installed)) return installed;
  const { version, integrity } = await locked(options.root, name);
  const archive = await fetchPackage(`${name}@${version}`, options.scratch);
  await checkIntegrity(archive, integrity);
  const directory = join(options.scratch, name);
  await mkdir(directory, { recursive: true });
  await extract({ file: archive, cwd: directory, strip: 1 }, ['package/bin/node']);
  return join(directory, 'bin/node');
}

async function locked(root: string, name: string): Promise<{ version: string; integrity: string }> {
  const path = join(root, 'package-lock.json');
  const { packages } = decodeJson(lockFile, await readFile(path, 'utf8'), { what: path });
  const { version, integrity } = packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined)
    throw new Failure({
      reason: 'node-unavailable',
      what: `package-lock.json has no ${name} with a checksum`,
      next: 'npm install',
    });
  return { version, integrity };
}

async function fetchPackage(specifier: string, scratch: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('npm', [
      'pack',
      specifier,
      '--silent',
      '--prefer-offline',
      '--pack-destination',
      scratch,
    ]);
    return join(scratch, stdout.trim());
  } catch (thrown) {
    throw new Failure({
      reason: 'node-unavailable',
      what: `cannot get ${specifier}, the Node.js that goes into the archive for that architecture`,
      why: messageOf(thrown).trim(),
      next: 'run this where the npm registry can be reached, or build only the archive of this machine: node krew/package.ts --only x64',
      cause: thrown,
    });
  }
}

/** @throws {Failure} `node-altered` unless the file has the checksum, which is in the lock file's form: `sha512-` and base64. */
export async function checkIntegrity(file: string, integrity: string): Promise<void> {
  const [algorithm = '', expected] = integrity.split('-', 2);
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('base64');
  if (found !== expected)
    throw new Failure({
      reason: 'node-altered',
      what: `${file} is not what package-lock.json names`,
      why: `${algorithm} is ${found}, not ${String(expected)}`,
      next: 'npm cache clean --force, and try again; if it stays so, do not ship it',
    });
}
