import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asFailure, Failure } from '../../core/failure.ts';
import { openFile } from '../../core/snapshot/source.ts';
import { readSummary } from '../../core/snapshot/summary.ts';
import { syncPath, syncTree } from '../host/sync-tree.ts';
import type { EtcdTool } from './find-tool.ts';
import { readNewData } from './new-data.ts';
import type { BuiltMember, NewData } from './new-data.ts';
import { runRestore } from './run-restore.ts';

export interface BuildOptions {
  readonly tool: EtcdTool;
  /** The database file, with or without etcd's checksum at its end. Paths are this process's own. */
  readonly snapshot: string;
  /** The new data directory, whose last part has `kubectl-etcd` in it: what is there is taken for the leftover of an earlier try, and deleted. */
  readonly into: string;
  /** The new WAL directory, where it is not to be `into`/member/wal; the same holds for it. */
  readonly walInto?: string | undefined;
  /** The member's own name, one of those in `initialCluster`. */
  readonly name: string;
  /** As etcd's flag: `a=https://10.0.0.1:2380,b=…`. */
  readonly initialCluster: string;
  readonly token: string;
  /** The member's own, as in `initialCluster`. */
  readonly peerUrls: readonly string[];
  /** How far the revision is to be ahead of the snapshot's; what lies between is marked as compacted. 0 or absent: as in the snapshot. */
  readonly bumpRevision?: number | undefined;
  /** For a member's own database file, which has no checksum. */
  readonly skipHashCheck?: boolean | undefined;
  /** Of the database, which is most of the work. */
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  /** Kills the tool and takes away what it wrote. */
  readonly signal?: AbortSignal | undefined;
}

export interface BuiltData {
  /** This node's. */
  readonly memberId: string;
  /** In the order of their names: equal on all nodes, or they are not one cluster. */
  readonly members: readonly BuiltMember[];
  readonly revision: number;
  readonly tookMs: number;
  /** Of the database file. */
  readonly sizeBytes: number;
}

/**
 * Builds a member's data directory from a snapshot, with etcd's own tool, beside its place; `into` is there when it is whole, on the disk, and what
 * it should be, and not before.
 * @throws {Failure} `restore-failed` in the tool's own words; `revision-not-bumped`; what the reader of databases says of the snapshot. Nothing of it
 * is left then.
 */
export async function buildData(options: BuildOptions): Promise<BuiltData> {
  const { snapshot, into, walInto, name, bumpRevision = 0, signal } = options;
  const startedMs = performance.now();
  const places = [into, ...(walInto === undefined ? [] : [walInto])];
  places.forEach(assertOurs);
  signal?.throwIfAborted();
  const snapshotRevision = await revisionOf(snapshot);
  await removeLeftovers(places);
  // Another name each time: a tool that outlived an agent that was killed must not write into what its successor builds.
  const suffix = `${partSuffix}${randomBytes(4).toString('hex')}`;
  const made = places.map((place) => ({ place, part: `${place}${suffix}` }));
  try {
    await restore(options, suffix);
    for (const { part } of made) {
      await chmod(part, 0o700);
      await syncTree(part);
    }
    const data = await readNewData(`${into}${suffix}`, options.initialCluster);
    const own = checked(data, { name, snapshot, snapshotRevision, bumpRevision });
    signal?.throwIfAborted();
    // The data directory last: it is what makes the whole.
    for (const { part, place } of made.toReversed()) {
      await rename(part, place);
      await syncPath(dirname(place));
    }
    return {
      memberId: own.id,
      members: data.members,
      revision: data.summary.revision,
      tookMs: performance.now() - startedMs,
      sizeBytes: data.sizeBytes,
    };
  } catch (thrown) {
    await removeLeftovers(places);
    signal?.throwIfAborted();
    throw asFailure(thrown, { reason: 'restore-failed', what: `cannot build a data directory from ${snapshot}` });
  }
}

const partSuffix = '.part-';

async function restore(options: BuildOptions, suffix: string): Promise<void> {
  const { tool, snapshot, into, walInto, name, initialCluster, token, peerUrls, onProgress, signal } = options;
  const { bumpRevision = 0, skipHashCheck = false } = options;
  const part = `${into}${suffix}`;
  await mkdir(dirname(part), { recursive: true, mode: 0o700 });
  const totalBytes = (await stat(snapshot)).size;
  const argv = [
    ...tool.argvPrefix,
    tool.path,
    'snapshot',
    'restore',
    snapshot,
    `--data-dir=${part}`,
    ...(walInto === undefined ? [] : [`--wal-dir=${walInto}${suffix}`]),
    `--name=${name}`,
    `--initial-cluster=${initialCluster}`,
    `--initial-cluster-token=${token}`,
    `--initial-advertise-peer-urls=${peerUrls.join(',')}`,
    // etcd wants both or neither.
    ...(bumpRevision > 0 ? [`--bump-revision=${bumpRevision}`, '--mark-compacted'] : []),
    ...(skipHashCheck ? ['--skip-hash-check'] : []),
  ];
  const why = await runRestore({
    argv,
    databasePath: join(part, 'member/snap/db'),
    onBytes: (bytes) => onProgress?.(Math.min(bytes, totalBytes), totalBytes),
    signal,
  });
  if (why === undefined) return;
  throw new Failure({
    reason: 'restore-failed',
    what: `${tool.program} ${tool.version} cannot build a data directory from ${snapshot}`,
    why,
    next: `on the node: kubectl-etcd snapshot verify ${snapshot}, and df ${dirname(into)}`,
  });
}

async function revisionOf(snapshot: string): Promise<number> {
  await using source = await openFile(snapshot);
  return (await readSummary(source)).revision;
}

/** @returns the member that this directory is for. */
function checked(
  { members, summary }: NewData,
  wanted: {
    readonly name: string;
    readonly snapshot: string;
    readonly snapshotRevision: number;
    readonly bumpRevision: number;
  },
): BuiltMember {
  const { name, snapshot, snapshotRevision, bumpRevision } = wanted;
  const own = members.find((member) => member.name === name);
  if (own === undefined)
    throw new Error(`the new directory has no member ${name}, but ${members.map((each) => each.name).join(', ')}`);
  const least = snapshotRevision + bumpRevision;
  const compacted = summary.scheduledCompactRevision ?? 0;
  if (summary.revision >= least && (bumpRevision === 0 || compacted >= least)) return own;
  throw new Failure({
    reason: 'revision-not-bumped',
    what: `the data built from ${snapshot} is not ${bumpRevision} revisions ahead of it`,
    why: `its revision is ${summary.revision}, compacted up to ${compacted}, and both should be ${least} or more: watches would go on as if nothing had happened`,
    next: `restore with a tool that knows --bump-revision: etcdutl 3.5.10, etcdctl 3.4.27 or newer`,
  });
}

/** What the agent deletes by itself has its name on it: a mistaken path must not cost a member's data. */
function assertOurs(path: string): void {
  if (!basename(path).includes('kubectl-etcd')) throw new Error(`${path} is no place of kubectl-etcd's own`);
}

async function removeLeftovers(places: readonly string[]): Promise<void> {
  for (const place of places) {
    const parts = (await readdir(dirname(place)).catch(() => [])).filter((name) =>
      name.startsWith(`${basename(place)}${partSuffix}`),
    );
    for (const name of [basename(place), ...parts])
      await rm(join(dirname(place), name), { recursive: true, force: true });
  }
}
