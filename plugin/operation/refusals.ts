import { exitCode, Failure } from '../../core/failure.ts';

/** All reasons at once: three nodes that lack room are one trip to three machines and not three. */
export function together(what: string, reasons: readonly Failure[]): Failure {
  const [first, ...others] = reasons;
  if (first === undefined) throw new Error('nothing to refuse');
  if (others.length === 0) return first;
  return new Failure({
    reason: first.reason,
    what: `${what}, for ${reasons.length} reasons; nothing was touched`,
    why: reasons.map(({ message }) => message).join('\n'),
    next: [...new Set(reasons.map(({ next }) => next).filter((next) => next !== undefined))].join('\n'),
    exit: exitCode.refused,
  });
}
