import type { AccessState } from '../../core/access/messages.ts';
import { presentNodes } from '../../core/access/register.ts';
import { Failure } from '../../core/failure.ts';
import type { Reach } from '../link/reach.ts';
import type { AccessView, Problem } from './document.ts';

/** From this long before its end on, what expires is named. Agents renew theirs when a third of a year is left. */
const soonMs = 30 * 24 * 3_600_000;

export interface ObservedAccess {
  /** As the agent that answered has it; absent where none did, or an older one. */
  readonly state: AccessState | undefined;
  /** Those of the other nodes, as that agent reaches them. */
  readonly peers?: ReadonlyMap<string, AccessState | Failure> | undefined;
  /** The access file that led here. */
  readonly file: Reach['access'];
  /** Whether this is a cluster that should be reachable without its API server; one of the local mode has none. */
  readonly expected?: boolean | undefined;
}

/** How the cluster can be reached when its API server cannot. */
export function accessView({ state, peers, file }: ObservedAccess, controlPlane: readonly string[]): AccessView {
  const enrolled = new Set(state === undefined ? [] : presentNodes(state.register).map(({ name }) => name));
  const standingOf = (node: string) => (node === state?.node ? state : peers?.get(node));
  return {
    file: file ?? null,
    authorityExpiresAt: state?.authority?.expiresAt ?? null,
    notEnrolled: state === undefined ? null : controlPlane.filter((name) => !enrolled.has(name)),
    agents:
      state === undefined
        ? null
        : controlPlane
            .filter((name) => enrolled.has(name))
            .map((node) => ({ node, standing: standingOf(node) }))
            .map(({ node, standing }) => ({
              node,
              reached: standing !== undefined && !(standing instanceof Failure),
              certificateExpiresAt: standing instanceof Failure ? null : (standing?.certificate?.expiresAt ?? null),
            })),
  };
}

/**
 * What should be mended before the day on which it is needed.
 * @param silent nodes whose agent is named already because it does not answer.
 */
export function accessProblems(
  view: AccessView,
  { state, peers, expected }: ObservedAccess,
  { nowMs, silent = [] }: { readonly nowMs: number; readonly silent?: readonly string[] },
): Problem[] {
  const { file, authorityExpiresAt, notEnrolled } = view;
  if (state === undefined) return fileProblems(file, nowMs);
  const enrolled = new Set((view.agents ?? []).map(({ node }) => node));
  const problems = [...fileProblems(file, nowMs)];
  if (authorityExpiresAt !== null && isSoon(authorityExpiresAt, nowMs))
    problems.push({
      node: null,
      what: `the authority of the agents expires in ${daysUntil(authorityExpiresAt, nowMs)}, and with it every access file`,
      next: null,
    });
  problems.push(...standingProblems(state, nowMs));
  for (const [node, peer] of peers ?? []) {
    if (!enrolled.has(node) || silent.includes(node)) continue;
    if (peer instanceof Failure) problems.push(notReached(node, state.node, peer));
    else problems.push(...standingProblems(peer, nowMs));
  }
  if (state.authority === undefined && expected === true)
    problems.push({
      node: null,
      what: 'no node is enrolled: while the API server is down nothing can be reached',
      next: 'kubectl etcd install',
    });
  if (state.authority !== undefined)
    for (const node of notEnrolled ?? [])
      problems.push({
        node,
        what: 'not enrolled: it is reached through the API server alone',
        next: 'kubectl etcd install',
      });
  return problems;
}

function fileProblems(file: AccessView['file'], nowMs: number): Problem[] {
  if (file === null || !isSoon(file.expiresAt, nowMs)) return [];
  const what = `the access file ${file.path} expires in ${daysUntil(file.expiresAt, nowMs)}`;
  return [{ node: null, what, next: 'kubectl etcd access save --force' }];
}

function standingProblems({ node, certificate, problem }: AccessState, nowMs: number): Problem[] {
  const problems: Problem[] = [];
  if (certificate !== undefined && isSoon(certificate.expiresAt, nowMs))
    problems.push({
      node,
      what: `the agent's certificate expires in ${daysUntil(certificate.expiresAt, nowMs)} and was not renewed`,
      next: 'is the clock of that node right? date -u',
    });
  if (problem !== undefined)
    problems.push({ node, what: [problem.what, problem.why].filter(Boolean).join(': '), next: problem.next ?? null });
  return problems;
}

function notReached(node: string, by: string, { what, why }: Failure): Problem {
  return {
    node,
    what: `the agent of ${by} does not reach the one here: ${why ?? what}`,
    next: `is it running (systemctl status kubectl-etcd-agent), and its port open to ${by}?`,
  };
}

function isSoon(time: string, nowMs: number): boolean {
  return Date.parse(time) - nowMs < soonMs;
}

function daysUntil(time: string, nowMs: number): string {
  const hours = Math.max(0, Math.floor((Date.parse(time) - nowMs) / 3_600_000));
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
