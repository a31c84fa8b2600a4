import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure, messageOf } from '../../core/failure.ts';

const runFile = promisify(execFile);
const usualTimeoutMs = 60_000;

/** Runs a command of the host: with its files, its libraries and its namespaces. @returns its standard output. */
export type HostCommand = (argv: readonly string[]) => Promise<string>;

/**
 * @param onHost whether this process is one of the host's own; from a pod the way leads through `nsenter` into the namespaces of process 1.
 * @throws {Failure} `host-command-failed`, with what the command wrote on standard error.
 */
export function hostCommand(onHost: boolean): HostCommand {
  return async (argv) => {
    const whole = onHost
      ? argv
      : ['nsenter', '--target', '1', '--mount', '--uts', '--ipc', '--net', '--pid', '--', ...argv];
    const [program = '', ...rest] = whole;
    try {
      // The host's programs are found where hosts have them, whatever this process's own PATH says.
      const env = { ...process.env, PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
      return (await runFile(program, rest, { env, timeout: usualTimeoutMs })).stdout;
    } catch (thrown) {
      const said = thrown instanceof Error && 'stderr' in thrown ? String(thrown.stderr).trim() : '';
      throw new Failure({
        reason: 'host-command-failed',
        what: `${argv.join(' ')} failed on the host`,
        why: said === '' ? messageOf(thrown) : said,
        cause: thrown,
      });
    }
  };
}
