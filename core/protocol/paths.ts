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
  keys: '/v1/keys',
} as const;

/** Header of a snapshot's reply: JSON of SnapshotSource. */
export const snapshotSourceHeader = 'x-snapshot-source';
/** Header of the reply that lists keys: JSON of KeysSource. */
export const keysSourceHeader = 'x-keys-source';
/** Query of /v1/snapshot: `zstd`, `when-slow` or `none`. */
export const compressionQuery = 'compression';

/** Where the agent listens on its node, and where `bridge` finds it. */
export const defaultSocketPath = '/run/kubectl-etcd/agent.sock';

export interface LogsQuery {
  /** Of the last container that died, instead of the newest one. */
  readonly previous: boolean;
  readonly follow: boolean;
  /** All lines where absent. */
  readonly tailLines: number | undefined;
}

export function logsPath({ previous, follow, tailLines }: LogsQuery): string {
  const query = new URLSearchParams({ previous: String(previous), follow: String(follow) });
  if (tailLines !== undefined) query.set('tail', String(tailLines));
  return `${path.logs}?${query.toString()}`;
}

/** The agent's side of logsPath. What makes no sense counts as absent: more is shown rather than less. */
export function readLogsQuery(query: URLSearchParams): LogsQuery {
  const tail = query.get('tail');
  return {
    previous: query.get('previous') === 'true',
    follow: query.get('follow') === 'true',
    tailLines: tail !== null && /^\d{1,9}$/.test(tail) ? Number(tail) : undefined,
  };
}
