import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { pluginProgram } from './local-cluster.ts';

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

export interface RunOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** A command that starts it: as somebody else, say. */
  readonly through?: readonly string[];
  /** Called with the running plugin, to do things to it or to its surroundings meanwhile. */
  readonly meanwhile?: (child: ChildProcess, output: { stdout: string; stderr: string }) => void;
}

/** Runs the built plugin as a person would, without a terminal, and gathers what it says. */
export async function runPlugin(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const begunMs = performance.now();
  const [program = '', ...rest] = [...(options.through ?? []), pluginProgram, ...argv];
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: options.environment ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  options.meanwhile?.(child, output);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, ...output, tookMs: performance.now() - begunMs };
}
