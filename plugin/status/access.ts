import type { AccessState } from '../../core/access/messages.ts';
import { presentNodes } from '../../core/access/register.ts';
import type { Reach } from '../link/reach.ts';
import type { AccessView, Problem } from './document.ts';

/** From this long before its end on, what expires is named. Agents renew theirs when a third of a year is left. */
const soonMs = 30 * 24 * 3_600_000;

export interface ObservedAccess {
  /** As the agent that answered has it; absent where none did, or an older one. */
  readonly state: AccessState | undefined;
  /** The access file that led here. */
  readonly file: Reach['access'];
}

/** How the cluster can be reached when its API server cannot. */
export function accessView({ state, file }: ObservedAccess, controlPlane: readonly string[]): AccessView {
  const enrolled = new Set(state === undefined ? [] : presentNodes(state.register).map(({ name }) => name));
  return {
    file: file ?? null,
    authorityExpiresAt: state?.authority?.expiresAt ?? null,
    notEnrolled: state === undefined ? null : controlPlane.filter((name) => !enrolled.has(name)),
  };
}

/** What should be mended before the day on which it is needed. */
export function accessProblems(view: AccessView, { state }: ObservedAccess, nowMs: number): Problem[] {
  const problems: Problem[] = [];
  const { file, authorityExpiresAt, notEnrolled } = view;
  const own = state?.certificate;
  if (file !== null && isSoon(file.expiresAt, nowMs))
    problems.push({
      node: null,
      what: `the access file ${file.path} expires in ${daysUntil(file.expiresAt, nowMs)}`,
      next: 'kubectl etcd access save --force',
    });
  if (authorityExpiresAt !== null && isSoon(authorityExpiresAt, nowMs))
    problems.push({
      node: null,
      what: `the authority of the agents expires in ${daysUntil(authorityExpiresAt, nowMs)}, and with it every access file`,
      next: null,
    });
  if (state !== undefined && own !== undefined && isSoon(own.expiresAt, nowMs))
    problems.push({
      node: state.node,
      what: `the agent's certificate expires in ${daysUntil(own.expiresAt, nowMs)} and was not renewed`,
      next: 'is the clock of that node right? date -u',
    });
  if (state?.problem !== undefined)
    problems.push({
      node: state.node,
      what: [state.problem.what, state.problem.why].filter(Boolean).join(': '),
      next: state.problem.next ?? null,
    });
  // An installation of which no node is enrolled was made without it.
  if (state?.authority !== undefined)
    for (const node of notEnrolled ?? [])
      problems.push({ node, what: 'is reached through the API server alone', next: 'kubectl etcd install' });
  return problems;
}

function isSoon(time: string, nowMs: number): boolean {
  return Date.parse(time) - nowMs < soonMs;
}

function daysUntil(time: string, nowMs: number): string {
  const hours = Math.max(0, Math.floor((Date.parse(time) - nowMs) / 3_600_000));
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
