/** What the members hold: alarms, hashes, quota, room. */
import { examined, factsOf, nameOf, saveable } from '../facts.ts';
import type { ExaminedNode, Facts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { formatShare, formatSize } from '../../report/units.ts';
import { safety } from './quorum.ts';

/** From this share of its quota on; at the quota etcd refuses every write. */
const fullShare = 0.8;
/** The kubelet begins to evict pods at 10 %; etcd ends where nothing is left. */
const diskWarningShare = 0.1;
const diskCriticalShare = 0.03;

/** Alarms as every member tells them among its errors: listing them goes through raft, and hangs without a quorum. */
export const alarms: Rule = (observation) => {
  const facts = factsOf(observation);
  const raised = new Map<string, { readonly id: string; readonly alarm: string }>();
  for (const error of facts.members.flatMap(({ status }) => status?.errors ?? [])) {
    const [, decimal, alarm] = /memberID:(\d+) alarm:(\w+)/.exec(error) ?? [];
    if (decimal === undefined || alarm === undefined) continue;
    raised.set(`${decimal} ${alarm}`, { id: BigInt(decimal).toString(16), alarm });
  }
  const by = (wanted: string) => [...raised.values()].filter(({ alarm }) => alarm === wanted);
  return [...noSpace(by('NOSPACE'), facts), ...corrupt(by('CORRUPT'), facts)];
};

type Raised = readonly { readonly id: string }[];

function noSpace(raised: Raised, facts: Facts): Finding[] {
  if (raised.length === 0) return [];
  const [any] = facts.answering;
  const revision = Math.max(...facts.members.map(({ status }) => status?.revision ?? 0));
  return [
    {
      severity: 'critical',
      rule: 'alarm-nospace',
      what: 'alarm NOSPACE: a database has reached its quota, and the whole cluster refuses writes',
      where: whereOf(raised, facts),
      evidence: facts.members.flatMap((member) =>
        member.status === undefined
          ? []
          : [
              `${nameOf(member)}: ${formatSize(member.status.dbSizeBytes)}, ${formatSize(member.status.dbInUseBytes)} in use`,
            ],
      ),
      commands: [
        ...safety(saveable(facts).slice(0, 1)),
        ...(any === undefined
          ? []
          : [
              `on ${any.name}, in etcd's container: etcdctl compact ${revision}; etcdctl defrag --cluster; etcdctl alarm disarm`,
            ]),
      ],
    },
  ];
}

function corrupt(raised: Raised, facts: Facts): Finding[] {
  if (raised.length === 0) return [];
  const where = whereOf(raised, facts);
  const sound = saveable(facts).filter((node) => !where.includes(node));
  return [
    {
      severity: 'critical',
      rule: 'alarm-corrupt',
      what: 'alarm CORRUPT: the data of a member differs from that of the others, and etcd refuses to serve',
      where,
      evidence: raised.map(({ id }) => `raised for the member ${id}`),
      commands: [...safety(sound), ...where.map((node) => `kubectl etcd member rejoin ${node}`)],
    },
  ];
}

function whereOf(raised: Raised, { members }: Facts): string[] {
  return raised.flatMap(({ id }) => members.find((member) => member.id === id)?.node ?? []);
}

/** Hashes say something only at one revision, and where what is below was compacted alike. */
export const hashesDiffer: Rule = (observation) => {
  const facts = factsOf(observation);
  const hashes = facts.answering.flatMap(({ name, hash }) => (hash === undefined ? [] : [{ name, ...hash }]));
  const groups = Map.groupBy(hashes, ({ revision, compactRevision }) => `${revision} ${compactRevision}`);
  return [...groups.values()].flatMap((group): Finding[] => {
    const byHash = [...Map.groupBy(group, ({ hash }) => hash).values()].sort((one, other) => other.length - one.length);
    if (byHash.length < 2) return [];
    const [most = [], ...others] = byHash;
    const odd = others.flat().map(({ name }) => name);
    // Two against one is a majority; one against one is not.
    const sure = most.length > odd.length;
    return [
      {
        severity: 'critical',
        rule: 'hashes-differ',
        what: sure
          ? `${odd.join(', ')} ${odd.length === 1 ? 'does' : 'do'} not hold the same keys as the others`
          : 'the members do not hold the same keys, and which of them is right cannot be told',
        where: sure ? odd : group.map(({ name }) => name),
        evidence: group.map(
          ({ name, hash, revision, compactRevision }) =>
            `${name}: hash ${hash} at revision ${revision}, compacted to ${compactRevision}`,
        ),
        commands: [
          ...safety(saveable(facts)),
          ...(sure
            ? odd.map((node) => `kubectl etcd member rejoin ${node}`)
            : [
                'kubectl etcd snapshot diff of each of these snapshots shows in what they differ; rejoin the wrong one',
              ]),
        ],
      },
    ];
  });
};

export const quotaNearlyFull: Rule = (observation) => {
  const { answering, members } = factsOf(observation);
  const alarmed = members.some(
    ({ status }) => status?.errors.some((error) => error.includes('alarm:NOSPACE')) === true,
  );
  const full = answering.flatMap(({ name, examination: { etcd, member } }) =>
    etcd !== undefined && member !== undefined && member.status.dbSizeBytes >= fullShare * etcd.quotaBytes
      ? [{ name, ...member.status, quotaBytes: etcd.quotaBytes }]
      : [],
  );
  if (alarmed || full.length === 0) return [];
  // What is free within the file is written into before the file grows.
  const inUse = full.some(({ dbInUseBytes, quotaBytes }) => dbInUseBytes >= fullShare * quotaBytes);
  return [
    {
      severity: inUse ? 'warning' : 'info',
      rule: 'quota-nearly-full',
      what: `the database is near its quota, where etcd refuses every write`,
      where: full.map(({ name }) => name),
      evidence: full.map(
        ({ name, dbSizeBytes, dbInUseBytes, quotaBytes }) =>
          `${name}: ${formatSize(dbSizeBytes)} (${formatShare(dbSizeBytes, quotaBytes)}) of ${formatSize(quotaBytes)}, ${formatSize(dbInUseBytes)} in use`,
      ),
      commands: inUse
        ? [
            'kubectl etcd snapshot save',
            'what takes the room: kubectl etcd snapshot usage SNAPSHOT',
            'raise --quota-backend-bytes, to 8 GiB at most',
          ]
        : ["in etcd's container, one member at a time, the leader last: etcdctl defrag"],
    },
  ];
};

export const diskNearlyFull: Rule = (observation) =>
  examined(observation).flatMap(({ name, examination: { disk } }: ExaminedNode): Finding[] => {
    if (disk === undefined || disk.totalBytes === 0) return [];
    const share = disk.freeBytes / disk.totalBytes;
    if (share >= diskWarningShare) return [];
    return [
      {
        severity: share < diskCriticalShare ? 'critical' : 'warning',
        rule: 'disk-nearly-full',
        what: `the disk of ${name}'s etcd is nearly full: ${formatSize(disk.freeBytes)} of ${formatSize(disk.totalBytes)} are free`,
        where: [name],
        evidence: [`the file system of ${disk.dataDir}; an etcd that cannot write ends`],
        commands: [
          `on ${name}: df -h ${disk.dataDir}; du -xsh /var/lib/* /var/log | sort -h`,
          'kubectl etcd kept list shows what operations have left there',
        ],
      },
    ];
  });
