/**
 * The local mode: real etcd processes and real agents as plain processes on loopback, in one directory. No Kubernetes, no root, seconds to
 * start: for trying it out, for the integration tests, and for killing things at every step.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeEtcdPki, healthOverTls } from './etcd-pki.ts';
import { answers } from '../../agent/serve/server.ts';
import type { ProcessDescription } from '../../agent/host/process.ts';
import { enrol } from '../../plugin/access/enrol.ts';
import { issueAccess, writeAccessFile } from '../../plugin/access/issue-access.ts';
import { reachByAccessFile } from '../../plugin/link/access-file.ts';
import type { SocketAccess } from '../../plugin/link/access-file.ts';

const root = resolve(import.meta.dirname, '../..');
export const pluginProgram = join(root, 'dist/kubectl-etcd');
export const agentProgram = join(root, 'dist/kubectl-etcd-agent');

export interface LocalOptions {
  /** Everything is kept in here. Unix sockets are: keep it short. */
  readonly directory: string;
  /** The folder that holds etcd, etcdctl and (3.5 and later) etcdutl. */
  readonly etcdDirectory: string;
  readonly members?: number;
  readonly quotaBytes?: number;
  /** Over mutual TLS on loopback, as to the nodes of a real cluster; else over unix sockets. */
  readonly tls?: boolean;
  /** etcd itself speaks TLS to clients and peers, with certificates as kubeadm makes them, in each member's folder `pki`. */
  readonly etcdTls?: boolean;
}

export interface LocalMember {
  readonly name: string;
  readonly clientUrl: string;
  readonly directory: string;
  readonly socketPath: string;
  /** Where its agent listens for other machines. */
  readonly agentPort: number;
  etcd: ChildProcess;
  agent: ChildProcess;
}

/** Starts one etcd and one agent a member, and waits until all of them answer. Stop it in a `finally`. */
export async function startLocalCluster(options: LocalOptions): Promise<LocalCluster> {
  const { directory, members = 3 } = options;
  await mkdir(directory, { recursive: true });
  const ports = await freePorts(members * 3);
  const cluster = new LocalCluster(options, ports);
  try {
    await cluster.startAll();
  } catch (thrown) {
    await cluster.stop();
    throw thrown;
  }
  return cluster;
}

export class LocalCluster implements AsyncDisposable {
  readonly directory: string;
  /** The way to the agents that was asked for. */
  readonly accessFile: string;
  /** Over their unix sockets: root's on a node. */
  readonly socketAccessFile: string;
  readonly members: LocalMember[] = [];
  readonly #options: LocalOptions;
  readonly #ports: readonly number[];

  constructor(options: LocalOptions, ports: readonly number[]) {
    this.directory = resolve(options.directory);
    this.accessFile = join(this.directory, 'access.json');
    this.socketAccessFile = options.tls === true ? join(this.directory, 'sockets.json') : this.accessFile;
    this.#options = options;
    this.#ports = ports;
  }

