/** What is wrong with a certificate, from what is written in it and in which place it lies. Pure. */
import type { CertificateReport } from '../../core/examination/messages.ts';

/** `soon`: it will be, and nothing is wrong yet. */
export type Trouble =
  'missing' | 'unreadable' | 'expired' | 'not-yet-valid' | 'key' | 'authority' | 'names' | 'usage' | 'soon';

export interface Judgement {
  readonly trouble: Trouble;
  /** As a clause after the file's name: `expires in 9 days`. */
  readonly text: string;
}

const dayMs = 24 * 3_600_000;
/** From this long before its end on. kubeadm renews with every upgrade, and clusters that are not upgraded are who runs into this. */
export const soonDays = 30;
/** A new authority is weeks of work. */
export const authoritySoonDays = 180;

/** All that is wrong with it, the worst first; nothing where it is as it should be. */
export function judge({ role, file, keyFile, facts, problem }: CertificateReport, nowMs: number): Judgement[] {
  if (facts === undefined) {
    const missing = problem?.reason === 'host-file-missing';
    return [
      missing
        ? { trouble: 'missing', text: 'is missing' }
        : { trouble: 'unreadable', text: `cannot be read: ${problem?.why ?? problem?.what ?? file}` },
    ];
  }
  const found: (Judgement | false)[] = [
    judgeTime(Date.parse(facts.notBefore), Date.parse(facts.notAfter), nowMs, isAuthority(role)),
    facts.key === 'missing' && { trouble: 'key', text: `has no key: ${keyFile ?? ''} is missing` },
    facts.key === 'unreadable' && { trouble: 'key', text: `has a key that cannot be read: ${keyFile ?? ''}` },
    facts.key === 'other' && { trouble: 'key', text: `is not that of its key, ${keyFile ?? ''}` },
    facts.signed === false && {
      trouble: 'authority',
      text: `is not signed by the authority that is trusted here (its issuer is ${facts.issuer})`,
    },
    (facts.notCovered ?? []).length > 0 && {
      trouble: 'names',
      text: `does not name ${(facts.notCovered ?? []).join(', ')}, where this member is reached; it names ${facts.names.join(', ') || 'nothing'}`,
    },
    judgeUsage(role, facts.usages),
  ];
  return found
    .filter((judgement) => judgement !== false)
    .sort((one, other) => Number(one.trouble === 'soon') - Number(other.trouble === 'soon'));
}

function judgeTime(fromMs: number, untilMs: number, nowMs: number, authority: boolean): Judgement | false {
  const until = new Date(untilMs).toISOString().slice(0, 10);
  if (nowMs > untilMs) return { trouble: 'expired', text: `has expired on ${until}` };
  if (nowMs < fromMs)
    return { trouble: 'not-yet-valid', text: `is not valid before ${new Date(fromMs).toISOString()}` };
  const days = daysLeft(untilMs, nowMs);
  if (days >= (authority ? authoritySoonDays : soonDays)) return false;
  return {
    trouble: 'soon',
    text:
      days < 2
        ? `expires within ${Math.max(1, Math.floor((untilMs - nowMs) / 3_600_000))} h`
        : `expires in ${days} days`,
  };
}

export function daysLeft(untilMs: number, nowMs: number): number {
  return Math.floor((untilMs - nowMs) / dayMs);
}

export function isAuthority(role: CertificateReport['role']): boolean {
  return role.endsWith('-ca');
}

function judgeUsage(
  role: CertificateReport['role'],
  usages: NonNullable<CertificateReport['facts']>['usages'],
): Judgement | false {
  if (usages === undefined || isAuthority(role)) return false;
  // Members are clients of each other.
  const wanted = ({ 'etcd-server': ['server'], 'etcd-peer': ['server', 'client'] } as const)[role as string] ?? [
    'client',
  ];
  const lacking = wanted.filter((usage) => !usages.includes(usage));
  return lacking.length > 0 && { trouble: 'usage', text: `may not be used as ${lacking.join(' and ')}` };
}
