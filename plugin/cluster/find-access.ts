import { exitCode, Failure } from '../../core/failure.ts';
import { accessDirectory, accessFiles, accessFor } from '../access/access-directory.ts';
import type { FoundAccess } from '../access/access-directory.ts';
import { readAccessFile } from '../link/access-file.ts';
import { apiServerOf } from './api-server.ts';
import { loadKubeConfig } from './connection.ts';
import type { ConnectionFlags } from './connection.ts';

/**
 * The access file that is named, else the one that stands in for the API server of the kubeconfig.
 * @throws {Failure} `no-access-file`; what readAccessFile and loadKubeConfig throw.
 */
export async function findAccess(
  path: string | undefined,
  flags: ConnectionFlags,
  environment: NodeJS.ProcessEnv,
): Promise<FoundAccess> {
  if (path !== undefined && path !== '') {
    const access = await readAccessFile(path);
    if ('authority' in access) return { path, access };
    throw new Failure({
      reason: 'access-file-unreadable',
      what: `${path} names sockets of this machine, and nothing to show`,
      next: 'kubectl etcd access save writes a file for the way over the network',
      exit: exitCode.usage,
    });
  }
  const { url, ...authority } = apiServerOf(loadKubeConfig(flags, environment));
  const { found, refused } = await accessFiles();
  const access = accessFor({ url, ...authority }, found);
  if (access !== undefined) return access;
  const [first] = refused;
  if (first !== undefined) throw first;
  throw new Failure({
    reason: 'no-access-file',
    what: `no access file in ${accessDirectory()} is for the API server ${url}`,
    next: 'kubectl etcd access save writes one; kubectl etcd access show FILE shows one that lies elsewhere',
    exit: exitCode.usage,
  });
}
