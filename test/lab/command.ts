/** Runs programs: output gathered, failures as sentences that carry what the program said. */
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, messageOf } from '../../core/failure.ts';

const inCgroup = join(import.meta.dirname, 'in-cgroup.sh');

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A file whose content the program reads as its standard input; without it the input is empty. */
  readonly stdinFile?: string;
  /** A file that both outputs are appended to instead of being gathered: for the long-winded. */
  readonly logFile?: string;
  /** Killed (SIGKILL) after this long; no limit unless given. */
  readonly timeoutMs?: number;
  /** A cgroup of its own, in which whatever it leaves behind can be found again. */
  readonly cgroup?: string;
  /** The node that the program runs on, for the sentence. */
  readonly node?: string;
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code; 128 + n where signal n ended the program, as in a shell. */
  readonly code: number;
}

/**
 * Runs a program to its end and returns what it said, whatever its exit code. Outputs are held in memory: not for streams.
 * @throws {Failure} `command-not-started` where the program cannot be run at all.
 */
export async function attempt(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = '', ...rest] = options.cgroup === undefined ? argv : [inCgroup, '-', options.cgroup, ...argv];
  await using input = options.stdinFile === undefined ? undefined : await open(options.stdinFile, 'r');
  await using log = options.logFile === undefined ? undefined : await open(options.logFile, 'a');
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: [input?.fd ?? 'ignore', log?.fd ?? 'pipe', log?.fd ?? 'pipe'],
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => {
      reject(
        new Failure({
          reason: 'command-not-started',
          what: `cannot run ${program}`,
          node: options.node,
          why: messageOf(cause),
          cause,
        }),
      );
    });
    child.once('close', (exit, signal) => {
      resolve(exit ?? 128 + signalNumber(signal));
    });
  });
  return { stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString(), code };
}

/**
 * The same where anything but exit code 0 is a failure; returns standard output.
 * @throws {Failure} `command-failed` with the last lines of what the program said.
 */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { stdout, stderr, code } = await attempt(argv, options);
  if (code === 0) return stdout;
  const said = lastLines(stderr.trim() === '' ? stdout : stderr);
  throw new Failure({
    reason: 'command-failed',
    what: `${argv.slice(0, 6).join(' ')} ended with exit code ${code}`,
    node: options.node,
    why: options.logFile === undefined ? said : `see ${options.logFile}`,
  });
}

/**
 * Asks again and again until the answer is true.
 * @throws {Failure} `timed-out` naming what was waited for and, where the question says it, what was still missing.
 */
export async function until(
  what: string,
  question: () => Promise<true | string>,
  options: { readonly timeoutMs: number; readonly everyMs?: number; readonly node?: string; readonly next?: string },
): Promise<void> {
  const deadlineMs = performance.now() + options.timeoutMs;
  for (;;) {
    const answer = await question();
    if (answer === true) return;
    if (performance.now() > deadlineMs) {
      throw new Failure({
        reason: 'timed-out',
        what: `waited ${Math.round(options.timeoutMs / 1000)} s for ${what}`,
        node: options.node,
        why: answer,
        next: options.next,
      });
    }
    await sleep(options.everyMs ?? 200);
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-6).join('\n    ');
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}
