import { exitCode, Failure } from '../../core/failure.ts';

/** `--timeout` in seconds, as milliseconds. @throws {Failure} `bad-timeout`. */
export function timeoutFlag(text: string): number {
  const seconds = Number(text.replace(/s$/, ''));
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= 86_400) return seconds * 1000;
  throw new Failure({
    reason: 'bad-timeout',
    what: `--timeout takes seconds, not "${text}"`,
    next: '--timeout 120',
    exit: exitCode.usage,
  });
}
