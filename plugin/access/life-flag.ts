import { exitCode, Failure } from '../../core/failure.ts';

const secondsOf: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400, y: 365 * 86_400 };
export const usualLife = '365d';

/** `90d`, `12h`, `1y` in seconds. @throws {Failure} `bad-life`, exit code 2. */
export function lifeFlag(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([mhdy])$/.exec(text) ?? [];
  const seconds = Number(count) * (secondsOf[unit] ?? 0);
  if (seconds > 0 && seconds <= 10 * (secondsOf['y'] ?? 0)) return seconds;
  throw new Failure({
    reason: 'bad-life',
    what: `--life takes a number with m, h, d or y, up to ten years, not "${text}"`,
    next: '--life 90d',
    exit: exitCode.usage,
  });
}
