/** The composition root of `kubectl etcd`: wires the terminal, the signals and the commands, and is the only place that sets the exit code. */
import { CommanderError } from 'commander';
import { exitCode, Failure } from '../core/failure.ts';
import { kubectlEtcd } from './commands/program.ts';
import type { Surroundings } from './commands/surroundings.ts';
import { renderFailure } from './report/failure.ts';
import { Terminal } from './report/terminal.ts';

const terminal = new Terminal({
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
const interrupted = new AbortController();
let exit: number = exitCode.done;

const surroundings: Surroundings = {
  terminal,
  environment: process.env,
  signal: interrupted.signal,
  run: async (action) => {
    exit = await action();
  },
};

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => {
    // The second of its kind finds no handler here and ends the process at once.
    interrupted.abort(new Failure({ reason: 'interrupted', what: 'interrupted', exit: exitCode.interrupted }));
  });

const program = kubectlEtcd(surroundings);

void main();

async function main(): Promise<void> {
  for (const step of [() => program.parseAsync(), () => terminal.flush()]) {
    try {
      await step();
    } catch (thrown) {
      exit = report(thrown);
    }
  }
  process.exitCode = exit;
  // Connections that are still closing must not hold the prompt; all output has been flushed.
  setTimeout(() => process.exit(), 200).unref();
}

const ownWords: ReadonlySet<number> = new Set([exitCode.interrupted, exitCode.resumable]);

function report(thrown: unknown): number {
  // What commander throws in place of leaving, after --help and --version; wrong usage is a Failure (see program.ts).
  if (thrown instanceof CommanderError) return exitCode.done;
  // What was interrupted may know more than that: how to go on.
  const told = thrown instanceof Failure && ownWords.has(thrown.exit);
  const reason: unknown = interrupted.signal.aborted && !told ? interrupted.signal.reason : thrown;
  const verbose = program.opts<{ verbose?: boolean }>().verbose === true;
  terminal.note(renderFailure(reason, { verbose, paint: terminal.notePaint }));
  return reason instanceof Failure ? reason.exit : exitCode.failed;
}
