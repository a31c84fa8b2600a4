/** Who the members are: by their own lists, by the manifests, by the nodes, and by what the API servers are told. */
import { examined, factsOf, nameOf } from '../facts.ts';
import type { ExaminedNode, Facts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { safety } from './quorum.ts';

/** A node that was wiped and started on a manifest that names it alone: it serves an empty cluster, and its API server beside it. */
export const clusterOfItsOwn: Rule = (observation) => {
  const { clusters, main } = factsOf(observation);
  return clusters
    .filter((cluster) => cluster !== main)
    .map(({ id, nodes, members }) => ({
      severity: 'critical',
      rule: 'cluster-of-its-own',
      what: `${nodes.join(', ')} ${nodes.length === 1 ? 'is a cluster' : 'are a cluster'} of ${nodes.length === 1 ? 'its' : 'their'} own, and what is written there is not in the other`,
      where: nodes,
      evidence: [
        `cluster ${id} with the members ${members.map(nameOfListed).join(', ')}; the others are of ${main?.id ?? ''} with ${(main?.members ?? []).map(nameOfListed).join(', ')}`,
        ...examined(observation).flatMap(({ name, examination: { etcd, apiServer } }) => [
          ...(nodes.includes(name) && etcd?.initial?.cluster !== undefined
            ? [`${name}: --initial-cluster=${etcd.initial.cluster}, state ${etcd.initial.state ?? 'new (the default)'}`]
            : []),
          ...(nodes.includes(name) && apiServer?.state === 'ready'
            ? [`${name}: its API server serves that cluster`]
            : []),
        ]),
      ],
      commands: [
        ...safety(nodes.slice(0, 1)),
        ...safety((main?.nodes ?? []).slice(0, 1)),
        ...nodes.map((node) => `kubectl etcd member rejoin ${node}`),
      ],
    }));
};

function nameOfListed({ name, id }: { readonly name: string; readonly id: string }): string {
  return name === '' ? id : name;
}

/** Members of one cluster that do not agree on who its members are: one is stale, or was removed in one store and not in the other (etcd#20967). */
export const listsDiffer: Rule = (observation) => {
  const { main, answering } = factsOf(observation);
  const told = answering.filter(({ examination }) => (examination.member?.members.length ?? 0) > 0);
  const lists = told.map(({ name, examination }) => ({
    name,
    version: examination.member?.status.version ?? '',
    ids: (examination.member?.members ?? []).map(({ id, learner }) => `${id}${learner ? ' (learner)' : ''}`).sort(),
  }));
  if (main === undefined || new Set(lists.map(({ ids }) => ids.join())).size < 2) return [];
  const trap = lists.some(({ version }) => /^3\.[56]\./.test(version));
  return [
    {
      severity: 'warning',
      rule: 'member-lists-differ',
      what: 'the members do not agree on who is a member: one is behind, or some are zombies',
      where: lists.map(({ name }) => name),
      evidence: [
        ...lists.map(({ name, ids }) => `${name}: ${ids.join(', ')}`),
        ...(trap
          ? ['etcd 3.5 may keep removed members in one of its two stores, and 3.6 brings them back (etcd#20967)']
          : []),
      ],
      commands: [
        'kubectl etcd doctor, once more: a change that was just made reaches all members within moments',
        ...(trap ? ['do not upgrade to 3.6 before all members run 3.5.26 or later'] : []),
      ],
    },
  ];
};

/** The way from 3.5 to 3.6 leads through 3.5.26 (etcd#20967): before, learners and removed members may come back to life. */
export const upgradeTrap: Rule = (observation) => {
  const { answering, quorum } = factsOf(observation);
  if (quorum !== 'kept') return [];
  const versions = answering.map(({ name, examination }) => ({
    name,
    version: examination.member?.status.version ?? '',
  }));
  const old = versions.filter(({ version }) => /^3\.5\.(?:\d|1\d|2[0-5])$/.test(version));
  if (old.length === 0) return [];
  const underWay = versions.some(({ version }) => version.startsWith('3.6.'));
  return [
    {
      severity: underWay ? 'critical' : 'info',
      rule: 'upgrade-trap',
      what: underWay
        ? 'members of etcd 3.6 run beside members older than 3.5.26: removed members may come back'
        : 'before an upgrade to etcd 3.6: through 3.5.26 or later, on all members',
      where: old.map(({ name }) => name),
      evidence: [
        versions.map(({ name, version }) => `${name} ${version}`).join(', '),
        'etcd#20967: membership is kept in two stores that older versions let drift apart, and 3.6 reads the other one',
      ],
      commands: underWay
        ? ['kubectl etcd snapshot save', 'stop the upgrade; bring the 3.5 members to 3.5.26 or later first']
        : [],
    },
  ];
};

/** A member that answers and is on no node that Kubernetes knows: it votes, and nobody looks after it. */
export const onNoNode: Rule = (observation) =>
  factsOf(observation)
    .members.filter(({ node, started, status }) => node === undefined && started && status !== undefined)
    .map((member) => ({
      severity: 'warning',
      rule: 'member-on-no-node',
      what: `the member ${nameOf(member)} answers, and is on no control-plane node of this cluster`,
      where: [],
      evidence: [`member ${member.id} at ${member.clientUrls.join(', ')}`],
      commands: ['kubectl get nodes -o wide', `if it should not be there: kubectl etcd member remove ${member.id}`],
    }));

/** A control-plane node whose etcd is set up, or expected by its API server, and whom the list does not name. */
export const nodeWithoutMember: Rule = (observation) => {
  const facts = factsOf(observation);
  if (facts.main === undefined) return [];
  return examined(observation).flatMap(({ name, examination }): Finding[] => {
    const { member, etcd, noEtcd, fencedBy } = examination;
    const isMember = facts.members.some(({ node }) => node === name);
    // One of another cluster, and one that is fenced, have findings of their own; an external etcd is not on these nodes.
    if (isMember || member !== undefined || fencedBy !== undefined || noEtcd?.reason === 'etcd-external') return [];
    return [
      {
        severity: 'warning',
        rule: 'node-without-member',
        what: `the control-plane node ${name} has no member`,
        where: [name],
        evidence: [
          etcd === undefined ? (noEtcd?.what ?? '') : `${etcd.source} runs etcd as ${etcd.name}, whom no member lists`,
          `members: ${facts.members.map(nameOf).join(', ')}`,
        ],
        commands: [
          etcd === undefined
            ? `on ${name}: kubeadm join phase control-plane-join etcd --control-plane`
            : `kubectl etcd member rejoin ${name}`,
        ],
      },
    ];
  });
};

/** What a member is listed with, against what its manifest starts it with. */
export const addressesDiffer: Rule = (observation) => {
  const facts = factsOf(observation);
  return facts.answering.flatMap(({ name, examination: { etcd, member } }): Finding[] => {
    const listed = facts.members.find(({ id }) => id === member?.memberId);
    if (etcd === undefined || listed === undefined) return [];
    const wanted = etcd.peerUrls.toSorted().join(', ');
    const known = listed.peerUrls.toSorted().join(', ');
    if (wanted === known) return [];
    return [
      {
        severity: 'warning',
        rule: 'peer-urls-differ',
        what: `${name} is listed with peer URLs that are not those of its manifest`,
        where: [name],
        evidence: [`listed: ${known}`, `${etcd.source}: ${wanted}`],
        commands: [`kubectl etcd logs ${name}`, `kubectl etcd member rejoin ${name}`],
      },
    ];
  });
};

/** API servers that are told of members that are gone: they lose time with each, and have none when the others go. */
export const serversGone: Rule = (observation) => {
  const facts = factsOf(observation);
  if (facts.main === undefined) return [];
  const known = new Set([...facts.members.flatMap(({ clientUrls }) => clientUrls), ...ownUrls(facts)].map(hostAndPort));
  return examined(observation).flatMap(({ name, examination }): Finding[] => {
    const servers = examination.apiServer?.etcdServers ?? [];
    const gone = servers.filter((url) => isAddress(url) && !isLoopback(url) && !known.has(hostAndPort(url)));
    if (gone.length === 0) return [];
    return [
      {
        severity: gone.length === servers.length ? 'critical' : 'warning',
        rule: 'etcd-servers-gone',
        what: `the API server of ${name} is told of members that are not there: ${gone.join(', ')}`,
        where: [name],
        evidence: [`--etcd-servers=${servers.join(',')}`, `members: ${[...known].join(', ')}`],
        commands: [
          `on ${name}: correct --etcd-servers in the manifest of kube-apiserver, and in kubeadm's configuration`,
        ],
      },
    ];
  });
};

function ownUrls({ answering }: Facts): string[] {
  return answering.flatMap(({ examination: { etcd } }: ExaminedNode) =>
    etcd === undefined ? [] : [etcd.clientUrl, ...etcd.advertisedClientUrls],
  );
}

function hostAndPort(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** What a name leads to is not known from here. */
function isAddress(url: string): boolean {
  return URL.canParse(url) && /^(?:[\d.]+|\[.*\])$/.test(new URL(url).hostname);
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname);
}
