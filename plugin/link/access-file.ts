import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { accessFileVersion, anyAccess, networkAccess, socketAccess } from '../../core/access/access-file.ts';
import type { NetworkAccess, SocketAccess } from '../../core/access/access-file.ts';
import { readCertificate } from '../../core/access/read-certificate.ts';
import { exitCode, Failure, messageOf, systemCode } from '../../core/failure.ts';
import { openSocketStream } from './socket-stream.ts';
import type { Reach } from './reach.ts';
import { reachStraight } from './straight.ts';

export type { NetworkAccess, SocketAccess };

const newOne = 'kubectl etcd access save writes a new one, through the API server or on a control-plane node';
const nameAnother = 'name another with --access FILE; without it and KUBECTL_ETCD_ACCESS the way is the API server';

/**
 * The cluster that an access file leads to, its agents reached without any API server; on a node, the socket of its agent is as good as a file.
 * @throws {Failure} what readAccessFile throws.
 */
export async function reachByAccessFile(path: string, signal: AbortSignal): Promise<Reach> {
  if ((await stat(path).catch(() => undefined))?.isSocket() === true) {
    const { findOwnNode, reachFromNode } = await import('./from-node.ts');
    const own = await findOwnNode(path, signal);
    if (own !== undefined) return reachFromNode(own, signal);
  }
  const access = await readAccessFile(path);
  return 'authority' in access ? reachStraight({ access, path, signal }) : reachBySockets(access, path);
}

/**
 * Reads an access file, and refuses one that cannot be used or that others may have read.
 * @throws {Failure} `access-file-unreadable`, `access-file-exposed`, `access-file-version`, `access-file-expired`; exit code 2.
 */
export async function readAccessFile(path: string): Promise<NetworkAccess | v.InferOutput<typeof socketAccess>> {
  const text = await textOf(path);
  const value = jsonOf(text, path);
  const any = v.safeParse(anyAccess, value);
  if (any.success && any.output.formatVersion !== accessFileVersion)
    throw refused('access-file-version', {
      what: `the access file ${path} is of format version ${any.output.formatVersion}, and this program knows ${accessFileVersion}`,
      next: `use the version of kubectl etcd that wrote it; or ${newOne}`,
    });
  const isNetwork = any.success && any.output.key !== undefined;
  const access = v.safeParse(isNetwork ? networkAccess : socketAccess, value, { abortEarly: true });
  if (!access.success) {
    const [issue] = access.issues;
    throw unreadable(path, `${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
  }
  if ('certificate' in access.output) refuseExpired(access.output, path);
  return access.output;
}

async function textOf(path: string): Promise<string> {
  try {
    const [text, { mode }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    if ((mode & 0o077) !== 0 && text.includes('PRIVATE KEY'))
      throw refused('access-file-exposed', {
        what: `the access file ${path} can be read by others (mode 0${(mode & 0o777).toString(8)})`,
        why: 'whoever holds it is root on the control plane',
        next: `chmod 600 ${path}; if somebody may have read it: kubectl etcd access revoke NAME, and ${newOne}`,
      });
    return text;
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw unreadable(path, systemCode(cause) === 'ENOENT' ? 'there is no such file' : messageOf(cause), nameAnother);
  }
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const cut = text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}');
    throw unreadable(path, cut ? 'it is truncated: its end is missing' : 'it is not JSON');
  }
}

function refuseExpired(access: NetworkAccess, path: string): void {
  let notAfter: Date;
  try {
    ({ notAfter } = readCertificate(access.certificate));
  } catch {
    throw unreadable(path, 'its certificate is none');
  }
  if (notAfter.getTime() > Date.now()) return;
  throw refused('access-file-expired', {
    what: `the access file ${path} has expired`,
    why: `it was good until ${notAfter.toISOString()}, and by this machine's clock it is ${new Date().toISOString()}`,
    next: newOne,
  });
}

function reachBySockets({ cluster, nodes }: v.InferOutput<typeof socketAccess>, path: string): Reach {
  const sockets = new Map(nodes.map(({ name, socket }) => [name, resolve(dirname(path), socket)]));
  return {
    cluster: { name: cluster.name, uid: cluster.uid },
    nodes: nodes.map(({ name, addresses }) => ({ name, addresses, agent: { pod: '', ready: true } })),
    open: ({ name }, signal) => openSocketStream(sockets.get(name) ?? '', name, signal),
  };
}

function unreadable(path: string, why: string, next = `${nameAnother}; ${newOne}`): Failure {
  return refused('access-file-unreadable', { what: `cannot use the access file ${path}`, why, next });
}

/** A file that somebody named: what is wrong with it is wrong usage, and has nothing to do with the cluster. */
function refused(reason: string, details: { what: string; why?: string; next: string }): Failure {
  return new Failure({ reason, ...details, exit: exitCode.usage });
}
