import { access as accessible } from 'node:fs/promises';
import { accessFileVersion } from '../../core/access/access-file.ts';
import type { NetworkAccess } from '../../core/access/access-file.ts';
import { newKeys } from '../../core/access/certificates.ts';
import { certificateReply } from '../../core/access/messages.ts';
import type { UnreachedNode } from '../../core/access/messages.ts';
import { accessPath } from '../../core/access/paths.ts';
import type { ApiServer } from '../../core/access/register.ts';
import { exitCode, Failure, messageOf, systemCode } from '../../core/failure.ts';
import type { Reach } from '../link/reach.ts';
import { replaceAccessFile } from '../link/replace-access-file.ts';
import { askAny } from './ask-agents.ts';
import { usualHolder } from './access-directory.ts';

export interface IssuedAccess {
  readonly access: NetworkAccess;
  /** Agents that do not know of it yet; they hear of it when they are back. */
  readonly unreached: readonly UnreachedNode[];
}

/**
 * Has an agent issue a certificate, and makes the access file of it. The private key is made here and leaves this machine only in that file.
 * @throws {Failure} `not-enrolled`, `too-many-certificates`, or why no agent was reached.
 */
export async function issueAccess(options: {
  readonly reach: Reach;
  readonly holder: string;
  readonly lifeSeconds: number;
  /** That of the kubeconfig, where one was used: the file stands in for it. */
  readonly apiServer: ApiServer | undefined;
  readonly signal: AbortSignal;
}): Promise<IssuedAccess> {
  const { reach, holder, lifeSeconds, apiServer, signal } = options;
  const { key, publicKey } = newKeys();
  const json = { publicKey, name: holder, lifeSeconds, by: usualHolder() };
  const reply = await askAny(
    reach,
    { target: accessPath.certificates, schema: certificateReply, send: { method: 'POST', json } },
    signal,
  );
  const { cluster, record } = reply;
  const known = cluster.apiServers.filter(({ url }) => url !== apiServer?.url);
  const inKubernetes = new Map(reach.nodes.map(({ name, addresses }) => [name, addresses]));
  const access: NetworkAccess = {
    formatVersion: accessFileVersion,
    cluster: {
      name: cluster.name,
      uid: cluster.uid,
      apiServers: apiServer === undefined ? known : [...known, apiServer],
    },
    nodes: reply.nodes.map(({ name, addresses, port }) => ({
      name,
      addresses: [...new Set([...addresses, ...(inKubernetes.get(name) ?? [])])],
      port,
    })),
    holder,
    issuedAt: record.issuedAt,
    expiresAt: record.expiresAt,
    authority: reply.authority,
    certificate: reply.certificate,
    key,
  };
  return { access, unreached: reply.unreached };
}

/**
 * Writes the file with mode 0600, whole or not at all.
 * @throws {Failure} `file-exists`, `file-unwritable`; exit code 5.
 */
export async function writeAccessFile(path: string, access: NetworkAccess, replace: 'never' | 'always'): Promise<void> {
  try {
    await refuseExisting(path, replace);
    await replaceAccessFile(path, access);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure({
      reason: 'file-unwritable',
      what: `cannot write ${path}`,
      why: messageOf(cause),
      next: 'name another file: kubectl etcd access save FILE',
      exit: exitCode.refused,
      cause,
    });
  }
}

/** @throws {Failure} `file-exists`, exit code 5. */
export async function refuseExisting(path: string, replace: 'never' | 'always'): Promise<void> {
  if (replace === 'always' || !(await exists(path))) return;
  throw new Failure({
    reason: 'file-exists',
    what: `${path} exists`,
    next: 'name another file, or --force',
    exit: exitCode.refused,
  });
}

async function exists(path: string): Promise<boolean> {
  return accessible(path).then(
    () => true,
    (thrown: unknown) => systemCode(thrown) !== 'ENOENT',
  );
}
