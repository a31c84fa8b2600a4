/** The certificates of all nodes as rows: what `certs check` prints. Pure. */
import type { AccessState } from '../../core/access/messages.ts';
import { agentServerName } from '../../core/access/names.ts';
import type { CertificateReport } from '../../core/examination/messages.ts';
import type { ExitCode } from '../../core/failure.ts';
import { exitCode, Failure } from '../../core/failure.ts';
import type { Observation } from '../doctor/observation.ts';
import { daysLeft, judge, soonDays } from './judge.ts';
import type { Trouble } from './judge.ts';

/** A contract with scripts: fields are only added; what is not known is null. */
export interface CertificateRow {
  readonly node: string;
  /** `etcd-server`, …; `agent` and `agent-ca` are those of this program's own agents. */
  readonly certificate: CertificateReport['role'] | 'agent' | 'agent-ca';
  /** Null for an agent's own, which is in its memory alone. */
  readonly file: string | null;
  readonly subject: string | null;
  readonly names: readonly string[];
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly daysLeft: number | null;
  readonly problems: readonly { readonly trouble: Trouble; readonly text: string }[];
}

export interface CertificatesDocument {
  readonly cluster: { readonly name: string; readonly uid: string | null };
  /** Days from which on a certificate is named. */
  readonly soonDays: number;
  readonly certificates: readonly CertificateRow[];
  readonly notReached: readonly { readonly node: string; readonly why: string }[];
}

const agentsCaSoonDays = 180;

export function certificatesOf(observation: Observation): CertificatesDocument {
  const { cluster, nodes, nowMs } = observation;
  return {
    cluster: { name: cluster.name, uid: cluster.uid ?? null },
    soonDays,
    certificates: nodes.flatMap(({ name, examination, access }) => [
      ...(examination instanceof Failure ? [] : examination.certificates.map((report) => rowOf(name, report, nowMs))),
      ...(access === undefined ? [] : ofAgent(access, nowMs)),
    ]),
    notReached: nodes.flatMap(({ name, examination }) =>
      examination instanceof Failure
        ? [{ node: name, why: [examination.what, examination.why].filter(Boolean).join(': ') }]
        : [],
    ),
  };
}

/** 0 all is well, 1 something does not serve, 3 something soon will not, or a node was not reached. */
export function exitCodeOfCertificates({ certificates, notReached }: CertificatesDocument): ExitCode {
  const troubles = certificates.flatMap(({ problems }) => problems.map(({ trouble }) => trouble));
  if (troubles.some((trouble) => !['soon', 'names', 'usage'].includes(trouble))) return exitCode.failed;
  return troubles.length + notReached.length > 0 ? exitCode.degraded : exitCode.done;
}

function rowOf(node: string, report: CertificateReport, nowMs: number): CertificateRow {
  const { role, file, facts } = report;
  return {
    ...{ node, certificate: role, file },
    subject: facts?.subject ?? null,
    names: facts?.names ?? [],
    notBefore: facts?.notBefore ?? null,
    notAfter: facts?.notAfter ?? null,
    daysLeft: facts === undefined ? null : daysLeft(Date.parse(facts.notAfter), nowMs),
    problems: judge(report, nowMs),
  };
}

/** The agent's own, which it renews by itself, and the authority of all agents. */
function ofAgent({ node, certificate, authority }: AccessState, nowMs: number): CertificateRow[] {
  const row = (
    kind: 'agent' | 'agent-ca',
    expiresAt: string,
    names: readonly string[],
    soonBelow: number,
  ): CertificateRow => {
    const days = daysLeft(Date.parse(expiresAt), nowMs);
    const text = days < 0 ? `has expired on ${expiresAt.slice(0, 10)}` : `expires in ${days} days`;
    return {
      ...{
        node,
        certificate: kind,
        file: null,
        subject: null,
        names,
        notBefore: null,
        notAfter: expiresAt,
        daysLeft: days,
      },
      problems: days >= soonBelow ? [] : [{ trouble: days < 0 ? 'expired' : 'soon', text }],
    };
  };
  return [
    ...(certificate === undefined ? [] : [row('agent', certificate.expiresAt, [agentServerName(node)], soonDays)]),
    ...(authority === undefined ? [] : [row('agent-ca', authority.expiresAt, [], agentsCaSoonDays)]),
  ];
}
