import { join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import * as v from 'valibot';
import { Failure, messageOf } from '../../core/failure.ts';
import type { EtcdProcess } from '../../core/protocol/messages.ts';
import { recogniseEtcd } from './command-line.ts';
import type { EtcdHost, EtcdOnHost, LogsWanted } from './host.ts';
import { lastLines } from './last-lines.ts';
import { lastErrorOf } from './last-error.ts';
import { readLog } from './log-file.ts';
import { plainLines } from './log-lines.ts';
import { processStart } from './proc.ts';
import { readInvocation } from './read-invocation.ts';
import type { HostRoot } from './root.ts';

/**
 * `etcd.json`, by which whoever starts an etcd as a plain process tells the agent about it. Relative paths are relative to its folder.
 * It is read anew for every question: write it beside itself and rename it.
 */
export const processDescription = v.object({
  /** The program and its words: `["/usr/bin/etcd", "--name=a", …]`. */
  command: v.array(v.string()),
  /** What it was told before an operation told it something else. */
  commandBefore: v.optional(v.array(v.string())),
  env: v.optional(v.record(v.string(), v.string()), {}),
  /** Where etcd was started; its folder where absent. */
  workingDirectory: v.optional(v.string()),
  /** etcd's standard output and error. */
  logFile: v.string(),
  /** The log of the process before this one. */
  previousLogFile: v.optional(v.string()),
  /** Absent when it has not been started. `startTime` is field 22 of /proc/PID/stat. */
  process: v.optional(v.object({ pid: v.pipe(v.number(), v.integer(), v.minValue(1)), startTime: v.number() })),
  /** Known only to whoever waited for it. */
  exitCode: v.optional(v.number()),
  restarts: v.optional(v.number()),
});
export type ProcessDescription = v.InferInput<typeof processDescription>;

/** An etcd that somebody started as a plain process: the local mode. */
export class ProcessEtcd implements EtcdHost {
  readonly #root: HostRoot;
  readonly #folder: string;

  constructor({ root, folder }: { readonly root: HostRoot; readonly folder: string }) {
    this.#root = root;
    this.#folder = folder;
  }

  async find(): Promise<EtcdOnHost> {
    const { command, env, workingDirectory } = await this.#read();
    const invocation = recogniseEtcd(command);
    if (invocation.kind === 'other') throw this.#unreadable(`its command is no etcd: ${command[0] ?? 'it is empty'}`);
    const at = this.#path(workingDirectory ?? '.');
    const { etcd, tls, warnings } = await readInvocation({
      root: this.#root,
      source: this.#file,
      invocation,
      environment: env,
      hostPath: (path) => posix.resolve(at, path),
    });
    const [program = ''] = command;
    return {
      etcd: { host: 'process', source: this.#file, ...etcd, program: posix.resolve(at, program) },
      tls,
      warnings,
    };
  }

  async state(): Promise<EtcdProcess> {
    const { process, exitCode, restarts, logFile } = await this.#read();
    const counted = restarts === undefined ? {} : { restarts };
    if (process === undefined) return { state: 'absent', ...counted };
    const running = await processStart(this.#root, process.pid);
    if (running?.startTime === process.startTime)
      return { state: 'running', pid: process.pid, startedAt: running.startedAt, ...counted };
    const lastError = lastErrorOf(
      await lastLines({ newest: async () => this.#root.here(this.#path(logFile)), decoder: plainLines }),
    );
    return {
      state: 'exited',
      ...counted,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(lastError === undefined ? {} : { lastError }),
    };
  }

  logs({ previous, tailLines, follow, signal }: LogsWanted): Readable {
    const newest = async () => {
      const { logFile, previousLogFile } = await this.#read();
      const file = previous ? previousLogFile : logFile;
      if (file === undefined)
        throw new Failure({
          reason: 'no-log',
          what: 'there is no log of an etcd before this one',
          why: `${this.#file} names no previousLogFile`,
        });
      return this.#root.here(this.#path(file));
    };
    return readLog({ newest, decoder: plainLines, tailLines, follow: follow && !previous, signal });
  }

  get #file(): string {
    return join(this.#folder, 'etcd.json');
  }

  #path(relative: string): string {
    return posix.resolve(this.#folder, relative);
  }

  async #read(): Promise<v.InferOutput<typeof processDescription>> {
    const text = await this.#root.readTextIfThere(this.#file);
    if (text === undefined) {
      throw new Failure({
        reason: 'etcd-not-found',
        what: 'there is no etcd on this node',
        why: `the agent was told to look into ${this.#folder} (KUBECTL_ETCD_PROCESS_DIR), and there is no etcd.json`,
      });
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw this.#unreadable(messageOf(cause), cause);
    }
    const result = v.safeParse(processDescription, value, { abortEarly: true });
    if (result.success) return result.output;
    const [issue] = result.issues;
    throw this.#unreadable(`${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
  }

  #unreadable(why: string, cause?: unknown): Failure {
    return new Failure({
      reason: 'process-description-unreadable',
      what: `cannot understand ${this.#file}`,
      why,
      cause,
    });
  }
}
