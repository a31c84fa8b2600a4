import { mkdir, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, messageOf } from '../../core/failure.ts';
import { programVersion } from '../../core/version.ts';
import type { Configuration } from '../configuration.ts';
import { answers } from '../serve/server.ts';
import { unitName } from './places.ts';
import { leaveProgram, linkCommand } from './program.ts';
import type { ProgramSource } from './program.ts';
import { residenceOn } from './residence.ts';
import type { Residence } from './residence.ts';

const answersWithinMs = 30_000;
const lookEveryMs = 5_000;
/** After so many looks without an answer the agent is started anew. */
const silentLooks = 3;
/** So long an agent that was removed is let rest: whoever removed it is about to delete this keeper as well. */
const leavingMs = 60_000;

const lingerMs = 25_000;

/** As the image has it (Dockerfile). */
const image: ProgramSource = {
  folder: '/usr/local/lib/kubectl-etcd',
  node: '/usr/local/bin/node',
  libraryFolders: ['/lib64', '/lib', '/usr/lib'].flatMap((folder) => [
    folder,
    ...['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((architecture) => join(folder, architecture)),
  ]),
};

/**
 * The DaemonSet's pod: brings the agent to the node in its own version and sees to it that it serves there, until SIGTERM; the agent stays.
 * Where that cannot be, `serveHere` is called with the reason.
 * @returns the exit code.
 */
export async function keep(configuration: Configuration, serveHere: (why: string) => Promise<number>): Promise<number> {
  const { node, hostRoot, stateDirectory, socketPath } = configuration;
  const told = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => told.abort());
  await rm(leavingMark(socketPath), { force: true });
  let residence: Residence;
  try {
    residence = await residenceOn(configuration);
    const { changed } = await leaveProgram(image, stateDirectory);
    await linkCommand(hostRoot, stateDirectory);
    await residence.settle(changed || !(await answers(socketPath)));
    await untilAnswers(socketPath);
  } catch (thrown) {
    const why = thrown instanceof Failure ? [thrown.what, thrown.why].filter(Boolean).join(': ') : messageOf(thrown);
    say(`the agent cannot live on ${node} itself: ${why}; it serves from this pod`);
    return await serveHere(why);
  }
  say(`${programVersion} lives on ${node} (${residence.kind}) and answers on ${socketPath}`);
  await watch(residence, socketPath, told.signal);
  await bridgesDone();
  await rm(leavingMark(socketPath), { force: true });
  return 0;
}

/** Tells the keeper that silence is meant. */
export async function markLeaving(socketPath: string): Promise<void> {
  await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 });
  await writeFile(leavingMark(socketPath), '');
}

async function watch(residence: Residence, socketPath: string, told: AbortSignal): Promise<void> {
  for (let silent = 0; ;) {
    await sleep(lookEveryMs, undefined, { signal: told }).catch(() => undefined);
    if (told.aborted) return;
    silent = (await answers(socketPath)) || (await isLeaving(socketPath)) ? 0 : silent + 1;
    if (silent < silentLooks) continue;
    say('the agent does not answer; it is started anew');
    // systemd itself may be what does not answer. The next look is in a few seconds.
    await residence.settle(true).catch((thrown: unknown) => say(messageOf(thrown)));
    silent = 0;
  }
}

/** Streams through this container get time to end; the kubelet waits 30 s. */
async function bridgesDone(): Promise<void> {
  const endMs = performance.now() + lingerMs;
  while ((await bridgesHere()) > 0 && performance.now() < endMs) await sleep(200);
}

/** An exec's process sees the same mounts as its container, and no other does. */
async function bridgesHere(): Promise<number> {
  const own = await readlink('/proc/self/ns/mnt');
  const looks = (await readdir('/proc'))
    .filter((name) => /^\d+$/.test(name))
    .map(async (pid) => {
      const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
      return argv.at(-2) === 'bridge' && (await readlink(`/proc/${pid}/ns/mnt`)) === own;
    });
  // Processes come and go while we look.
  return (await Promise.allSettled(looks)).filter((look) => look.status === 'fulfilled' && look.value).length;
}

async function untilAnswers(socketPath: string): Promise<void> {
  const endMs = performance.now() + answersWithinMs;
  while (!(await answers(socketPath))) {
    if (performance.now() > endMs)
      throw new Failure({
        reason: 'resident-silent',
        what: `it does not answer within ${answersWithinMs / 1000} s of its start`,
        next: `on the node: journalctl -u ${unitName}`,
      });
    await sleep(200);
  }
}

async function isLeaving(socketPath: string): Promise<boolean> {
  const mark = await stat(leavingMark(socketPath)).catch(() => undefined);
  return mark !== undefined && Date.now() - mark.mtimeMs < leavingMs;
}

/** Beside the socket, which agent and keeper share and a reboot clears. */
function leavingMark(socketPath: string): string {
  return join(dirname(socketPath), 'leaving');
}

function say(line: string): void {
  process.stdout.write(`kubectl-etcd-agent keeper: ${line}\n`);
}
