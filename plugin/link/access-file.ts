import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { exitCode, Failure, messageOf, systemCode } from '../../core/failure.ts';
import { decodeJson } from '../../core/protocol/decode.ts';
import type { Reach } from './reach.ts';
import { openSocketStream } from './socket-stream.ts';

/**
 * A file that names a cluster and the way to each of its agents, for when no API server is asked. So far the way is a unix socket, as in the
 * local mode; paths are relative to the file.
 */
const accessFile = v.object({
  formatVersion: v.literal(1),
  cluster: v.object({ name: v.string(), uid: v.optional(v.string()) }),
  nodes: v.pipe(
    v.array(v.object({ name: v.string(), addresses: v.optional(v.array(v.string()), []), socket: v.string() })),
    v.minLength(1, 'it names no node'),
  ),
});
export type AccessFile = v.InferInput<typeof accessFile>;

const nameAnother = 'name another with --access FILE; without it and KUBECTL_ETCD_ACCESS the way is the API server';

/** @throws {Failure} `access-file-unreadable`, exit code 2. */
export async function reachByAccessFile(path: string): Promise<Reach> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Failure({
      reason: 'access-file-unreadable',
      what: `cannot read the access file ${path}`,
      why: systemCode(cause) === 'ENOENT' ? 'there is no such file' : messageOf(cause),
      next: nameAnother,
      exit: exitCode.usage,
      cause,
    });
  });
  const { cluster, nodes } = understood(text, path);
  const sockets = new Map(nodes.map(({ name, socket }) => [name, resolve(dirname(path), socket)]));
  return {
    cluster: { name: cluster.name, uid: cluster.uid },
    nodes: nodes.map(({ name, addresses }) => ({ name, addresses, agent: { pod: '', ready: true } })),
    open: ({ name }, signal) => openSocketStream(sockets.get(name) ?? '', name, signal),
  };
}

/** A file that somebody named: what is wrong with it is wrong usage, and has nothing to do with the versions of plugin and agents. */
function understood(text: string, path: string): v.InferOutput<typeof accessFile> {
  try {
    return decodeJson(accessFile, text, { what: `the access file ${path}` });
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    const { what, why } = cause;
    throw new Failure({ reason: 'access-file-unreadable', what, why, next: nameAnother, exit: exitCode.usage, cause });
  }
}
