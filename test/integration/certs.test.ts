/** Three real etcds over TLS: their certificates renewed one after the other while something writes, and all at once when all have expired. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { renewIn } from '../local/etcd-pki.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { runPlugin } from '../local/run-plugin.ts';

const yearMs = 365 * 24 * 3_600_000;
const names = ['n1', 'n2', 'n3'];
let work = '';
let etcdDirectory = '';
let cluster: LocalCluster;
beforeAll(async () => {
  work = mkdtempSync('/tmp/kec-');
  etcdDirectory = dirname((await etcdBinaries('3.5')).binaries[0] ?? '');
  cluster = await startLocalCluster({ directory: join(work, 'c'), etcdDirectory, tls: true, etcdTls: true });
}, 60_000);
afterAll(async () => {
  await cluster.stop();
  rmSync(work, { recursive: true, force: true });
});

const plugin = (...words: string[]) => runPlugin(words, { environment: cluster.environment, cwd: work });
const agreed = ['--yes', '--cluster-name', 'local'];
const file = (node: string, name: string) => join(cluster.member(node).directory, 'pki', name);
const serial = (node: string, name = 'server.crt') => new X509Certificate(readFileSync(file(node, name))).serialNumber;
const serials = () =>
  names.flatMap((node) => ['server.crt', 'peer.crt', 'healthcheck-client.crt'].map((name) => serial(node, name)));

function etcdctl(...words: string[]): string {
  const [first = ''] = names;
  const pki = [
    '--cacert',
    file(first, 'ca.crt'),
    '--cert',
    file(first, 'healthcheck-client.crt'),
    '--key',
    file(first, 'healthcheck-client.key'),
  ];
  const endpoints = names.map((name) => cluster.member(name).clientUrl).join(',');
  return execFileSync(
    join(etcdDirectory, 'etcdctl'),
    ['--endpoints', endpoints, ...pki, '--command-timeout=15s', ...words],
    {
      ...{ encoding: 'utf8', env: { ...process.env, ETCDCTL_API: '3' }, stdio: ['ignore', 'pipe', 'pipe'] },
    },
  );
}

test('check: every certificate of every node, and the agents’ own', async () => {
  const { code, stdout } = await plugin('certs', 'check', '-o', 'json');
  expect(code).toBe(0);
  const { certificates } = JSON.parse(stdout) as {
    certificates: { node: string; certificate: string; daysLeft: number }[];
  };
  expect(certificates.map(({ node, certificate }) => `${node} ${certificate}`)).toEqual(
    names.flatMap((node) =>
      ['etcd-server', 'etcd-peer', 'etcd-healthcheck-client', 'etcd-ca', 'agent', 'agent-ca'].map(
        (each) => `${node} ${each}`,
      ),
    ),
  );
  expect(Math.min(...certificates.map(({ daysLeft }) => daysLeft))).toBeGreaterThan(363);
  expect((await plugin('certs', 'check')).stdout).toMatch(
    /^local: 18 certificates are as they should be, the first expires in 36\d days\n/,
  );
});

test('a dry run shows the plan and touches nothing', async () => {
  const before = serials();
  const { code, stdout } = await plugin('certs', 'renew', '--dry-run');
  expect(code).toBe(0);
  expect(stdout).toMatch(/Renew 9 certificates of etcd on n1, n2, n3 of local/);
  expect(stdout).toMatch(/renew-3/);
  expect(serials()).toEqual(before);
});

test('one after the other: what is written meanwhile is there, and quorum never goes', async () => {
  const before = serials();
  const olds = statSync(file('n1', 'server.key'));
  let written = 0;
  let longestMs = 0;
  const done = new AbortController();
  const writing = (async () => {
    while (!done.signal.aborted) {
      const begunMs = performance.now();
      try {
        etcdctl('put', `/k/${written}`, 'v');
      } catch (thrown) {
        // etcdctl reads its pair anew each time, and just then it was being exchanged.
        if (/no such file|private key does not match/.test(String(thrown))) continue;
        throw thrown;
      }
      written += 1;
      longestMs = Math.max(longestMs, performance.now() - begunMs);
      await sleep(50);
    }
  })();
  const { code, stdout, stderr } = await plugin('certs', 'renew', ...agreed);
  done.abort();
  await writing;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toMatch(/^Renewed in .*Operation c-/);
  expect(serials().filter((each) => before.includes(each))).toEqual([]);
  expect(etcdctl('get', '/k/', '--prefix', '--count-only', '--write-out=fields')).toContain(`"Count" : ${written}`);
  expect(written).toBeGreaterThan(5);
  // The old ones are kept, for nobody else to read, and the new ones are as readable as they were.
  const id = /c-[0-9a-z]+/.exec(stdout)?.[0] ?? '';
  const old = file('n1', `.kubectl-etcd/${id}/old/server.key`);
  expect(statSync(old).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(old)).mode & 0o777).toBe(0o700);
  expect(statSync(file('n1', 'server.key')).mode).toBe(olds.mode);
  expect((await plugin('kept', 'list')).stdout).toMatch(/old certificates and keys/);
  expect((await plugin('doctor')).code).toBe(0);
}, 120_000);

test('expired on all nodes: no member reaches another, and renewing brings the cluster back', async () => {
  // The same revision as before, and one more write.
  for (const name of names) await cluster.killEtcd(name);
  for (const name of names) renewIn(join(cluster.member(name).directory, 'pki'), Date.now() - yearMs - 60_000);
  for (const name of names) await cluster.launchEtcd(name);
  await sleep(3_000);
  const sick = await plugin('doctor', '-o', 'json');
  const { findings } = JSON.parse(sick.stdout) as { findings: { rule: string; commands: string[] }[] };
  expect({ code: sick.code, first: findings[0]?.rule }).toEqual({ code: 4, first: 'quorum-lost' });
  expect(findings[0]?.commands[0]).toBe('kubectl etcd certs renew');
  expect((await plugin('certs', 'check')).code).toBe(1);
  const { code, stderr } = await plugin('certs', 'renew', ...agreed);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect((await plugin('certs', 'check')).code).toBe(0);
  expect(etcdctl('endpoint', 'health')).toMatch(/is healthy/);
  expect((await plugin('doctor')).code).toBe(0);
}, 120_000);

test('an authority whose key is gone on one node: nothing was stopped, and all is as it was', async () => {
  const before = names.map((node) => ({ serial: serial(node), mode: statSync(file(node, 'server.crt')).mode }));
  // It goes as soon as the plan is shown, or before that.
  const key = file('n3', 'ca.key');
  const kept = readFileSync(key);
  const ran = await runPlugin(['certs', 'renew', ...agreed], {
    environment: cluster.environment,
    meanwhile: (child) => child.stderr?.once('data', () => rmSync(key, { force: true })),
  });
  writeFileSync(key, kept, { mode: 0o600 });
  expect({ code: ran.code, stderr: ran.stderr }).toMatchObject({ code: 5 });
  expect(names.map((node) => ({ serial: serial(node), mode: statSync(file(node, 'server.crt')).mode }))).toEqual(
    before,
  );
  expect(JSON.parse((await plugin('operation', 'list', '-o', 'json')).stdout)).toMatchObject({
    operations: expect.not.arrayContaining([expect.objectContaining({ open: true })]),
  });
  expect((await plugin('doctor')).code).toBe(0);
}, 60_000);

test.each([
  ['gone on with', 'resume', [], true],
  ['rolled back', 'rollback', agreed, false],
])(
  'a plugin that is killed half-way: %s',
  async (_, verb, words, renewed) => {
    const before = serials();
    const ran = await runPlugin(['certs', 'renew', ...agreed], {
      environment: cluster.environment,
      meanwhile: (child) =>
        child.stderr?.on('data', (chunk: Buffer) => /renew-2 on/.test(chunk.toString()) && child.kill('SIGKILL')),
    });
    expect(ran.signal).toBe('SIGKILL');
    const listed = JSON.parse((await plugin('operation', 'list', '-o', 'json')).stdout) as {
      operations: { id: string; open: boolean }[];
    };
    const id = listed.operations.find(({ open }) => open)?.id ?? '';
    expect((await plugin('doctor')).stdout).toContain(`the operation ${id} is not finished`);
    const { code, stderr } = await plugin('operation', verb, id, ...words);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const same = serials().filter((each) => before.includes(each)).length;
    expect(same).toBe(renewed ? 0 : before.length);
    expect((await plugin('doctor')).code).toBe(0);
  },
  120_000,
);

test.each([
  ['a node that is not there', ['n9'], 2, 'unknown-node'],
  ['without a word of agreement', [], 5, 'not-confirmed'],
])('refused: %s', async (_, words, exit, reason) => {
  const before = serials();
  const { code, stderr } = await plugin('-v', 'certs', 'renew', ...words);
  expect({ code, told: stderr.includes(reason) }).toEqual({ code: exit, told: true });
  expect(serials()).toEqual(before);
});

test('refused: with one member down no other may be stopped, but the one that is down may be renewed', async () => {
  const pid = describedPid('n3');
  process.kill(pid, 'SIGKILL');
  await sleep(1_000);
  const all = await plugin('-v', 'certs', 'renew', 'n1', ...agreed);
  expect({ code: all.code, told: all.stderr.includes('no-member-to-spare') }).toEqual({ code: 5, told: true });
  const own = await plugin('certs', 'renew', 'n3', ...agreed);
  expect({ code: own.code, stderr: own.stderr }).toMatchObject({ code: 0 });
  expect((await plugin('doctor')).code).toBe(0);
}, 60_000);

/** An etcd that an agent has started is nobody's child here. */
function describedPid(name: string): number {
  const { process: described } = JSON.parse(
    readFileSync(join(cluster.member(name).directory, 'etcd.json'), 'utf8'),
  ) as {
    process: { pid: number };
  };
  return described.pid;
}
