/** One real agent as a process, enrolled, with no etcd beside it: for what others do to its port. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newKeys } from '../../core/access/certificates.ts';
import type { Credentials } from '../../core/access/certificates.ts';
import { authorityMessage, certificateReply } from '../../core/access/messages.ts';
import { accessPath } from '../../core/access/paths.ts';
import { answers } from '../../agent/serve/server.ts';
import { enrol } from '../../plugin/access/enrol.ts';
import { askAny } from '../../plugin/access/ask-agents.ts';
import { reachByAccessFile } from '../../plugin/link/access-file.ts';
import type { Reach } from '../../plugin/link/reach.ts';
import { agentProgram } from './local-cluster.ts';

export interface Person extends Credentials {
  readonly authority: string;
  readonly serial: string;
}

export class LoneAgent implements AsyncDisposable {
  readonly node: string;
  readonly directory: string;
  readonly port: number;
  readonly process: ChildProcess;
  readonly reach: Reach;
  authority: Credentials = { certificate: '', key: '' };

  private constructor(options: Pick<LoneAgent, 'node' | 'directory' | 'port' | 'process' | 'reach'>) {
    ({
      node: this.node,
      directory: this.directory,
      port: this.port,
      process: this.process,
      reach: this.reach,
    } = options);
  }

  static async start(environment: Record<string, string> = {}, node = 'cp1'): Promise<LoneAgent> {
    const directory = mkdtempSync('/tmp/kea-');
    const port = await freePort();
    const log = openSync(join(directory, 'agent.log'), 'a');
    const process_ = spawn(agentProgram, ['serve'], {
      env: {
        ...process.env,
        NODE_NAME: node,
        NODE_OPTIONS: '--max-semi-space-size=1',
        KUBECTL_ETCD_SOCKET: join(directory, 'agent.sock'),
        KUBECTL_ETCD_PROCESS_DIR: directory,
        KUBECTL_ETCD_STATE: join(directory, 'state'),
        KUBECTL_ETCD_LISTEN: '127.0.0.1',
        KUBECTL_ETCD_PORT: String(port),
        ...environment,
      },
      stdio: ['ignore', log, log],
    });
    await once(process_, 'spawn');
    const endMs = Date.now() + 10_000;
    while (!(await answers(join(directory, 'agent.sock')))) {
      if (Date.now() > endMs) throw new Error(readFileSync(join(directory, 'agent.log'), 'utf8'));
      await sleep(20);
    }
    const file = join(directory, 'sockets.json');
    const cluster = { name: 'local' };
    writeFileSync(file, JSON.stringify({ formatVersion: 1, cluster, nodes: [{ name: node, socket: 'agent.sock' }] }));
    const reach = await reachByAccessFile(file, AbortSignal.timeout(10_000));
    return new LoneAgent({ node, directory, port, process: process_, reach });
  }

  /** As `install` does it. */
  async enrol(): Promise<this> {
    const signal = AbortSignal.timeout(10_000);
    const { failures } = await enrol({ reach: this.reach, clusterName: 'local', apiServer: undefined, signal });
    for (const failure of failures.values()) throw failure;
    this.authority = await askAny(this.reach, { target: accessPath.authority, schema: authorityMessage }, signal);
    return this;
  }

  async person(name: string, lifeSeconds = 3_600): Promise<Person> {
    const { key, publicKey } = newKeys();
    const send = { method: 'POST', json: { publicKey, name, lifeSeconds } } as const;
    const signal = AbortSignal.timeout(10_000);
    const reply = await askAny(this.reach, { target: accessPath.certificates, schema: certificateReply, send }, signal);
    return { certificate: reply.certificate, key, authority: reply.authority, serial: reply.record.serial };
  }

  /** The most resident memory that the process ever had, its program's pages among them, in bytes. */
  get peakBytes(): number {
    const status = readFileSync(`/proc/${this.process.pid ?? 0}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const gone = once(this.process, 'exit');
      this.process.kill('SIGKILL');
      await gone;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  await using server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