  async startAll(): Promise<void> {
    const names = Array.from({ length: this.#options.members ?? 3 }, (_, index) => `n${index + 1}`);
    if (this.#options.etcdTls === true) makeEtcdPki(names.map((name) => join(this.directory, name, 'pki')));
    for (const name of names) {
      const directory = join(this.directory, name);
      await mkdir(directory, { recursive: true });
      const member = {
        name,
        directory,
        clientUrl: this.#clientUrl(name),
        socketPath: join(directory, 'agent.sock'),
        agentPort: this.#port(name, 2),
      };
      this.members.push({
        ...member,
        etcd: await this.#startEtcd(name, directory),
        agent: await this.#startAgent(name, directory),
      });
    }
    const access: SocketAccess = {
      formatVersion: 1,
      cluster: { name: 'local' },
      nodes: names.map((name) => ({ name, socket: join(name, 'agent.sock') })),
    };
    await writeFile(this.socketAccessFile, `${JSON.stringify(access, null, 2)}\n`, { mode: 0o600 });
    await Promise.all(this.members.map((member) => this.#untilHealthy(member)));
    if (this.#options.tls === true) await this.#enrol();
  }

  /** What `install` does to the nodes of a cluster. */
  async #enrol(): Promise<void> {
    const signal = AbortSignal.timeout(20_000);
    const reach = await reachByAccessFile(this.socketAccessFile, signal);
    const { failures } = await enrol({ reach, clusterName: 'local', apiServer: undefined, signal });
    for (const failure of failures.values()) throw failure;
    const { access } = await issueAccess({
      reach,
      holder: 'tester@local',
      lifeSeconds: 365 * 86_400,
      apiServer: undefined,
      signal,
    });
    await writeAccessFile(this.accessFile, access, 'always');
  }

  /** Environment for the plugin: it reaches these agents and no Kubernetes. */
  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, KUBECTL_ETCD_ACCESS: this.accessFile };
  }

  member(name: string): LocalMember {
    const found = this.members.find((member) => member.name === name);
    if (found === undefined) throw new Error(`no member ${name}`);
    return found;
  }

  /** Really kills it, also one that an agent has started, and waits until it is gone. */
  async killEtcd(name: string): Promise<void> {
    const { etcd, directory } = this.member(name);
    await killed(etcd);
    await killDescribed(join(directory, 'etcd.json'));
  }

  /** Its disk is lost: nobody notices before etcd is started again. */
  async loseData(name: string): Promise<void> {
    await this.killEtcd(name);
    await rm(join(this.member(name).directory, 'data'), { recursive: true, force: true });
  }

  async restartEtcd(name: string): Promise<void> {
    const member = this.member(name);
    member.etcd = await this.#startEtcd(name, member.directory);
    await this.#untilHealthy(member);
  }

  /** As its description says, which an operation may have changed; does not wait. */
  async launchDescribed(name: string): Promise<void> {
    const member = this.member(name);
    const file = join(member.directory, 'etcd.json');
    const description = JSON.parse(await readFile(file, 'utf8')) as ProcessDescription;
    const logFile = join(member.directory, 'etcd.log');
    member.etcd = await start(description.command, {}, logFile);
    const described = await describeProcess([...description.command], logFile, member.etcd);
    await writeFile(file, JSON.stringify({ ...description, ...described }, null, 2));
  }

  /** Starts it, and does not wait for what may never come: a member whose cluster is gone is not healthy. */
  async launchEtcd(name: string): Promise<void> {
    const member = this.member(name);
    member.etcd = await this.#startEtcd(name, member.directory);
  }

  /** Waits until these serve: they have a leader, and a read goes through it. */
  async untilHealthy(...names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#untilHealthy(this.member(name))));
  }

  async killAgent(name: string): Promise<void> {
    await killed(this.member(name).agent);
  }

  /** Agent and etcd are gone at once, also an etcd that an agent has started. */
  async powerOff(name: string): Promise<void> {
    await this.killAgent(name);
    await this.killEtcd(name);
    await killDescribed(join(this.member(name).directory, 'etcd.json'));
  }

  /** @param environment on top of what it had. */
  async restartAgent(name: string, environment: Record<string, string> = {}): Promise<void> {
    const member = this.member(name);
    member.agent = await this.#startAgent(name, member.directory, environment);
    await untilSocket(member.socketPath);
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.flatMap(({ etcd, agent }) => [killed(agent), killed(etcd)]));
    // A restore has put others in their place, which agents have started.
    await Promise.all(this.members.map(({ directory }) => killDescribed(join(directory, 'etcd.json'))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #startEtcd(name: string, directory: string): Promise<ChildProcess> {
    const peers = Array.from(
      { length: this.#options.members ?? 3 },
      (_, index) => `n${index + 1}=${this.#peerUrl(`n${index + 1}`)}`,
    );
    const command = [
      join(this.#options.etcdDirectory, 'etcd'),
      `--name=${name}`,
      `--data-dir=${join(directory, 'data')}`,
      `--listen-client-urls=${this.#clientUrl(name)}`,
      `--advertise-client-urls=${this.#clientUrl(name)}`,
      `--listen-peer-urls=${this.#peerUrl(name)}`,
      `--initial-advertise-peer-urls=${this.#peerUrl(name)}`,
      `--initial-cluster=${peers.join(',')}`,
      '--initial-cluster-token=local',
      ...this.#tlsFlags(directory),
      ...(this.#options.quotaBytes === undefined ? [] : [`--quota-backend-bytes=${this.#options.quotaBytes}`]),
    ];
    const logFile = join(directory, 'etcd.log');
    const etcd = await start(command, {}, logFile);
    await writeFile(
      join(directory, 'etcd.json'),
      JSON.stringify(await describeProcess(command, logFile, etcd), null, 2),
    );
    return etcd;
  }

  async #startAgent(name: string, directory: string, more: Record<string, string> = {}): Promise<ChildProcess> {
    const environment = {
      NODE_NAME: name,
      KUBECTL_ETCD_SOCKET: join(directory, 'agent.sock'),
      KUBECTL_ETCD_PROCESS_DIR: directory,
      KUBECTL_ETCD_STATE: join(directory, 'state'),
      KUBECTL_ETCD_LISTEN: '127.0.0.1',
      KUBECTL_ETCD_PORT: String(this.#port(name, 2)),
      ...more,
    };
    return start([agentProgram, 'serve'], environment, join(directory, 'agent.log'));
  }

  async #untilHealthy({ name, clientUrl, etcd, directory, socketPath }: LocalMember): Promise<void> {
    const endMs = Date.now() + 30_000;
    for (;;) {
      const answer =
        this.#options.etcdTls === true
          ? await healthOverTls(clientUrl, join(directory, 'pki'))
          : await fetch(`${clientUrl}/health`).then(
              (reply) => reply.json() as Promise<{ health?: string }>,
              () => undefined,
            );
      if (answer?.health === 'true') break;
      if (etcd.exitCode !== null || Date.now() > endMs)
        throw new Error(
          `etcd ${name} does not become healthy:\n${(await readFile(join(directory, 'etcd.log'), 'utf8')).slice(-2000)}`,
        );
      await sleep(50);
    }
    await untilSocket(socketPath);
  }

  #tlsFlags(directory: string): string[] {
    if (this.#options.etcdTls !== true) return [];
    const file = (name: string) => join(directory, 'pki', name);
    return [
      ...[`--cert-file=${file('server.crt')}`, `--key-file=${file('server.key')}`, '--client-cert-auth=true'],
      ...[
        `--peer-cert-file=${file('peer.crt')}`,
        `--peer-key-file=${file('peer.key')}`,
        '--peer-client-cert-auth=true',
      ],
      ...[`--trusted-ca-file=${file('ca.crt')}`, `--peer-trusted-ca-file=${file('ca.crt')}`],
    ];
  }

  get #scheme(): string {
    return this.#options.etcdTls === true ? 'https' : 'http';
  }

  #clientUrl(name: string): string {
    return `${this.#scheme}://127.0.0.1:${this.#port(name, 0)}`;
  }

  #peerUrl(name: string): string {
    return `${this.#scheme}://127.0.0.1:${this.#port(name, 1)}`;
  }

  /** Each member has three: etcd's two, and its agent's. */
  #port(name: string, which: 0 | 1 | 2): number {
    return this.#ports[(Number(name.slice(1)) - 1) * 3 + which] ?? 0;
  }
}

/** What agent/host/process.ts reads: how this etcd was started, and which process it is. */
async function describeProcess(command: string[], logFile: string, { pid }: ChildProcess): Promise<ProcessDescription> {
  return { command, logFile, process: { pid: pid ?? 0, startTime: await startTimeTicks(pid ?? 0) } };
}

/** Field 22 of /proc/PID/stat: with it a process id names one process for as long as the machine runs. */
async function startTimeTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

async function start(
  command: readonly string[],
  environment: Record<string, string>,
  logFile: string,
): Promise<ChildProcess> {
  await using log = await open(logFile, 'a');
  const [program = '', ...flags] = command;
  const child = spawn(program, flags, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
  });
  await once(child, 'spawn');
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function killDescribed(file: string): Promise<void> {
  const { process: described } = JSON.parse(await readFile(file, 'utf8')) as ProcessDescription;
  if (described === undefined) return;
  const started = await startTimeTicks(described.pid).catch(() => undefined);
  if (started !== described.startTime) return;
  process.kill(described.pid, 'SIGKILL');
  while ((await startTimeTicks(described.pid).catch(() => undefined)) === described.startTime) {
    // Its parent, which may be this process, has not heard of it yet.
    if (/^\d+ \(.*\) Z/.test(await readFile(`/proc/${described.pid}/stat`, 'utf8').catch(() => ''))) return;
    await sleep(10);
  }
}

async function untilSocket(socketPath: string): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (!(await answers(socketPath))) {
    if (Date.now() > endMs) throw new Error(`no agent listens on ${socketPath}`);
    await sleep(50);
  }
}

/** Ports that nobody uses right now. They are let go before etcd takes them, which is as near as one gets. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  return ports;
}
