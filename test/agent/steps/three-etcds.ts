/** A cluster of three real etcds without agents, which can be killed one by one. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { realEtcd, freePort } from '../tools/real-etcd.ts';
import type { EtcdVersion } from '../../lab/where.ts';

export type Name = 'n1' | 'n2' | 'n3';
export const names: readonly Name[] = ['n1', 'n2', 'n3'];

interface Place {
  readonly clientUrl: string;
  readonly peerUrl: string;
  readonly dataDir: string;
  readonly walDir: string | undefined;
}

export class ThreeEtcds implements AsyncDisposable {
  readonly work: string;
  readonly folder: string;
  readonly version: string;
  readonly places: ReadonlyMap<Name, Place>;
  readonly #running = new Map<Name, ChildProcess>();

  private constructor(parts: Pick<ThreeEtcds, 'work' | 'folder' | 'version' | 'places'>) {
    ({ work: this.work, folder: this.folder, version: this.version, places: this.places } = parts);
  }

  static async start(suite: EtcdVersion, { walDir = false }: { readonly walDir?: boolean } = {}): Promise<ThreeEtcds> {
    const work = mkdtempSync('/tmp/three-');
    const { folder, version } = await realEtcd(suite);
    const places = new Map<Name, Place>();
    for (const name of names)
      places.set(name, {
        clientUrl: `http://127.0.0.1:${await freePort()}`,
        peerUrl: `http://127.0.0.1:${await freePort()}`,
        dataDir: join(work, name),
        walDir: walDir ? join(work, `${name}-wal`) : undefined,
      });
    const cluster = new ThreeEtcds({ work, folder, version, places });
    const all = names.map((name) => `${name}=${cluster.place(name).peerUrl}`).join(',');
    for (const name of names) cluster.launch(name, [`--initial-cluster=${all}`]);
    await Promise.all(names.map((name) => cluster.untilHealthy(name)));
    return cluster;
  }

  place(name: Name): Place {
    const found = this.places.get(name);
    if (found === undefined) throw new Error(name);
    return found;
  }

  /** Starts a member, on what it has. */
  launch(name: Name, flags: readonly string[] = []): void {
    const { clientUrl, peerUrl, dataDir, walDir } = this.place(name);
    const log = openSync(join(this.work, `${name}.log`), 'a');
    const words = [
      ...[`--name=${name}`, `--data-dir=${dataDir}`, ...(walDir === undefined ? [] : [`--wal-dir=${walDir}`])],
      ...[`--listen-client-urls=${clientUrl}`, `--advertise-client-urls=${clientUrl}`],
      ...[`--listen-peer-urls=${peerUrl}`, `--initial-advertise-peer-urls=${peerUrl}`],
      ...(flags.length > 0 ? flags : [`--initial-cluster=${name}=${peerUrl}`, '--initial-cluster-state=existing']),
    ];
    this.#running.set(name, spawn(join(this.folder, 'etcd'), words, { stdio: ['ignore', log, log] }));
  }

  async untilHealthy(name: Name): Promise<void> {
    for (const endMs = Date.now() + 30_000; ;) {
      const healthy = await fetch(`${this.place(name).clientUrl}/health`).then(
        async (reply) => (await reply.text()).includes('"true"'),
        () => false,
      );
      if (healthy) return;
      const child = this.#running.get(name);
      if (Date.now() > endMs || child?.exitCode !== null)
        throw new Error(`${name} is not healthy: ${readFileSync(join(this.work, `${name}.log`), 'utf8').slice(-3000)}`);
      await sleep(50);
    }
  }

  async kill(name: Name, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#running.get(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** @throws with etcdctl's standard error. */
  ctl(name: Name, ...words: readonly string[]): string {
    return execFileSync(join(this.folder, 'etcdctl'), ['--endpoints', this.place(name).clientUrl, ...words], {
      encoding: 'utf8',
      env: { ETCDCTL_API: '3' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Over the gateway: hundreds of writes in a second. @returns whether it was acknowledged. */
  async put(name: Name, key: string, timeoutMs = 2_000): Promise<boolean> {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const body = JSON.stringify({ key: base64(key), value: base64('x') });
    const signal = AbortSignal.timeout(timeoutMs);
    return fetch(`${this.place(name).clientUrl}/v3/kv/put`, { method: 'POST', body, signal }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  keys(name: Name): string[] {
    return this.ctl(name, 'get', '', '--prefix', '--keys-only', '--consistency=s').split('\n').filter(Boolean);
  }

  /** `ID NAME`, the cluster's id first. */
  members(name: Name): { readonly clusterId: string; readonly members: readonly { id: string; name: string }[] } {
    const text = this.ctl(name, 'member', 'list', '-w', 'json').replaceAll(/":(\d{15,20})/g, '":"$1"');
    const { header, members } = JSON.parse(text) as {
      header: { cluster_id: string };
      members: { ID: string; name: string }[];
    };
    const hex = (id: string) => BigInt(id).toString(16);
    return {
      clusterId: hex(header.cluster_id),
      members: members.map(({ ID, name: its }) => ({ id: hex(ID), name: its })),
    };
  }

  leader(): Name {
    const found = names.find((name) => {
      const text = this.ctl(name, 'endpoint', 'status', '-w', 'json').replaceAll(/":(\d{15,20})/g, '":"$1"');
      const [status] = JSON.parse(text) as { Status: { leader: string; header: { member_id: string } } }[];
      return status?.Status.leader === status?.Status.header.member_id;
    });
    if (found === undefined) throw new Error('nobody leads');
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(names.map((name) => this.kill(name)));
    rmSync(this.work, { recursive: true, force: true });
  }
}
