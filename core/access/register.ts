/**
 * What every agent of an installation keeps on its disk: who the cluster is, the nodes and their addresses, the certificates that were issued
 * and those that were withdrawn, and the nodes that must not run etcd any more. Any two registers can be merged, in any order and any number of times, with the same result: an agent that
 * was away catches up with whichever other it meets first, and no agent is in charge.
 */
import * as v from 'valibot';

const time = v.pipe(v.string(), v.isoTimestamp('it is no time'));
const serial = v.pipe(v.string(), v.regex(/^[0-9a-f]{8,40}$/, 'it is no serial number'));
const shortText = v.pipe(v.string(), v.maxLength(300));
/** Counts changes of one record. Not a time: a clock that was ahead once would win for ever. */
const version = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

export const apiServer = v.object({
  url: shortText,
  /** sha256 of the CA certificates that the kubeconfig names; absent where it names none. */
  caFingerprint: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
});
export type ApiServer = v.InferOutput<typeof apiServer>;

export const clusterRecord = v.object({
  version,
  name: shortText,
  /** Of the namespace kube-system. */
  uid: v.optional(shortText),
  /** Those whose place the agents take while they do not answer. */
  apiServers: v.pipe(v.array(apiServer), v.maxLength(100)),
});
export type ClusterRecord = v.InferOutput<typeof clusterRecord>;

export const nodeRecord = v.object({
  version,
  name: v.pipe(v.string(), v.regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/i, 'it is no name of a node')),
  addresses: v.pipe(v.array(shortText), v.maxLength(64)),
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  /** The node has left the cluster. The record stays, so that an older one does not bring it back. */
  removed: v.optional(v.boolean()),
});
export type NodeRecord = v.InferOutput<typeof nodeRecord>;

export const certificateRecord = v.object({
  serial,
  /** What `access revoke` takes: `anna@laptop`. */
  name: shortText,
  issuedAt: time,
  expiresAt: time,
  /** Who asked for it: the name in that certificate, or the node's where root or an exec did. */
  issuedBy: shortText,
});
export type CertificateRecord = v.InferOutput<typeof certificateRecord>;

export const revocationRecord = v.object({ serial, revokedAt: time, by: shortText, expiresAt: time });
export type RevocationRecord = v.InferOutput<typeof revocationRecord>;

/**
 * A node that a restore has left out: its etcd belongs to the cluster of before, and must not run. A record for each node and operation; once it
 * is lifted it stays so, and the next operation makes another.
 */
export const fenceRecord = v.object({
  node: shortText,
  operation: shortText,
  at: time,
  by: shortText,
  lifted: v.optional(v.object({ at: time, by: shortText })),
});
export type FenceRecord = v.InferOutput<typeof fenceRecord>;

export const register = v.object({
  cluster: v.optional(clusterRecord),
  nodes: v.pipe(v.array(nodeRecord), v.maxLength(1_000)),
  certificates: v.pipe(v.array(certificateRecord), v.maxLength(10_000)),
  revocations: v.pipe(v.array(revocationRecord), v.maxLength(10_000)),
  /** Absent where there has never been one, as in the registers of agents that know of none. */
  fences: v.optional(v.pipe(v.array(fenceRecord), v.maxLength(1_000))),
});
export type Register = v.InferOutput<typeof register>;

export const emptyRegister: Register = { nodes: [], certificates: [], revocations: [] };

/** Everything that either knows. Commutative, associative and idempotent; records stand in the order of their keys. */
export function mergeRegisters(one: Register, other: Register): Register {
  const clusters = [one.cluster, other.cluster].filter((record) => record !== undefined);
  const cluster = mergeRecords(clusters, () => '', newer)[0];
  const fences = mergeRecords([...(one.fences ?? []), ...(other.fences ?? [])], fenceKey, lifted);
  return {
    ...(cluster === undefined ? {} : { cluster }),
    nodes: mergeRecords([...one.nodes, ...other.nodes], ({ name }) => name, newer),
    certificates: mergeRecords([...one.certificates, ...other.certificates], (record) => record.serial, sameForAll),
    revocations: mergeRecords(
      [...one.revocations, ...other.revocations],
      (record) => record.serial,
      (a, b) => (a.revokedAt === b.revokedAt ? sameForAll(a, b) : a.revokedAt < b.revokedAt ? a : b),
    ),
    ...(fences.length === 0 ? {} : { fences }),
  };
}

/** How long a certificate that has expired is still listed, and its revocation kept: clocks differ, and people ask. */
const keptAfterExpiryMs = 90 * 24 * 3_600_000;

/**
 * Without what can do no harm any more, so that a register does not grow for ever. Fences stay, lifted ones too: whoever comes back after a year
 * with one that had been forgotten would stop a member of today.
 */
export function pruneRegister(whole: Register, nowMs: number): Register {
  const kept = ({ expiresAt }: { readonly expiresAt: string }) => Date.parse(expiresAt) + keptAfterExpiryMs > nowMs;
  return {
    ...whole,
    certificates: whole.certificates.filter(kept),
    revocations: whole.revocations.filter(kept),
  };
}

/** The nodes that have not left. */
export function presentNodes({ nodes }: Register): NodeRecord[] {
  return nodes.filter(({ removed }) => removed !== true);
}

/** `record` as the next version of what the register has under its name. */
export function withNode(whole: Register, record: Omit<NodeRecord, 'version'>): Register {
  const known = whole.nodes.find(({ name }) => name === record.name)?.version ?? 0;
  return mergeRegisters(whole, { ...emptyRegister, nodes: [{ ...record, version: known + 1 }] });
}

export function withCluster(whole: Register, cluster: Omit<ClusterRecord, 'version'>): Register {
  const version = (whole.cluster?.version ?? 0) + 1;
  return mergeRegisters(whole, { ...emptyRegister, cluster: { ...cluster, version } });
}

/** Those that hold: the nodes that must not run etcd. */
export function standingFences({ fences = [] }: Pick<Register, 'fences'>): FenceRecord[] {
  return fences.filter((fence) => fence.lifted === undefined);
}

function mergeRecords<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  choose: (one: Item, other: Item) => Item,
): Item[] {
  const byKey = new Map<string, Item>();
  for (const item of items) {
    const known = byKey.get(keyOf(item));
    byKey.set(keyOf(item), known === undefined ? item : choose(known, item));
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

function newer<Item extends { readonly version: number }>(one: Item, other: Item): Item {
  return one.version === other.version ? sameForAll(one, other) : one.version > other.version ? one : other;
}

function fenceKey({ node, operation }: FenceRecord): string {
  return `${node} ${operation}`;
}

/** Lifting is for good. */
function lifted(one: FenceRecord, other: FenceRecord): FenceRecord {
  if ((one.lifted === undefined) === (other.lifted === undefined)) return sameForAll(one, other);
  return one.lifted === undefined ? other : one;
}

/** Two that should be equal and are not: which one wins does not matter, as long as it is the same one everywhere. */
function sameForAll<Item>(one: Item, other: Item): Item {
  return JSON.stringify(one) >= JSON.stringify(other) ? one : other;
}
