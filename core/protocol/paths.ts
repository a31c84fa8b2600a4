/**
 * The requests an agent answers. The first part of the path is the protocol's version: an agent of another major version answers 404, and
 * the plugin then says which version it met instead of misreading it.
 */
export const protocolVersion = 1;

export const path = {
  agent: '/v1/agent',
  members: '/v1/members',
  snapshot: '/v1/snapshot',
  logs: '/v1/logs',
} as const;

/** Header of a snapshot's reply: JSON of SnapshotSource. */
export const snapshotSourceHeader = 'x-snapshot-source';
/** Query of /v1/snapshot: `zstd` or `none`. */
export const compressionQuery = 'compression';

/** Where the agent listens on its node, and where `bridge` finds it. */
export const defaultSocketPath = '/run/kubectl-etcd/agent.sock';
