/** Certificates of etcd and of its clients: see plugin/certs/judge.ts for what is wrong with one. */
import type { CertificateReport } from '../../../core/examination/messages.ts';
import { isAuthority, judge } from '../../certs/judge.ts';
import type { Judgement, Trouble } from '../../certs/judge.ts';
import { examined } from '../facts.ts';
import type { Finding, Rule, Severity } from '../finding.ts';
import type { Observation } from '../observation.ts';

interface Judged extends Judgement {
  readonly node: string;
  readonly report: CertificateReport;
}

const called: readonly (readonly [Trouble, Severity, (count: string) => string])[] = [
  ['expired', 'critical', (count) => `${count} expired: whoever meets one of these is refused`],
  ['not-yet-valid', 'critical', (count) => `${count} not valid yet: is a clock wrong?`],
  ['missing', 'critical', (count) => `${count} missing: what goes by it does not start again`],
  ['unreadable', 'critical', (count) => `${count} unreadable`],
  ['key', 'critical', (count) => `${count} without the key that goes with it`],
  ['authority', 'critical', (count) => `${count} of an authority that is not trusted here`],
  ['names', 'warning', (count) => `${count} without the address of its member: the others refuse it there`],
  ['usage', 'warning', (count) => `${count} not made for its use`],
  ['soon', 'warning', (count) => `${count} soon to expire`],
];

/** One finding a kind of trouble, over all nodes: a year after kubeadm init they all have the same. */
export const certificateTroubles: Rule = (observation) => {
  const all = judged(observation);
  return [false, true].flatMap((ofAuthorities) =>
    called.flatMap(([trouble, severity, what]): Finding[] => {
      const found = all.filter((each) => each.trouble === trouble && isAuthority(each.report.role) === ofAuthorities);
      if (found.length === 0) return [];
      const where = [...new Set(found.map(({ node }) => node))];
      const kind = ofAuthorities ? "etcd's authority" : 'certificate';
      const plural = ofAuthorities ? "files of etcd's authority" : 'certificates';
      return [
        {
          severity,
          rule: `${ofAuthorities ? 'authority' : 'certificate'}-${trouble}`,
          what: `on ${where.join(', ')}: ${what(found.length === 1 ? `${ofAuthorities ? '' : 'a '}${kind} is` : `${found.length} ${plural} are`)}`,
          where,
          evidence: found.map(({ node, report, text }) => `${node}: ${report.file} ${text}`),
          commands: ofAuthorities ? mendAuthority(trouble) : mend(trouble, where, found, observation),
        },
      ];
    }),
  );
};

function judged(observation: Observation): Judged[] {
  return examined(observation).flatMap(({ name, examination: { certificates } }) =>
    certificates.flatMap((report) =>
      judge(report, observation.nowMs).map((judgement) => ({ node: name, report, ...judgement })),
    ),
  );
}

function mend(trouble: Trouble, where: readonly string[], found: readonly Judged[], { nodes }: Observation): string[] {
  if (trouble === 'not-yet-valid') return where.map((node) => `on ${node}: timedatectl`);
  // Renewing keeps names and uses as they are: these have to be made anew.
  if (trouble === 'names' || trouble === 'usage')
    return found.flatMap(({ node, report }) => [
      `on ${node}: mv ${report.file} ${report.file}.old; then: kubectl etcd certs renew ${node} makes it anew, as kubeadm would`,
    ]);
  return where.length > 1 && where.length === nodes.length
    ? ['kubectl etcd certs renew']
    : where.map((node) => `kubectl etcd certs renew ${node}`);
}

function mendAuthority(trouble: Trouble): string[] {
  if (trouble === 'missing' || trouble === 'unreadable')
    return ["copy etcd's ca.crt from a control-plane node that has it"];
  return [
    'a new authority has to be brought to all nodes, beside the old one, before that: see "manual rotation of CA certificates" in the documentation of Kubernetes',
  ];
}

/** Members of one cluster trust one authority: where two do not share any, they refuse each other. */
export const authoritiesDiffer: Rule = (observation) => {
  const known = examined(observation).flatMap(({ name, examination: { certificates } }) => {
    const facts = certificates.find(({ role }) => role === 'etcd-ca')?.facts;
    return facts === undefined ? [] : [{ name, prints: facts.fingerprints, subject: facts.subject }];
  });
  const most = mostShared(known.flatMap(({ prints }) => prints));
  const odd = known.filter(({ prints }) => most !== undefined && !prints.includes(most));
  if (odd.length === 0) return [];
  return [
    {
      severity: 'critical',
      rule: 'authorities-differ',
      what: `${odd.map(({ name }) => name).join(', ')} trusts another authority for etcd than the other nodes`,
      where: odd.map(({ name }) => name),
      evidence: known.map(
        ({ name, prints }) => `${name}: sha256 ${prints.map((print) => print.slice(0, 16)).join(', ')}`,
      ),
      commands: [
        `bring etcd's ca.crt and ca.key of ${known.find((each) => !odd.includes(each))?.name ?? ''} there, then: kubectl etcd certs renew ${odd[0]?.name ?? ''}`,
      ],
    },
  ];
};

/** The API server goes to etcd with an authority of its own file: it has to be etcd's. */
export const apiServerTrusts: Rule = (observation) =>
  examined(observation).flatMap(({ name, examination: { certificates } }): Finding[] => {
    const printsOf = (role: string) => certificates.find((each) => each.role === role)?.facts?.fingerprints;
    const [own, etcds] = [printsOf('apiserver-etcd-ca'), printsOf('etcd-ca')];
    if (own === undefined || etcds === undefined || own.some((print) => etcds.includes(print))) return [];
    return [
      {
        severity: 'critical',
        rule: 'api-server-distrusts',
        what: `the API server of ${name} does not trust the authority of etcd`,
        where: [name],
        evidence: [`--etcd-cafile is ${certificates.find(({ role }) => role === 'apiserver-etcd-ca')?.file ?? ''}`],
        commands: [`on ${name}: let --etcd-cafile of kube-apiserver name etcd's ca.crt`],
      },
    ];
  });

function mostShared(prints: readonly string[]): string | undefined {
  const counted = [...Map.groupBy(prints, (print) => print)].sort((one, other) => other[1].length - one[1].length);
  return counted[0]?.[0];
}
