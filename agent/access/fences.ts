import type { UnreachedNode } from '../../core/access/messages.ts';
import { emptyRegister, standingFences, withCluster } from '../../core/access/register.ts';
import type { FenceRecord } from '../../core/access/register.ts';
import type { AgentAccess } from './access.ts';
import type { Peers } from './peers.ts';
import { spread } from './spread.ts';

/** The nodes that must not run etcd any more, as all agents know them. */
export interface Fences {
  readonly isEnrolled: () => boolean;
  /** All records, those that were lifted among them. */
  readonly all: () => readonly FenceRecord[];
  /** Those that hold for this node. */
  readonly own: () => readonly FenceRecord[];
  /**
   * Records are on this node's disk when it returns, and on those of the nodes that were reached; the others are told as soon as they are.
   * @throws {Failure} `not-enrolled`.
   */
  readonly put: (
    records: readonly FenceRecord[],
    signal: AbortSignal,
  ) => Promise<{ readonly told: readonly string[]; readonly unreached: readonly UnreachedNode[] }>;
  readonly onChange: (listener: () => void) => void;
}

export function fencesOf({ access, peers }: { readonly access: AgentAccess; readonly peers: Peers }): Fences {
  return {
    isEnrolled: () => access.isEnrolled,
    all: () => access.register.fences ?? [],
    own: () => standingFences(access.register).filter(({ node }) => node === access.node),
    put: async (records, signal) => {
      await access.merge({ ...emptyRegister, fences: [...records] });
      return await spread({ access, peers }, signal);
    },
    onChange: (listener) => access.onChange(listener),
  };
}

/** Has the register of all agents name another cluster than before: one that was restored from another's snapshot. Nothing where none is known. */
export async function recordCluster(
  { access, peers }: { readonly access: AgentAccess; readonly peers: Peers },
  uid: string,
  signal: AbortSignal,
): Promise<void> {
  const { cluster } = access.register;
  if (cluster === undefined || cluster.uid === uid) return;
  const { name, apiServers } = cluster;
  await access.merge(withCluster(access.register, { name, apiServers, uid }));
  await spread({ access, peers }, signal);
}
