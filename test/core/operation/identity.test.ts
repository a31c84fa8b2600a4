/** Who the members of a restored cluster are, said before there is one: held to the ids that etcd's own tools give, as etcd itself then lists them. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { identityOf, initialCluster } from '../../../core/operation/identity.ts';
import { clusterIdentity } from '../../../core/operation/steps.ts';
import * as v from 'valibot';
import { etcdBinaries } from '../../lab/etcd-packages.ts';
import { etcdVersions } from '../../lab/where.ts';

const work = mkdtempSync('/tmp/identity-');
const running: ChildProcess[] = [];
afterAll(async () => {
  for (const child of running) {
    const gone = once(child, 'exit');
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await gone;
  }
  rmSync(work, { recursive: true, force: true });
});

const fixtures = resolve(import.meta.dirname, '../snapshot/fixtures');
const environment = { ...process.env, ETCDCTL_API: '3' };

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  return ports;
}

/** Restores a snapshot for each, starts them all, and has one list them: `NAME ID URL,URL`, after the cluster's id. */
async function listedByEtcd(
  version: (typeof etcdVersions)[number],
  members: readonly { readonly name: string; readonly peerUrls: readonly string[] }[],
  clientPorts: readonly number[],
): Promise<string[]> {
  const bin = dirname((await etcdBinaries(version)).binaries[0] ?? '');
  const tool = join(bin, version === '3.4' ? 'etcdctl' : 'etcdutl');
  const snapshot = join(fixtures, version === '3.4' ? 'etcd-3.4.db' : 'etcd-3.5.db');
  const cluster = initialCluster({
    clusterId: '0',
    members: members.map((each) => ({ ...each, id: '0', peerUrls: [...each.peerUrls] })),
  });
  for (const [at, { name, peerUrls }] of members.entries()) {
    const data = join(work, version, name);
    const urls = `--initial-advertise-peer-urls=${peerUrls.join(',')}`;
    const all = [`--initial-cluster=${cluster}`, '--initial-cluster-token=r-7kq2m', `--name=${name}`, urls];
    execFileSync(tool, ['snapshot', 'restore', snapshot, `--data-dir=${data}`, ...all], {
      env: environment,
      stdio: 'pipe',
    });
    const client = `http://127.0.0.1:${clientPorts[at] ?? 0}`;
    const own = [`--data-dir=${data}`, `--listen-client-urls=${client}`, `--advertise-client-urls=${client}`];
    const peers = `--listen-peer-urls=${peerUrls.join(',')}`;
    running.push(
      spawn(join(bin, 'etcd'), [...own, peers, ...all, '--initial-cluster-state=existing'], { stdio: 'ignore' }),
    );
  }
  const ask = () =>
    execFileSync(
      join(bin, 'etcdctl'),
      [`--endpoints=http://127.0.0.1:${clientPorts[0] ?? 0}`, 'member', 'list', '-w', 'fields'],
      {
        env: environment,
        encoding: 'utf8',
        stdio: 'pipe',
      },
    );
  const endMs = Date.now() + 20_000;
  for (;;) {
    try {
      const listed = readFieldsOf(ask());
      // Each makes its name known by itself, a moment after it has started.
      if (listed.every((line) => !line.startsWith(' '))) return listed;
      if (Date.now() > endMs) return listed;
      await sleep(200);
    } catch (thrown) {
      if (Date.now() > endMs) throw thrown;
      await sleep(200);
    }
  }
}

function readFieldsOf(text: string): string[] {
  const hex = (decimal: string | undefined) => BigInt(decimal ?? 0).toString(16);
  const members = text.split(/^(?="ID" )/m).slice(1);
  return [
    `cluster ${hex(/"ClusterID" : (\d+)/.exec(text)?.[1])}`,
    ...members
      .map((member) => {
        const urls = [...member.matchAll(/"PeerURL" : "([^"]+)"/g)].map(([, url]) => url);
        return `${/"Name" : "([^"]*)"/.exec(member)?.[1] ?? ''} ${hex(/"ID" : (\d+)/.exec(member)?.[1])} ${urls.sort().join(',')}`;
      })
      .sort(),
  ];
}

describe.each(etcdVersions)('etcd %s', (version) => {
  test('three members, one of them with several peer URLs', async () => {
    const ports = await freePorts(8);
    const url = (at: number) => `http://127.0.0.1:${ports[at] ?? 0}`;
    const members = [
      { name: 'n1', peerUrls: [url(0)] },
      // The later one first: etcd sorts them.
      { name: 'n2', peerUrls: [url(1), url(2), url(3)].sort().reverse() },
      { name: 'n3', peerUrls: [url(4)] },
    ];
    const said = identityOf(members, 'r-7kq2m');
    expect(await listedByEtcd(version, members, ports.slice(5))).toEqual([
      `cluster ${said.clusterId}`,
      ...said.members.map(({ name, id, peerUrls }) => `${name} ${id} ${[...peerUrls].sort().join(',')}`),
    ]);
  });
});

const url = fc
  .tuple(fc.nat(255), fc.integer({ min: 1, max: 65_535 }))
  .map(([host, port]) => `https://10.0.0.${host}:${port}`);
const members = fc.uniqueArray(
  fc.record({
    name: fc.string({ minLength: 1, maxLength: 8 }),
    peerUrls: fc.uniqueArray(url, { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 5, selector: ({ name }) => name },
);

test('neither the order of the members nor that of their URLs counts; the token does', () => {
  fc.assert(
    fc.property(members, fc.string(), (some, token) => {
      const said = identityOf(some, token);
      expect(v.is(clusterIdentity, said)).toBe(true);
      const turned = identityOf(
        some.toReversed().map(({ name, peerUrls }) => ({ name, peerUrls: peerUrls.toReversed() })),
        token,
      );
      expect(turned.clusterId).toBe(said.clusterId);
      expect(new Map(turned.members.map(({ name, id }) => [name, id]))).toEqual(
        new Map(said.members.map(({ name, id }) => [name, id])),
      );
      expect(identityOf(some, `${token}2`).clusterId).not.toBe(said.clusterId);
    }),
  );
});

test('an initial cluster names a member once for each of its URLs', () => {
  const identity = identityOf(
    [
      { name: 'a', peerUrls: ['https://1:1', 'https://2:1'] },
      { name: 'b', peerUrls: ['https://3:1'] },
    ],
    't',
  );
  expect(initialCluster(identity)).toBe('a=https://1:1,a=https://2:1,b=https://3:1');
});
