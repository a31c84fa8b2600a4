/** What `kubectl etcd doctor -o json` prints of each thing that it has found: a contract with scripts. Fields are only ever added. */
import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { Observation } from './observation.ts';

/** Critical: it does not serve, or is one step from that, or data is at stake. Warning: somebody should act. Info: good to know, nothing is wrong. */
export type Severity = 'critical' | 'warning' | 'info';

export interface Finding {
  readonly severity: Severity;
  /** A stable word: `member-down`. */
  readonly rule: string;
  /** One sentence without a full stop. */
  readonly what: string;
  /** The nodes that it is about; empty where it is about the cluster. */
  readonly where: readonly string[];
  /** From what that is known: sentences, as they were read. */
  readonly evidence: readonly string[];
  /** What mends it, in this order: commands, or what has to be done by hand. */
  readonly commands: readonly string[];
}

/** A rule knows nothing but what was observed, and asks nobody. */
export type Rule = (observation: Observation) => readonly Finding[];

const order: readonly Severity[] = ['critical', 'warning', 'info'];

/** The most urgent first; within a severity as the rules stand. */
export function byUrgency(findings: readonly Finding[]): Finding[] {
  return order.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

/** 0 nothing wrong, 3 warnings, 4 quorum lost, 1 anything else that is critical. */
export function exitCodeOf(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ rule }) => rule === 'quorum-lost')) return exitCode.quorumLost;
  if (findings.some(({ severity }) => severity === 'critical')) return exitCode.failed;
  return findings.some(({ severity }) => severity === 'warning') ? exitCode.degraded : exitCode.done;
}
