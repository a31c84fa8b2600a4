import { createHash } from 'node:crypto';
import type { ClusterIdentity } from './steps.ts';

/**
 * The ids that `snapshot restore` gives to the members and to the cluster: etcd makes them out of the peer URLs and the token alone (etcd
 * server/etcdserver/api/membership: computeMemberID and genID, the same in 3.4 to 3.6). So a plan can say who the members will be before
 * anything is built, and every node is held to it.
 */
export function identityOf(
  members: readonly { readonly name: string; readonly peerUrls: readonly string[] }[],
  token: string,
): ClusterIdentity {
  const identified = members.map(({ name, peerUrls }) => ({
    id: firstEight(createHash('sha1').update([...peerUrls].sort().join('') + token)),
    name,
    peerUrls: [...peerUrls],
  }));
  const hash = createHash('sha1');
  for (const id of identified.map((member) => BigInt(`0x${member.id}`)).sort((a, b) => (a < b ? -1 : 1))) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(id);
    hash.update(bytes);
  }
  return { clusterId: firstEight(hash), members: identified };
}

/** `n1=http://…,n2=http://…`: as --initial-cluster has it, a member of several peer URLs several times. */
export function initialCluster({ members }: ClusterIdentity): string {
  return initialClusterOf(members);
}

export function initialClusterOf(
  members: readonly { readonly name: string; readonly peerUrls: readonly string[] }[],
): string {
  return members.flatMap(({ name, peerUrls }) => peerUrls.map((url) => `${name}=${url}`)).join(',');
}

/** Without leading zeros, as etcdctl prints ids. */
function firstEight(hash: ReturnType<typeof createHash>): string {
  return hash.digest().readBigUInt64BE(0).toString(16);
}
