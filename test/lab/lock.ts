/** Exclusive locks that the kernel gives back when their holder dies, however it dies. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { say } from './progress.ts';

export interface LockOptions {
  readonly path: string;
  /** For the line that says what is waited for. */
  readonly protects: string;
}

/**
 * Does something while holding the lock on a file, waiting for as long as another process holds it, and saying so when it has to wait.
 *
 * Node has no flock(2), so a child holds it: its `cat` ends when our end of its standard input closes, which the kernel sees to even
 * after SIGKILL. The child has its own process group, so that Ctrl-C does not release the lock before we are done.
 */
export async function withLock<Result>(options: LockOptions, work: () => Promise<Result>): Promise<Result> {
  await mkdir(dirname(options.path), { recursive: true });
  const holder = spawn('flock', [options.path, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(holder, 'close');
  const patience = setTimeout(() => {
    say(`waiting for another process that holds ${options.protects} (lock ${options.path})`);
  }, 500);
  try {
    const held = await Promise.race([once(holder.stdout, 'data').then(() => true), closed.then(() => false)]);
    if (!held)
      throw new Failure({
        reason: 'no-lock',
        what: `cannot take the lock ${options.path}`,
        next: 'flock(1) of util-linux is needed',
      });
    clearTimeout(patience);
    return await work();
  } finally {
    clearTimeout(patience);
    holder.stdin.end();
    await closed;
  }
}
