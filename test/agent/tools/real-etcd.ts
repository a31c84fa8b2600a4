import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { etcdBinaries } from '../../lab/etcd-packages.ts';
import type { EtcdVersion } from '../../lab/where.ts';

/** The folder with the programs of one of Debian's etcds, and its exact version. */
export async function realEtcd(suite: EtcdVersion): Promise<{ readonly folder: string; readonly version: string }> {
  const folder = dirname((await etcdBinaries(suite)).binaries[0] ?? '');
  const said = execFileSync(join(folder, 'etcd'), ['--version'], { encoding: 'utf8' });
  return { folder, version: /^etcd Version: (\S+)$/m.exec(said)?.[1] ?? '' };
}

export interface RunningEtcd extends AsyncDisposable {
  readonly pid: number;
  readonly clientUrl: string;
  /** Runs etcdctl against it. @returns its standard output; throws with its standard error. */
  readonly ctl: (...argv: readonly string[]) => string;
}

/** Starts a member of a one-member cluster, by `argv` (the program and whatever stands before it), and waits until it is healthy. */
export async function startEtcd(options: {
  readonly argv: readonly string[];
  readonly folder: string;
  readonly dataDirectory: string;
  readonly name: string;
  readonly peerUrl: string;
  readonly flags?: readonly string[];
}): Promise<RunningEtcd> {
  const { argv, folder, dataDirectory, name, peerUrl, flags = [] } = options;
  const clientUrl = `http://127.0.0.1:${await freePort()}`;
  const [program = '', ...rest] = [
    ...argv,
    `--name=${name}`,
    `--data-dir=${dataDirectory}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=${name}=${peerUrl}`,
    ...flags,
  ];
  const etcd = spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  etcd.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4000);
  });
  await once(etcd, 'spawn');
  const ended = once(etcd, 'exit');
  for (const endMs = Date.now() + 20_000; ;) {
    const healthy = await fetch(`${clientUrl}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (healthy) break;
    if (etcd.exitCode !== null || Date.now() > endMs) {
      etcd.kill('SIGKILL');
      throw new Error(`etcd does not become healthy:\n${log}`);
    }
    await sleep(50);
  }
  return {
    pid: etcd.pid ?? 0,
    clientUrl,
    ctl: (...words) =>
      execFileSync(join(folder, 'etcdctl'), ['--endpoints', clientUrl, ...words], {
        encoding: 'utf8',
        env: { ETCDCTL_API: '3' },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    [Symbol.asyncDispose]: async () => {
      etcd.kill('SIGKILL');
      await ended;
    },
  };
}

/** Free right now, which is as near as one gets. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await server[Symbol.asyncDispose]();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
