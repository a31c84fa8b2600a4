import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, rename } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Failure, systemCode } from '../../core/failure.ts';
import type { ControlOptions, WorkloadControl } from './control.ts';
import { processStart } from './proc.ts';
import type { ProcessDescription } from './process.ts';
import { HostRoot } from './root.ts';

const lookEveryMs = 50;
const root = new HostRoot('/');

/** The local mode's etcd: ended by a signal, and started by its own command line. Its description says which process it is. */
export class ProcessControl implements WorkloadControl {
  readonly #folder: string;
  readonly #node: string;

  constructor(folder: string, node: string) {
    this.#folder = folder;
    this.#node = node;
  }

  async isRunning(): Promise<boolean> {
    return (await this.#pid()) !== undefined;
  }

  async stop(graceSeconds: number, { signal, progress }: ControlOptions): Promise<void> {
    progress('stopping etcd');
    const killAtMs = performance.now() + graceSeconds * 1000;
    for (let told = false; ;) {
      const pid = await this.#pid();
      if (pid === undefined) return;
      if (!told) signalled(pid, 'SIGTERM');
      else if (performance.now() > killAtMs) signalled(pid, 'SIGKILL');
      told = true;
      if (performance.now() > killAtMs + 10_000)
        throw new Failure({ reason: 'not-stopped', what: `etcd (process ${pid}) does not stop`, node: this.#node });
      await sleep(lookEveryMs, undefined, { signal });
    }
  }

  async takeBack(graceSeconds: number, options: ControlOptions): Promise<void> {
    await this.stop(graceSeconds, options);
    const { commandBefore, ...description } = await this.#read();
    if (commandBefore !== undefined) await this.#write({ ...description, command: commandBefore });
  }

  async start({ progress, edit }: Parameters<WorkloadControl['start']>[0]): Promise<void> {
    progress('starting etcd');
    if (await this.isRunning()) return;
    await this.#tell(edit);
    const description = await this.#read();
    const { command, env = {}, workingDirectory = '.', logFile } = description;
    const [program = '', ...words] = command;
    await using log = await open(posix.resolve(this.#folder, logFile), 'a');
    const child = spawn(program, words, {
      env: { ...process.env, ...env },
      cwd: posix.resolve(this.#folder, workingDirectory),
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    await once(child, 'spawn');
    child.unref();
    if ((await this.#record(description, child.pid ?? 0)) === undefined)
      throw new Failure({ reason: 'not-started', what: 'etcd has ended at once', node: this.#node });
  }

  /** Told something several times, what it was told before the first time is what counts as before. */
  async #tell(edit: ((text: string) => string) | undefined): Promise<void> {
    const { commandBefore, ...description } = await this.#read();
    if (edit === undefined) {
      if (commandBefore !== undefined) await this.#write(description);
      return;
    }
    const { command } = JSON.parse(edit(JSON.stringify(description))) as ProcessDescription;
    if (!isDeepStrictEqual(command, description.command))
      await this.#write({ ...description, command, commandBefore: commandBefore ?? description.command });
  }

  async #pid(): Promise<number | undefined> {
    const description = await this.#read();
    const { process: described, command } = description;
    const running = described === undefined ? undefined : await processStart(root, described.pid);
    if (running !== undefined && running.startTime === described?.startTime) return described.pid;
    // One that was started by an agent that was killed before it could write that down.
    const orphan = await runningAs(command);
    return orphan === undefined ? undefined : await this.#record(description, orphan);
  }

  async #record(description: ProcessDescription, pid: number): Promise<number | undefined> {
    const started = await processStart(root, pid);
    if (started === undefined) return undefined;
    await this.#write({ ...description, process: { pid, startTime: started.startTime } });
    return pid;
  }

  get #file(): string {
    return join(this.#folder, 'etcd.json');
  }

  async #read(): Promise<ProcessDescription> {
    return JSON.parse(await readFile(this.#file, 'utf8')) as ProcessDescription;
  }

  async #write(description: ProcessDescription): Promise<void> {
    const part = `${this.#file}.part`;
    {
      await using file = await open(part, 'w');
      await file.writeFile(JSON.stringify(description, null, 2));
      await file.sync();
    }
    await rename(part, this.#file);
  }
}

/** The process with exactly this command line: its directories and ports make it this member's. */
async function runningAs(command: readonly string[]): Promise<number | undefined> {
  const wanted = command.map((word) => `${word}\0`).join('');
  for (const name of (await readdir('/proc')).filter((each) => /^\d+$/.test(each)))
    if ((await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')) === wanted) return Number(name);
  return undefined;
}

/** One that has gone since we looked is what is wanted. */
function signalled(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (thrown) {
    if (systemCode(thrown) !== 'ESRCH') throw thrown;
  }
}
