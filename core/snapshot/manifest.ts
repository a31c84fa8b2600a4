/**
 * What is written beside a snapshot, as FILE.json: whose it is, what it holds and how to tell that it is still the same. The file itself
 * stays a plain etcd snapshot; everything works without the manifest, only less is known.
 */
import { open, readFile, rename } from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { asFailure, Failure, systemCode } from '../failure.ts';
import { snapshotSource } from '../protocol/messages.ts';

export const manifestFormat = 'kubectl-etcd.snapshot/v1';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const snapshotManifest = v.object({
  format: v.literal(manifestFormat),
  /** Of the whole file, etcd's trailing checksum included, so that `sha256sum` says the same. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  sizeBytes: count,
  /** The file's own: the last revision in its `key` bucket. */
  revision: count,
  /** The raft entry that the database had applied: its consistent index. */
  raftIndex: count,
  /** The file's own where etcd writes it (3.5 and later), else the member's when the snapshot was taken. */
  raftTerm: count,
  etcdVersion: v.string(),
  cluster: v.object({
    name: v.string(),
    /** UID of the kube-system namespace; absent where there is no Kubernetes. */
    uid: v.optional(v.string()),
    etcdClusterId: snapshotSource.entries.etcdClusterId,
  }),
  members: snapshotSource.entries.members,
  /** When the snapshot began; RFC 3339, UTC. */
  time: v.pipe(v.string(), v.isoTimestamp(), v.endsWith('Z')),
  node: v.string(),
  memberId: snapshotSource.entries.memberId,
  pluginVersion: v.string(),
  /** Either the revision that the snapshot is known to hold at least, from a linearizable read right before it, or why there is none. */
  confirmed: v.union([v.object({ revision: count }), v.object({ unconfirmed: v.string() })]),
});
export type SnapshotManifest = v.InferOutput<typeof snapshotManifest>;

export function manifestPath(snapshotPath: string): string {
  return `${snapshotPath}.json`;
}

/**
 * The manifest beside a snapshot; undefined where there is none.
 * @throws {Failure} `manifest-unreadable` when it is there and cannot be read or understood, naming the field.
 */
export async function readManifest(snapshotPath: string): Promise<SnapshotManifest | undefined> {
  const file = manifestPath(snapshotPath);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw asFailure(thrown, { reason: 'manifest-unreadable', what: `cannot read the manifest ${file}` });
  }
  return parseManifest(text, file);
}

/** Decodes a manifest's text; `from` names it in the failure. */
export function parseManifest(text: string, from: string): SnapshotManifest {
  const unreadable = (why: string, cause?: unknown) =>
    new Failure({
      reason: 'manifest-unreadable',
      what: `cannot understand the manifest ${from}`,
      why,
      next: 'move it aside to look at the snapshot without it; a newer kubectl etcd may have written it: kubectl etcd version',
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable('it is not JSON', cause);
  }
  const result = v.safeParse(snapshotManifest, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw unreadable(`${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
}

export function manifestText(manifest: SnapshotManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/**
 * Writes the manifest beside a snapshot, mode 0600, replacing one that is there: complete on disk under its name, or not there at all.
 * @throws {Failure} `manifest-unwritable`.
 */
export async function writeManifest(snapshotPath: string, manifest: SnapshotManifest): Promise<void> {
  const file = manifestPath(snapshotPath);
  const part = `${file}.part`;
  try {
    {
      await using handle = await open(part, 'w', 0o600);
      await handle.writeFile(manifestText(manifest));
      await handle.sync();
    }
    await rename(part, file);
    await using directory = await open(path.dirname(file), 'r');
    await directory.sync();
  } catch (thrown) {
    throw asFailure(thrown, { reason: 'manifest-unwritable', what: `cannot write the manifest ${file}` });
  }
}
