import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf, systemCode } from '../../core/failure.ts';
import { lastWords } from './last-words.ts';
import { parseVersion } from './versions.ts';

const runFile = promisify(execFile);
const answerWithinMs = 5_000;

/** All that etcd's programs get of our environment: an ETCDCTL_ or LD_ variable of somebody's would change what they do. */
export const toolEnvironment: Readonly<Record<string, string>> = { ETCDCTL_API: '3' };

/**
 * Really runs `etcdutl version`, `etcdctl version` or `etcd --version`: a file of that name may be anything, of another architecture, or lack its
 * libraries. Takes five seconds at most.
 */
export async function askVersion(
  argv: readonly string[],
): Promise<{ readonly version: string } | { readonly why: string }> {
  const [program = '', ...rest] = argv;
  try {
    const { stdout } = await runFile(program, rest, {
      env: toolEnvironment,
      timeout: answerWithinMs,
      killSignal: 'SIGKILL',
      maxBuffer: 64 * 1024,
    });
    const version = /^etcd(?:ctl|utl)? version: (\S+)$/im.exec(stdout)?.[1];
    if (version !== undefined && parseVersion(version) !== undefined) return { version };
    return { why: 'does not say its version' };
  } catch (thrown) {
    return { why: `does not run: ${reasonOf(thrown)}` };
  }
}

function reasonOf(thrown: unknown): string {
  const failed = typeof thrown === 'object' && thrown !== null ? thrown : {};
  if ('killed' in failed && failed.killed === true) return `no answer within ${answerWithinMs / 1000} s`;
  // The kernel's word for a program whose loader is not there is the one for a missing file.
  if (systemCode(failed) === 'ENOENT') return 'its loader is not there (it is dynamically linked)';
  const said = 'stderr' in failed ? lastWords(String(failed.stderr)) : undefined;
  return said ?? systemCode(failed) ?? messageOf(thrown);
}
