import { spawn } from 'node:child_process';
import { open, readdir, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../core/failure.ts';
import { toolEnvironment } from './ask-version.ts';
import { lastWords } from './last-words.ts';

const lookEveryMs = 100;
/** nice(1)'s own default. The kernel takes the priority of reading and writing from it as well: the last but one of the usual class. */
const niceness = 10;
/** Where memory runs out, this goes first: it can be done again. Inherited it would be the agent's -950, the last. */
const killedFirst = '900';
const keptOutput = 16 * 1024;

export interface RestoreRun {
  readonly argv: readonly string[];
  /** The database that it writes. */
  readonly databasePath: string;
  /** With the bytes that the database has so far. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs the tool at a low priority, and brings what it writes to the disk as it goes: a gigabyte left to one fsync at the end would hold up every
 * fsync of the etcd that runs beside it. Aborting kills it.
 * @returns when it has ended: undefined when all went well, else why it did not, in its own words.
 */
export async function runRestore({ argv, databasePath, onBytes, signal }: RestoreRun): Promise<string | undefined> {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, { env: toolEnvironment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-keptOutput)));
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (thrown) => resolve(messageOf(thrown)));
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve(undefined);
      else if (killedBy !== null) resolve(`it was killed by ${killedBy}${killedBy === 'SIGKILL' ? whoKills : ''}`);
      else resolve(lastWords(output) ?? `it ended with exit code ${code}`);
    });
  });
  const kill = () => void child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  if (signal?.aborted === true) kill();
  try {
    const watching = new AbortController();
    const watched = watch({ pid: child.pid, databasePath, onBytes, signal: watching.signal, kill });
    void ended.then(() => watching.abort());
    // Whatever goes wrong in the watching, the tool is dead before anybody hears of it.
    await Promise.allSettled([ended, watched]);
    await watched;
    return await ended;
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}

const whoKills = ', as by the kernel when memory runs out: dmesg on the node';

async function watch({
  pid,
  databasePath,
  onBytes,
  signal,
  kill,
}: {
  readonly pid: number | undefined;
  readonly databasePath: string;
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
  readonly kill: () => void;
}): Promise<void> {
  if (pid === undefined) return;
  await writeFile(`/proc/${pid}/oom_score_adj`, killedFirst).catch(gone);
  let database: FileHandle | undefined;
  try {
    while (!signal.aborted) {
      await lowerPriority(pid);
      database ??= await open(databasePath, 'r').catch(gone);
      if (database !== undefined) {
        await database.datasync();
        onBytes((await database.stat()).size);
      }
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  } catch (thrown) {
    kill();
    throw thrown;
  } finally {
    await database?.close();
  }
}

/** Linux keeps a priority for each thread, and new ones take their maker's: those that the Go runtime made before the first look are lowered one by one. */
async function lowerPriority(pid: number): Promise<void> {
  for (const thread of (await readdir(`/proc/${pid}/task`).catch(gone)) ?? [])
    try {
      setPriority(Number(thread), niceness);
    } catch {
      // It has ended since.
    }
}

/** The process, or its file, is not there yet or no more: the next look, or its end, tells. */
function gone(): undefined {
  return undefined;
}
