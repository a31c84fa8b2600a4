import { rm } from 'node:fs/promises';
import { exitCode, Failure } from '../../core/failure.ts';
import { readBlocks } from '../../core/protocol/block-reader.ts';
import { decodeJson } from '../../core/protocol/decode.ts';
import { snapshotSource } from '../../core/protocol/messages.ts';
import type { SnapshotSource, StreamEnd } from '../../core/protocol/messages.ts';
import { compressionQuery, path, snapshotSourceHeader } from '../../core/protocol/paths.ts';
import { SnapshotHash } from '../../core/snapshot/checksum.ts';
import type { FileHashes } from '../../core/snapshot/checksum.ts';
import { manifestFormat, manifestPath, writeManifest } from '../../core/snapshot/manifest.ts';
import type { SnapshotManifest } from '../../core/snapshot/manifest.ts';
import { openFile } from '../../core/snapshot/source.ts';
import { readSummary } from '../../core/snapshot/summary.ts';
import type { SnapshotSummary } from '../../core/snapshot/summary.ts';
import { programVersion } from '../../core/version.ts';
import type { NodeView, Reach } from '../link/reach.ts';
import { openSession } from '../link/reach.ts';
import { PartFile } from './part-file.ts';

export interface SaveOptions {
  readonly reach: Reach;
  readonly node: NodeView;
  /** Where it goes. The manifest goes beside it. */
  readonly file: string;
  readonly replace: boolean;
  readonly signal: AbortSignal;
  readonly onSource: (source: SnapshotSource) => void;
  readonly onBytes: (savedBytes: number, source: SnapshotSource) => void;
}

export interface Saved {
  readonly file: string;
  readonly manifest: SnapshotManifest;
  readonly summary: SnapshotSummary;
}

/**
 * Saves the database of the member on `node` into a file. The file has its name only when every byte has arrived, etcd's checksum agrees, the
 * database opens, and it holds the revision that the member had confirmed; in any other case nothing is left.
 */
export async function saveSnapshot(options: SaveOptions): Promise<Saved> {
  const { reach, node, file, replace, signal } = options;
  const time = new Date();
  using session = await openSession(reach, node, signal);
  // Through the API server every byte is copied by four programs; a network may be as quick as etcd.
  const compression = reach.access === undefined && reach.fromNode === undefined ? 'zstd' : 'when-slow';
  const { headers, bytes } = await session.stream(`${path.snapshot}?${compressionQuery}=${compression}`, signal);
  const from = { what: 'the snapshot', node: node.name };
  const source = decodeJson(snapshotSource, String(headers[snapshotSourceHeader]), from);
  options.onSource(source);

  await using part = await PartFile.create(file, { expectedBytes: source.dbSizeBytes, replace });
  const hashes = await receive(readBlocks(bytes, from), part, (savedBytes) => options.onBytes(savedBytes, source));
  const summary = await readBack(part.partPath);
  requireConfirmed(source, summary);
  const manifest = manifestOf({ source, hashes, summary, reach, time });
  signal.throwIfAborted();
  // A manifest of what was there before must never stand beside the new database, not even for a moment.
  await rm(manifestPath(file), { force: true });
  await part.commit({ replace });
  await writeManifest(file, manifest);
  return { file, manifest, summary };
}

/** Writes what arrives and hashes it on the way: one pass, nothing held. */
async function receive(
  plain: AsyncGenerator<Buffer, StreamEnd, undefined>,
  part: PartFile,
  onBytes: (savedBytes: number) => void,
): Promise<FileHashes> {
  const hash = new SnapshotHash();
  let coming = plain.next();
  for (;;) {
    const { done, value } = await coming;
    if (done === true) return checkedHashes(hash.finish(), value);
    // The next block is received and decompressed, and this one written, by other threads while this one hashes.
    coming = plain.next();
    coming.catch(() => undefined);
    const written = part.write(value);
    hash.update(value);
    await written;
    onBytes(hash.sizeBytes);
  }
}

function checkedHashes(hashes: FileHashes, end: StreamEnd): FileHashes {
  if (hashes.trailer === 'matches' && hashes.contentSha256 === end.sha256) return hashes;
  throw new Failure({
    reason: 'snapshot-damaged',
    what: 'what arrived is not what etcd sent',
    why:
      hashes.trailer === 'absent'
        ? `${hashes.sizeBytes} bytes cannot be a database and its sha256`
        : 'the sha256 that etcd appended is not that of what arrived',
    next: 'run the command again; what had arrived was not kept',
  });
}

async function readBack(partPath: string): Promise<SnapshotSummary> {
  await using file = await openFile(partPath);
  return await readSummary(file);
}

/** A linearizable read came before the snapshot: a file that lacks its revision would be older than what was acknowledged. */
function requireConfirmed(
  { confirmedRevision, node }: SnapshotSource,
  { revision, compactedRevision }: SnapshotSummary,
): void {
  // Where all keys of the last revisions were deleted and compacted away, the compaction is the newest trace of them; and etcd calls the state
  // before its first write revision 1.
  if (confirmedRevision === undefined || Math.max(revision, compactedRevision ?? 0, 1) >= confirmedRevision) return;
  throw new Failure({
    reason: 'snapshot-behind',
    what: 'the snapshot lacks writes that were acknowledged before it',
    node,
    why: `it ends at revision ${revision}, and ${confirmedRevision} was confirmed before it began`,
    next: 'save from another member with --from NODE, and look at this one: kubectl etcd status -o wide',
    exit: exitCode.failed,
  });
}

function manifestOf(parts: {
  readonly source: SnapshotSource;
  readonly hashes: FileHashes;
  readonly summary: SnapshotSummary;
  readonly reach: Reach;
  readonly time: Date;
}): SnapshotManifest {
  const { source, hashes, summary, reach, time } = parts;
  const { name, uid } = reach.cluster;
  return {
    format: manifestFormat,
    sha256: hashes.sha256,
    sizeBytes: hashes.sizeBytes,
    revision: summary.revision,
    raftIndex: summary.consistentIndex ?? source.raftIndex,
    raftTerm: summary.term ?? source.raftTerm,
    etcdVersion: source.etcdVersion,
    cluster: { name, ...(uid === undefined ? {} : { uid }), etcdClusterId: source.etcdClusterId },
    members: source.members,
    time: time.toISOString(),
    node: source.node,
    memberId: source.memberId,
    pluginVersion: programVersion,
    confirmed:
      source.confirmedRevision === undefined
        ? { unconfirmed: source.unconfirmed ?? 'the member could not confirm a read' }
        : { revision: source.confirmedRevision },
  };
}
