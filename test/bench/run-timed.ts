import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { watchProcess } from './peak-memory.ts';
import type { Used } from './peak-memory.ts';

export interface TimedRun extends Used {
  readonly seconds: number;
  readonly stdout: string;
}

/**
 * Runs a program to its end, as a person would: no terminal, nothing on standard input.
 * @param options.into a file that takes standard output, written by this process as fast as it comes
 * @throws {Error} for any exit code that is not among `options.exits` (0), with what the program said.
 */
export async function runTimed(
  argv: readonly string[],
  options: {
    readonly env?: NodeJS.ProcessEnv;
    readonly cwd?: string;
    readonly into?: string;
    readonly exits?: readonly number[];
  } = {},
): Promise<TimedRun> {
  const [program = '', ...rest] = argv;
  const begunMs = performance.now();
  const child = spawn(program, rest, { env: options.env, cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const watched = watchProcess(child.pid ?? 0);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  if (options.into === undefined) child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  else await pipeline(child.stdout, createWriteStream(options.into));
  const [code] = await closed;
  const seconds = (performance.now() - begunMs) / 1000;
  const result = { seconds, ...watched.stop(), stdout };
  if (!(options.exits ?? [0]).includes(code ?? -1))
    throw new Error(`${argv.slice(0, 6).join(' ')} ended with ${String(code)}: ${stderr || stdout}`);
  return result;
}

/** The one in the middle: a single slow run says nothing. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const [low = NaN, high = low] = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return (low + high) / 2;
}
