/** Clusters for the tables of cases, each member described by a short line. */
import type { Failure } from '../../../core/failure.ts';
import type { AgentReport, MemberAnswer, MembersReply } from '../../../core/protocol/messages.ts';
import type { ObservedAgent, ObservedCluster, ObservedNode } from '../../../plugin/status/assess.ts';

const gib = 1024 ** 3;
export const pluginVersion = '0.1.0';

/**
 * `cp1 leader`, `cp2 follower`, `cp3 down`, `cp3 no-leader`, `cp3 slow` (reads not confirmed), `cp4 learner`, `cp4 learner down`,
 * `? learner unstarted`, `? unstarted`; alarms are added as `cp2 follower NOSPACE`.
 */
export function membersOf(lines: readonly string[]): MembersReply {
  const described = lines.map((line, at) => ({ words: line.split(' '), id: (0xa001 + at).toString(16), at }));
  const leader = described.find(({ words }) => words[1] === 'leader')?.id ?? '0';
  const alarms = described.flatMap(({ words, id }) =>
    words.filter((word) => word === 'NOSPACE' || word === 'CORRUPT').map((alarm) => ({ memberId: id, alarm })),
  );
  const errors = alarms.map(({ memberId, alarm }) => `memberID:${Number.parseInt(memberId, 16)} alarm:${alarm} `);
  return {
    node: 'cp1',
    etcdClusterId: 'c0ffee',
    memberId: 'a001',
    alarms,
    members: described.map(({ words, id, at }): MemberAnswer => {
      const has = (word: string) => words.includes(word);
      const member = {
        id,
        name: has('unstarted') ? '' : (words[0] ?? ''),
        learner: has('learner'),
        peerUrls: [`https://10.0.0.${11 + at}:2380`],
        clientUrls: has('unstarted') ? [] : [`https://10.0.0.${11 + at}:2379`],
      };
      if (has('unstarted')) return { ...member, error: 'it was added and has never been started' };
      if (has('down')) return { ...member, error: 'connection refused' };
      const knows = has('no-leader') ? '0' : leader;
      return {
        ...member,
        endpoint: `https://10.0.0.${11 + at}:2379`,
        status: {
          version: '3.5.16',
          dbSizeBytes: 1.1 * gib,
          dbInUseBytes: 0.7 * gib,
          leader: knows,
          raftTerm: 7,
          raftIndex: 5000 - at,
          raftAppliedIndex: 5000 - 2 * at,
          revision: 48120994 - at,
          learner: has('learner'),
          errors: knows === '0' ? ['etcdserver: no leader', ...errors] : errors,
          ...(has('slow') || has('learner') || knows === '0' ? {} : { readMs: 2 }),
        },
      };
    }),
  };
}

export function nodesNamed(
  names: readonly string[],
  agents: Readonly<Record<string, ObservedAgent | undefined>> = {},
): ObservedNode[] {
  return names.map((name, at) => ({
    name,
    addresses: [`10.0.0.${11 + at}`],
    controlPlane: true,
    agent: name in agents ? agents[name] : { pod: `agent-${name}`, ready: true, version: pluginVersion },
  }));
}

export function observed(
  reply: MembersReply | Failure,
  nodes: readonly ObservedNode[],
  reports: readonly (readonly [string, AgentReport | Failure])[] = [],
): ObservedCluster {
  const cluster = { name: 'prod-eu1', uid: '91fe22b0' };
  return { cluster, nodes, reply, agentReports: new Map(reports), pluginVersion };
}

/** What the agent of a node found there; etcd stopped with this last line, or running. */
export function reportOf(node: string, lastError?: string): AgentReport {
  return {
    protocol: 1,
    version: pluginVersion,
    node,
    etcd: {
      host: 'static-pod',
      source: '/etc/kubernetes/manifests/etcd.yaml',
      name: node,
      dataDir: '/var/lib/etcd',
      clientUrl: 'https://127.0.0.1:2379',
      advertisedClientUrls: [],
      peerUrls: [],
      quotaBytes: 2 * gib,
    },
    process: lastError === undefined ? { state: 'running' } : { state: 'exited', restarts: 6, lastError },
  };
}
