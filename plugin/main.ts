/** The composition root of `kubectl etcd`: wires the terminal, the signals and the commands, and is the only place that sets the exit code. */
import { Command, CommanderError } from 'commander';
import { exitCode, Failure } from '../core/failure.ts';
import { programVersion } from '../core/version.ts';
import { addInstall } from './commands/install.ts';
import { addLogs } from './commands/logs.ts';
import { addSnapshot } from './commands/snapshot.ts';
import { addStatus } from './commands/status.ts';
import type { Surroundings } from './commands/surroundings.ts';
import { addUninstall } from './commands/uninstall.ts';
import { addVersion } from './commands/version.ts';
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

const program = new Command('kubectl etcd')
  .usage('COMMAND [flags]')
  .description('Back up, inspect and recover the etcd of a Kubernetes cluster.')
  .version(programVersion, '--version', 'print the version of the plugin')
  .option('-v, --verbose', 'say more: reasons, causes, where defects arose')
  .helpCommand(false)
  .showSuggestionAfterError()
  .configureOutput({ writeOut: (text) => terminal.print(text), writeErr: (text) => terminal.note(text) })
  .exitOverride();
for (const add of [addInstall, addStatus, addSnapshot, addLogs, addVersion, addUninstall]) add(program, surroundings);

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

function report(thrown: unknown): number {
  // `commander.help` is what a command group says when it is called without a command: kubectl shows its help then, and is content.
  if (thrown instanceof CommanderError)
    return thrown.exitCode === 0 || thrown.code === 'commander.help' ? exitCode.done : exitCode.usage;
  const reason: unknown = interrupted.signal.aborted ? interrupted.signal.reason : thrown;
  const verbose = program.opts<{ verbose?: boolean }>().verbose === true;
  terminal.note(
    renderFailure(thrown instanceof Failure && thrown.exit === exitCode.interrupted ? thrown : reason, {
      verbose,
      paint: terminal.notePaint,
    }),
  );
  return reason instanceof Failure ? reason.exit : exitCode.failed;
}
