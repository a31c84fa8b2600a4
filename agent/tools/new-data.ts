import { join } from 'node:path';
import { readSummary } from '../../core/snapshot/summary.ts';
import type { SnapshotSummary } from '../../core/snapshot/summary.ts';
import { openFile } from '../../core/snapshot/source.ts';
import { membersOf, readRaftSnapshot } from './raft-snapshot.ts';
import type { RaftMember } from './raft-snapshot.ts';

export interface BuiltMember {
  /** Hexadecimal. */
  readonly id: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
}

export interface NewData {
  /** In the order of their names. */
  readonly members: readonly BuiltMember[];
  readonly summary: SnapshotSummary;
  /** Of the database file. */
  readonly sizeBytes: number;
}

/**
 * What stands in a data directory that was just built. Its members are those who vote in the raft snapshot. The database knows their names; that of 3.4
 * still has the members that the snapshot came from, and theirs are found by their addresses.
 * @throws {Failure} as the reader of databases does; an Error where the directory makes no sense.
 */
export async function readNewData(dataDirectory: string, initialCluster: string): Promise<NewData> {
  const snap = join(dataDirectory, 'member/snap');
  await using source = await openFile(join(snap, 'db'));
  const summary = await readSummary(source);
  const raft = await readRaftSnapshot(snap);
  const inDatabase = summary.members.map(({ id, name, peerUrls }) => ({ id, name, peerUrls }));
  const members = isSame(inDatabase, raft.voters) ? inDatabase : named(membersOf(raft), initialCluster);
  if (!isSame(members, raft.voters))
    throw new Error(`its members are ${members.map(({ id }) => id).join(', ')}, and ${raft.voters.join(', ')} vote`);
  return {
    members: members.sort((one, other) => (one.name < other.name ? -1 : 1)),
    summary,
    sizeBytes: source.sizeBytes,
  };
}

function isSame(members: readonly { readonly id: string }[], voters: readonly string[]): boolean {
  const ids = members.map(({ id }) => id);
  return ids.length === voters.length && new Set([...ids, ...voters]).size === voters.length;
}

function named(members: readonly RaftMember[], initialCluster: string): BuiltMember[] {
  const names = new Map([...readInitialCluster(initialCluster)].map(([name, urls]) => [urls.join(), name]));
  return members.map(({ id, peerUrls }) => ({ id, name: names.get([...peerUrls].sort().join()) ?? '', peerUrls }));
}

/** `a=https://1:2380,a=https://2:2380,b=…`: the peer URLs of each name, sorted. */
export function readInitialCluster(initialCluster: string): ReadonlyMap<string, readonly string[]> {
  const urls = new Map<string, string[]>();
  for (const entry of initialCluster.split(',')) {
    const at = entry.indexOf('=');
    const name = entry.slice(0, at).trim();
    urls.set(name, [...(urls.get(name) ?? []), entry.slice(at + 1).trim()].sort());
  }
  return urls;
}
