/**
 * The agent's image as the lab builds it: the same files in the same places as the Dockerfile's, which needs a base image from a registry.
 * The Dockerfile's author checks against `agentFiles`.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { object, string } from 'valibot';
import { decodeJson } from '../../core/protocol/decode.ts';
import { Failure } from '../../core/failure.ts';
import { writeImageArchive } from './image-archive.ts';
import type { ImageEntry } from './image-archive.ts';
import { sharedLibraries } from './shared-libraries.ts';
import { checkout } from './where.ts';

export const entrypoint = ['/usr/local/bin/node', '/usr/local/lib/kubectl-etcd/kubectl-etcd-agent.cjs'] as const;
export const env = ['PATH=/usr/local/bin'] as const;

/** Node is in the image under this name, with the shared libraries that `ldd` lists for it at their own paths; there is no shell. */
export const nodePath = '/usr/local/bin/node';
/** How the agent's pod runs the host's own commands. */
const nsenterPath = '/usr/bin/nsenter';

/** Where the image's own files are, and what of the checkout they are copies of; `npm run build` makes dist/. */
export const agentFiles: readonly ImageEntry[] = [
  { path: '/usr/local/lib/kubectl-etcd/kubectl-etcd.cjs', from: join(checkout, 'dist/kubectl-etcd.cjs') },
  { path: '/usr/local/lib/kubectl-etcd/kubectl-etcd-agent.cjs', from: join(checkout, 'dist/kubectl-etcd-agent.cjs') },
  { path: '/usr/local/lib/kubectl-etcd/kubectl-etcd', from: join(checkout, 'dist/kubectl-etcd') },
  { path: '/usr/local/lib/kubectl-etcd/kubectl-etcd-agent', from: join(checkout, 'dist/kubectl-etcd-agent') },
  { path: '/usr/local/lib/kubectl-etcd/package.json', from: join(checkout, 'dist/package.json') },
  { path: '/usr/local/lib/kubectl-etcd/THIRD-PARTY-NOTICES', from: join(checkout, 'dist/THIRD-PARTY-NOTICES') },
  { path: '/tmp', directoryMode: 0o1777 },
];

/** The reference that the manifests name: of the version in package.json. */
export async function agentImageReference(): Promise<string> {
  const path = join(checkout, 'package.json');
  const { version } = decodeJson(object({ version: string() }), await readFile(path, 'utf8'), { what: path });
  return `ghcr.io/kubectl-etcd/kubectl-etcd-agent:v${version}`;
}

/** Writes the archive of the agent's image and returns its reference. @throws {Failure} `not-built` without dist/ */
export async function writeAgentImage(file: string): Promise<string> {
  for (const entry of agentFiles) {
    if ('from' in entry && (await stat(entry.from).catch(() => undefined)) === undefined) {
      throw new Failure({ reason: 'not-built', what: `${entry.from} is missing`, next: `npm run build` });
    }
  }
  const reference = await agentImageReference();
  await writeImageArchive(file, { reference, entrypoint, env, layers: [await runtimeLayer(), agentFiles] });
  return reference;
}

/** The lowest layer: Node (this process runs on the very one of the lock file), nsenter, and the libraries that they need. */
export async function runtimeLayer(): Promise<readonly ImageEntry[]> {
  const libraries = await Promise.all([process.execPath, nsenterPath].map(sharedLibraries));
  const byPath = new Map(libraries.flat().map((entry) => [entry.path, entry]));
  return [
    { path: nodePath, from: process.execPath },
    { path: nsenterPath, from: nsenterPath },
    ...[...byPath.values()].sort((one, other) => (one.path < other.path ? -1 : 1)),
  ];
}
