import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { readFields } from '../../core/snapshot/protobuf.ts';
import { HostRoot } from '../host/root.ts';

export interface RaftMember {
  /** Hexadecimal. */
  readonly id: string;
  readonly peerUrls: readonly string[];
}

/** That of a directory that was just built has a few KB. */
const limitBytes = 16 * 1024 * 1024;

const children = <Entries extends v.ObjectEntries>(entries: Entries) => v.object({ Children: v.object(entries) });
const member = children({ raftAttributes: v.object({ Value: v.string() }) });
const v2Store = v.object({
  Root: children({ 0: children({ members: v.object({ Children: v.record(v.string(), member) }) }) }),
});
const raftAttributes = v.object({ peerURLs: v.array(v.string()) });

export interface RaftSnapshot {
  /** The ids of those who vote, hexadecimal: who the members are, whatever else says so. */
  readonly voters: readonly string[];
  /** The v2 store as JSON, in which etcd up to 3.4 keeps the members' addresses. */
  readonly store: Uint8Array;
}

/**
 * The raft log's own snapshot (`member/snap/TERM-INDEX.snap`): a checksum and a raftpb.Snapshot.
 * @throws an Error that says what makes no sense.
 */
export async function readRaftSnapshot(snapFolder: string): Promise<RaftSnapshot> {
  const newest = (await readdir(snapFolder))
    .filter((name) => name.endsWith('.snap'))
    .sort()
    .at(-1);
  if (newest === undefined) throw new Error(`there is no raft snapshot in ${snapFolder}`);
  const file = await new HostRoot('/').readFile(join(snapFolder, newest), limitBytes);
  const snapshot = bytesOf(file, 2);
  const configuration = bytesOf(bytesOf(snapshot, 2), 1);
  const voters = [...readFields(configuration)].filter(({ number }) => number === 1);
  return { voters: voters.map(({ value }) => value.toString(16)), store: bytesOf(snapshot, 1) };
}

/** @throws an Error where it is no such store. */
export function membersOf({ store }: RaftSnapshot): readonly RaftMember[] {
  const { Root } = v.parse(v2Store, JSON.parse(Buffer.from(store).toString('utf8')));
  return Object.entries(Root.Children[0].Children.members.Children).map(([id, { Children }]) => ({
    id,
    peerUrls: v.parse(raftAttributes, JSON.parse(Children.raftAttributes.Value)).peerURLs,
  }));
}

function bytesOf(message: Uint8Array, number: number): Uint8Array {
  for (const found of readFields(message)) if (found.number === number) return found.bytes;
  throw new Error(`a raft snapshot without field ${number}`);
}
