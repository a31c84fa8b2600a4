import { readdir } from 'node:fs/promises';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { NetworkAccess } from '../../core/access/access-file.ts';
import type { ApiServer } from '../../core/access/register.ts';
import { Failure, systemCode } from '../../core/failure.ts';
import { readAccessFile } from '../link/access-file.ts';

export interface FoundAccess {
  readonly path: string;
  readonly access: NetworkAccess;
}

export interface AccessFiles {
  readonly found: readonly FoundAccess[];
  /** Files that are there and cannot be used, and why. */
  readonly refused: readonly Failure[];
}

/** Where access files lie: beside kubectl's own configuration, whichever kubeconfig is used. */
export function accessDirectory(): string {
  return join(homedir(), '.kube', 'kubectl-etcd');
}

export function usualAccessPath(clusterName: string): string {
  return join(accessDirectory(), `${clusterName}.json`);
}

/** Who somebody is who names himself nothing else: `anna@laptop`. */
export function usualHolder(): string {
  let user = 'somebody';
  try {
    user = userInfo().username;
  } catch {
    // A container's user may have no name.
  }
  return `${user}@${hostname()}`.replace(/[^\x21-\x7e]/g, '-').slice(0, 64);
}

/** All access files of the directory. */
export async function accessFiles(directory = accessDirectory()): Promise<AccessFiles> {
  const names = await readdir(directory).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return [];
    throw thrown;
  });
  const found: FoundAccess[] = [];
  const refused: Failure[] = [];
  for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
    const path = join(directory, name);
    try {
      const access = await readAccessFile(path);
      if ('authority' in access) found.push({ path, access });
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      refused.push(thrown);
    }
  }
  return { found, refused };
}

/**
 * The file that stands in for an API server: one that names its URL, and, where both name one, its certificate authority; two clusters may be
 * reached at one URL, through a tunnel. Of several the one that is good longest.
 */
export function accessFor(apiServer: ApiServer, found: readonly FoundAccess[]): FoundAccess | undefined {
  return found
    .filter(({ access }) => access.cluster.apiServers.some((known) => isSameApiServer(known, apiServer)))
    .sort((one, other) => Date.parse(other.access.expiresAt) - Date.parse(one.access.expiresAt))[0];
}

/** One URL, and, where both name one, one certificate authority. */
export function isSameApiServer(one: ApiServer, other: ApiServer): boolean {
  if (normalUrl(one.url) !== normalUrl(other.url)) return false;
  return (
    one.caFingerprint === undefined || other.caFingerprint === undefined || one.caFingerprint === other.caFingerprint
  );
}

function normalUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).href.replace(/\/+$/, '') : url;
}
