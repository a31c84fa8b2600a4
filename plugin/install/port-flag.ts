import { exitCode, Failure } from '../../core/failure.ts';

/** `--port`. @throws {Failure} `bad-port`. */
export function portFlag(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new Failure({
    reason: 'bad-port',
    what: `--port takes a number from 1 to 65535, not "${text}"`,
    next: '--port 2378',
    exit: exitCode.usage,
  });
}
