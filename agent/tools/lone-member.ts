import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, messageOf, systemCode } from '../../core/failure.ts';
import { MemberClient } from '../etcd/member-client.ts';
import { lastErrorOf } from '../host/last-error.ts';
import type { HostRoot } from '../host/root.ts';
import { holderOf } from '../steps/data-holder.ts';
import { toolEnvironment } from './ask-version.ts';
import type { EtcdProgram } from './find-etcd.ts';

/** Its index is built from the database first: seconds for a gigabyte. */
const readyWithinMs = 180_000;
const answerWithinMs = 2_000;
const stopsWithinMs = 30_000;
const lookEveryMs = 50;
/** Where memory runs out this goes first: it can be done again. Inherited it would be the agent's -950. */
const killedFirst = '900';
const keptOutput = 16 * 1024;

export interface LoneMember {
  readonly program: EtcdProgram;
  /** The copy that it runs on, and that is its own: as this process finds it. */
  readonly dataDir: string;
  readonly walDir: string | undefined;
  /** As the member is known; it says so of itself again. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  /** Nobody but root can look into it: its sockets are there. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * Runs etcd with --force-new-cluster on a copy of a member's data, alone: it listens on sockets in a folder of root's and nowhere else, so that no
 * client and no other member can take it for the member that it was copied from. It has ended when this returns, orderly, with all that it wrote on its way to the disk.
 * @param use what is done with it once it is ready: leader of itself, and confirming reads.
 * @throws {Failure} `lone-member-failed`, in etcd's own words.
 */
export async function withLoneMember<Result>(
  member: LoneMember,
  use: (client: MemberClient) => Promise<Result>,
): Promise<Result> {
  const { program, folder, signal } = member;
  const [path = '', ...words] = [...program.argvPrefix, program.path, ...flagsOf(member)];
  await dropSockets(folder);
  const child = spawn(path, words, { env: environment, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-keptOutput)));
  const gone = new AbortController();
  const hasEnded = () => gone.signal.aborted;
  let ending = '';
  const ended = new Promise<void>((resolve) => {
    child.once('error', (thrown) => {
      ending = messageOf(thrown);
      resolve();
    });
    child.once('close', (code, killedBy) => {
      ending = killedBy === null ? `it ended with exit code ${code}` : `it was killed by ${killedBy}`;
      resolve();
    });
  }).then(() => gone.abort());
  const failed = (why: string) =>
    new Failure({
      reason: 'lone-member-failed',
      what: `etcd ${program.version} does not run on a copy of the data with --force-new-cluster`,
      why: lastErrorOf(output.split('\n')) ?? why,
      next: 'the data itself is as it was: rollback, then recover from another member, or with --method restore',
    });
  try {
    if (child.pid !== undefined)
      await writeFile(`/proc/${child.pid}/oom_score_adj`, killedFirst).catch(() => undefined);
    using client = new MemberClient({ url: `unix:${join(folder, clientSocket)}`, credentials: {} });
    const endMs = performance.now() + readyWithinMs;
    for (;;) {
      if (hasEnded()) throw failed(ending);
      if (performance.now() > endMs) throw failed(`it is not ready after ${readyWithinMs / 1000} s`);
      if (await isReady(client)) break;
      await sleep(lookEveryMs, undefined, { signal });
    }
    const result = await use(client);
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(stopsWithinMs, undefined, { signal, ref: false })]);
    if (!hasEnded()) throw failed(`it does not end within ${stopsWithinMs / 1000} s`);
    return result;
  } finally {
    child.kill('SIGKILL');
    await ended;
    await dropSockets(folder);
  }
}

async function dropSockets(folder: string): Promise<void> {
  for (const socket of [clientSocket, peerSocket]) await rm(join(folder, socket), { force: true });
}

/**
 * Ends one that outlived the agent which had started it, killed: whoever has this copy open.
 * @param dataDir as this process finds it.
 */
export async function endLoneMember(dataDir: string, root: HostRoot): Promise<void> {
  const database = join(dataDir, 'member/snap/db');
  for (const endMs = performance.now() + stopsWithinMs; ;) {
    const pid = await holderOf(database, root);
    if (pid === undefined) return;
    if (performance.now() > endMs) throw new Error(`the process ${pid} still has ${database} open`);
    try {
      process.kill(pid, 'SIGKILL');
    } catch (thrown) {
      if (systemCode(thrown) !== 'ESRCH') throw thrown;
    }
    await sleep(lookEveryMs);
  }
}

/** etcd makes a socket's file of the host and the port, in its working directory: 3.4 takes no path. */
const clientSocket = 'client:0';
const peerSocket = 'peer:0';

/** etcd 3.4 refuses to run on arm64 unless told. */
const environment = {
  ...toolEnvironment,
  ...(process.arch === 'x64' ? {} : { ETCD_UNSUPPORTED_ARCH: process.arch }),
};

function flagsOf({ dataDir, walDir, name, peerUrls, clientUrls }: LoneMember): string[] {
  return [
    '--force-new-cluster',
    `--data-dir=${dataDir}`,
    ...(walDir === undefined ? [] : [`--wal-dir=${walDir}`]),
    `--name=${name}`,
    `--listen-client-urls=unix://${clientSocket}`,
    `--listen-peer-urls=unix://${peerSocket}`,
    // What it tells of itself goes into its data.
    `--advertise-client-urls=${clientUrls.join(',')}`,
    `--initial-advertise-peer-urls=${peerUrls.join(',')}`,
    `--initial-cluster=${peerUrls.map((url) => `${name}=${url}`).join(',')}`,
    // A database that is larger than the default would raise an alarm that stays.
    '--quota-backend-bytes=-1',
    // Members that were left over are removed, whether they were ever started or not.
    '--strict-reconfig-check=false',
  ];
}

async function isReady(client: MemberClient): Promise<boolean> {
  try {
    const { header, leader } = await client.status(answerWithinMs);
    return leader === header.memberId && 'revision' in (await client.confirmRead(answerWithinMs));
  } catch {
    return false;
  }
}
