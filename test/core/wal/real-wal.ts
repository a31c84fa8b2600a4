/** Write-ahead logs that real etcds have written, and were killed in the middle of. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '../../../core/snapshot/source.ts';
import type { WalFolder } from '../../../core/wal/read-wal.ts';
import { freePort, realEtcd, startEtcd } from '../../agent/tools/real-etcd.ts';
import type { EtcdVersion } from '../../lab/where.ts';
import { inMemory } from '../snapshot/fixtures/fixtures.ts';

export interface WrittenWal {
  readonly dataDirectory: string;
  readonly wal: string;
  /** As etcd itself said before it was killed. */
  readonly said: {
    readonly clusterId: string;
    readonly memberId: string;
    readonly term: number;
    readonly index: number;
    readonly revision: number;
  };
  readonly remove: () => void;
}

interface EndpointStatus {
  readonly Status: {
    readonly header: { readonly cluster_id: number; readonly member_id: number; readonly revision: number };
    readonly raftTerm: number;
    readonly raftIndex: number;
  };
}

/** A member of one that was given `puts` writes of so many bytes, and SIGKILL. */
export async function writtenWal(
  version: EtcdVersion,
  { puts, valueBytes = 100 }: { readonly puts: number; readonly valueBytes?: number },
): Promise<WrittenWal> {
  const work = mkdtempSync('/tmp/wal-');
  const dataDirectory = join(work, 'data');
  const { folder } = await realEtcd(version);
  const peerUrl = `http://127.0.0.1:${await freePort()}`;
  const etcd = await startEtcd({ argv: [join(folder, 'etcd')], folder, dataDirectory, name: 'n1', peerUrl });
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const value = base64('v'.repeat(valueBytes));
  for (let key = 0; key < puts; key += 1) {
    const body = JSON.stringify({ key: base64(`/key/${key}`), value });
    const { ok } = await fetch(`${etcd.clientUrl}/v3/kv/put`, { method: 'POST', body });
    if (!ok) throw new Error(`etcd ${version} does not take a value of ${valueBytes} bytes`);
  }
  // JSON would round the ids.
  const ids = /cluster_id":(\d+),"member_id":(\d+)/.exec(etcd.ctl('endpoint', 'status', '-w', 'json'));
  const [status] = JSON.parse(etcd.ctl('endpoint', 'status', '-w', 'json')) as EndpointStatus[];
  if (status === undefined || ids === null) throw new Error('etcd says nothing of itself');
  await etcd[Symbol.asyncDispose]();
  return {
    dataDirectory,
    wal: join(dataDirectory, 'member/wal'),
    said: {
      clusterId: BigInt(ids[1] ?? 0).toString(16),
      memberId: BigInt(ids[2] ?? 0).toString(16),
      term: status.Status.raftTerm,
      index: status.Status.raftIndex,
      revision: status.Status.header.revision,
    },
    remove: () => rmSync(work, { recursive: true, force: true }),
  };
}

export function walFolder(folder: string): WalFolder {
  return { name: folder, files: readdirSync(folder), open: async (file) => openFile(join(folder, file)) };
}

/** The used part of a log, in memory: what is preallocated behind it is cut down to a few sectors of zeros. */
export function walInMemory(segments: ReadonlyMap<string, Buffer>): WalFolder {
  return {
    name: 'wal',
    files: [...segments.keys()],
    open: (file) => Promise.resolve(inMemory(segments.get(file) ?? Buffer.alloc(0))),
  };
}

export function segmentsOf(folder: string): Map<string, Buffer> {
  const segments = new Map<string, Buffer>();
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.wal'))
    .sort()) {
    const bytes = readFileSync(join(folder, name));
    let used = bytes.length;
    while (used > 0 && bytes[used - 1] === 0) used -= 1;
    segments.set(name, Buffer.concat([bytes.subarray(0, used), Buffer.alloc(4096)]));
  }
  return segments;
}
