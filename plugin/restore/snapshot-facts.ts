import { stat } from 'node:fs/promises';
import { exitCode, Failure } from '../../core/failure.ts';
import { readManifest } from '../../core/snapshot/manifest.ts';
import type { SnapshotManifest } from '../../core/snapshot/manifest.ts';
import { readKey, readKeys, readValue } from '../../core/snapshot/keyspace.ts';
import { decodeObject } from '../../core/snapshot/kubernetes/object.ts';
import { openDatabase } from '../../core/snapshot/open-database.ts';
import type { Database } from '../../core/snapshot/bbolt/database.ts';
import { readStoredEncryption } from '../../core/snapshot/stored-encryption.ts';
import type { StoredEncryption } from '../../core/snapshot/stored-encryption.ts';
import { openFile } from '../../core/snapshot/source.ts';
import { readStatus } from '../../core/snapshot/status.ts';
import type { SnapshotStatus } from '../../core/snapshot/status.ts';
import { verifySnapshot } from '../../core/snapshot/verify.ts';
import type { Progress } from '../report/progress.ts';

/** What a plan has to know of a snapshot. All of it has been read, and every page was checked. */
export interface SnapshotFacts {
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** It was copied out of a data directory, and carries no checksum of etcd. */
  readonly withoutChecksum: boolean;
  readonly revision: number;
  readonly liveKeys: number;
  /** `3.5`, or with a patch where that is known; undefined where nothing says it. */
  readonly etcdVersion: string | undefined;
  readonly alarms: SnapshotStatus['summary']['alarms'];
  /** By resource, with the provider and the name of the key. */
  readonly encryption: readonly StoredEncryption[];
  readonly manifest: SnapshotManifest | undefined;
  /** Whether the agents' DaemonSet is in it. */
  readonly hasAgents: boolean;
  /** The names of its configurations of webhooks. */
  readonly webhooks: readonly string[];
  /** Of the namespace kube-system in it: whose it is. */
  readonly clusterUid: string | undefined;
}

/**
 * Verifies a snapshot and reads what a plan needs.
 * @throws {Failure} `snapshot-not-sound`, exit code 5: nothing was touched; and what opening a file throws.
 */
export async function readSnapshotFacts(
  file: string,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<SnapshotFacts> {
  await refuseFolder(file);
  await using source = await openFile(file);
  const manifest = await readManifest(file);
  const onProgress = (done: number, total: number) => progress.bytes(done, total);
  progress.wait(`verifying ${file}`);
  const verdict = await verifySnapshot({ source, manifest, signal, onProgress });
  if (!verdict.sound)
    throw new Failure({
      reason: 'snapshot-not-sound',
      what: `${file} is not a sound snapshot`,
      why: verdict.problems
        .slice(0, 5)
        .map(({ text }) => text)
        .join('\n'),
      next: 'nothing was touched; take another snapshot, or save this one again from where it came',
      exit: exitCode.refused,
    });
  progress.wait(`reading ${file}`);
  const { summary, liveKeys } = await readStatus(source, { signal, onProgress });
  const database = await openDatabase(source);
  const encryption = await readStoredEncryption(source, { signal });
  return {
    file,
    sizeBytes: verdict.sizeBytes,
    sha256: verdict.sha256,
    withoutChecksum: verdict.trailer !== 'matches',
    revision: summary.revision,
    etcdVersion: summary.storageVersion ?? summary.clusterVersion ?? manifest?.etcdVersion,
    alarms: summary.alarms,
    ...{ liveKeys, encryption, manifest },
    clusterUid: await kubeSystemUid(database),
    ...(await namedIn(database, signal)),
  };
}

/** Under the prefix that the API server uses unless told otherwise. */
async function kubeSystemUid(database: Database): Promise<string | undefined> {
  const record = await readKey({ database, keys: ['/registry/namespaces/kube-system'] });
  if (record === undefined) return undefined;
  const stored = decodeObject(await readValue(database, record));
  if (stored.form === 'encrypted' || stored.form === 'other') return undefined;
  const { metadata } = stored.object as { metadata?: { uid?: unknown } };
  return typeof metadata?.uid === 'string' ? metadata.uid : undefined;
}

const agentsKey = '/registry/daemonsets/kubectl-etcd/';
const webhookKey = /^\/registry\/admissionregistration\.k8s\.io\/(?:validating|mutating)webhookconfigurations\/(.+)$/;

async function namedIn(
  database: Database,
  signal: AbortSignal,
): Promise<Pick<SnapshotFacts, 'hasAgents' | 'webhooks'>> {
  const webhooks: string[] = [];
  let hasAgents = false;
  const prefixes = [agentsKey, '/registry/admissionregistration.k8s.io/'];
  for await (const { key } of readKeys({ database, prefixes, signal })) {
    hasAgents ||= key.startsWith(agentsKey);
    const name = webhookKey.exec(key)?.[1];
    if (name !== undefined && webhooks.length < 100) webhooks.push(name);
  }
  return { hasAgents, webhooks };
}

async function refuseFolder(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory() !== true) return;
  throw new Failure({
    reason: 'bad-file-name',
    what: `${file} is a directory, not a snapshot`,
    exit: exitCode.usage,
  });
}
