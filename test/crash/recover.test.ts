/**
 * Quorum lost in the local mode: real etcd, real agents, the real plugin, real SIGKILLs. Afterwards one cluster serves everything that the survivor
 * knew to be committed, under the same cluster and member id, and those that were left out are stopped when they come back.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJournal } from '../../core/operation/journal.ts';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import type { EtcdVersion } from '../lab/where.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { runPlugin } from '../local/run-plugin.ts';
import type { Ran } from '../local/run-plugin.ts';

const everything = process.env['KUBECTL_ETCD_TEST_ALL'] === 'yes';
const consent = ['--yes', '--cluster-name', 'local'];
const names = ['n1', 'n2', 'n3'];

let work: string;
let etcdDirectory: string;
let cluster: LocalCluster;

const plugin = (...argv: string[]) => runPlugin(argv, { environment: cluster.environment, cwd: work });
const recover = (...argv: string[]) => plugin('recover', ...consent, ...argv);
const etcdctl = (name: string, ...argv: string[]) =>
  execFileSync(join(etcdDirectory, 'etcdctl'), ['--endpoints', cluster.member(name).clientUrl, ...argv], {
    encoding: 'utf8',
    env: { ...process.env, ETCDCTL_API: '3' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
const keysOn = (name: string) =>
  etcdctl(name, 'get', '', '--prefix', '--keys-only', '--consistency=s').split('\n').filter(Boolean).sort();

async function start(version: EtcdVersion = '3.5'): Promise<void> {
  work = mkdtempSync('/tmp/keq-');
  etcdDirectory = dirname((await etcdBinaries(version)).binaries[0] ?? '');
  cluster = await startLocalCluster({ directory: join(work, 'c'), etcdDirectory, tls: true });
  // The agents keep the version of an etcd that they have seen run.
  await sleep(500);
}
afterEach(async () => {
  await cluster.stop();
  rmSync(work, { recursive: true, force: true });
});

function expectCode(ran: Ran, code: number): Ran {
  if (ran.code !== code) throw new Error(`exit code ${ran.code}, not ${code}: ${ran.stdout}${ran.stderr}`);
  return ran;
}

async function powerOff(...off: string[]): Promise<void> {
  for (const name of off) await cluster.killAgent(name);
  for (const name of off) await cluster.killEtcd(name);
}

/** Over the gateway, as quickly as it goes. @returns the keys that were acknowledged. */
async function write(name: string, prefix: string, count: number, timeoutMs = 2_000): Promise<string[]> {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const acknowledged: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const body = JSON.stringify({ key: base64(`${prefix}${at}`), value: base64('x') });
    const signal = AbortSignal.timeout(timeoutMs);
    const ok = await fetch(`${cluster.member(name).clientUrl}/v3/kv/put`, { method: 'POST', body, signal }).then(
      (reply) => reply.ok,
      () => false,
    );
    if (ok) acknowledged.push(`${prefix}${at}`);
  }
  return acknowledged;
}

interface Identity {
  readonly clusterId: string;
  readonly members: readonly string[];
}

function identity(name: string): Identity {
  const text = etcdctl(name, 'member', 'list', '-w', 'json').replaceAll(/":(\d{15,20})/g, '":"$1"');
  const { header, members } = JSON.parse(text) as {
    header: { cluster_id: string };
    members: { ID: string; name: string }[];
  };
  return { clusterId: header.cluster_id, members: members.map((member) => `${member.name} ${member.ID}`).sort() };
}

/** It serves alone, as who it was, takes writes, and is the same after it was killed once more. */
async function expectAlone(name: string, before: Identity, keys: readonly string[]): Promise<void> {
  const own = before.members.filter((member) => member.startsWith(`${name} `));
  expect(identity(name)).toEqual({ clusterId: before.clusterId, members: own });
  expect(keysOn(name)).toEqual(expect.arrayContaining([...keys]));
  expect(await write(name, '/after/', 3)).toHaveLength(3);
  expect(keysOn(name).filter((key) => key.startsWith('/after/'))).toHaveLength(3);
  // Nothing that runs, and nothing that says how it is run, has the flag.
  const described = readFileSync(join(work, 'c', name, 'etcd.json'), 'utf8');
  expect(described).not.toContain('force-new-cluster');
  const { process: running } = JSON.parse(described) as { process: { pid: number } };
  expect(readFileSync(`/proc/${running.pid}/cmdline`, 'utf8')).not.toContain('force-new-cluster');
}

const operationsOn = (name: string) => {
  const folder = join(work, 'c', name, 'state/operations');
  return existsSync(folder) ? readdirSync(folder).filter((id) => /^v-/.test(id)) : [];
};

async function untilBegun(step: string): Promise<string> {
  const [, node = ''] = step.split('.');
  const endMs = Date.now() + 30_000;
  while (Date.now() < endMs) {
    for (const id of operationsOn(node))
      try {
        const journal = parseJournal(
          readFileSync(join(work, 'c', node, 'state/operations', id, 'journal.jsonl'), 'utf8'),
        );
        if (journal.some((record) => record.event === 'begun' && record.step === step)) return id;
      } catch {
        // It is just being made.
      }
    await sleep(2);
  }
  throw new Error(`${step} has not begun`);
}

const etcdOf = (name: string) => cluster.member(name).etcd;
const runs = (name: string) => etcdOf(name).exitCode === null && etcdOf(name).signalCode === null;
async function untilStopped(name: string): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (runs(name)) {
    if (Date.now() > endMs)
      throw new Error(`etcd of ${name} still runs:\n${readFileSync(join(work, 'c', name, 'agent.log'), 'utf8')}`);
    await sleep(20);
  }
}

describe.each<EtcdVersion>(['3.5', '3.4'])('two of three gone for good, etcd %s', (version) => {
  test('the third serves everything; they are stopped when they come back', async () => {
    await start(version);
    const keys = await write('n1', '/kept/', 200);
    expect(keys).toHaveLength(200);
    const before = identity('n1');
    await powerOff('n2', 'n3');
    expect(expectCode(await recover(), 5).stderr).toMatch(
      /n2, n3 would be left out, and could go on as the old cluster/,
    );
    const shown = expectCode(await plugin('recover', '--dead', 'n2', '--dead', 'n3', '--dry-run'), 0);
    expect(shown.stdout).toContain('left out and fenced: n2 (declared dead), n3 (declared dead)');
    const done = expectCode(await recover('--dead', 'n2,n3'), 0);
    expect(done.stdout).toMatch(/^Recovered in /);
    await expectAlone('n1', before, keys);

    // Together they are the old quorum.
    for (const name of ['n2', 'n3']) await cluster.launchEtcd(name);
    for (const name of ['n2', 'n3']) await cluster.restartAgent(name);
    await Promise.all(['n2', 'n3'].map((name) => untilStopped(name)));
    expect(identity('n1').members).toHaveLength(1);
  }, 120_000);

  test('its own etcd killed as well: from its disk, with what was acknowledged last', async () => {
    await start(version);
    const keys = await write('n1', '/kept/', 200);
    const before = identity('n1');
    await powerOff('n2', 'n3');
    await cluster.killEtcd('n1');
    const shown = expectCode(await plugin('recover', '--dead', 'n2,n3', '--dry-run'), 0);
    expect(shown.stdout).toContain('from its disk');
    expectCode(await recover('--dead', 'n2,n3'), 0);
    await expectAlone('n1', before, keys);
  }, 120_000);
});

/** A member that holds nothing any more, as after a disk was replaced. */
async function wipe(name: string): Promise<void> {
  await cluster.killEtcd(name);
  rmSync(join(work, 'c', name, 'data'), { recursive: true, force: true });
}

async function expectWhole(before: Identity, keys: readonly string[]): Promise<void> {
  for (const name of names) {
    expect(identity(name).clusterId).toBe(before.clusterId);
    expect(identity(name).members.map((member) => member.split(' ')[0])).toEqual(names);
    expect(keysOn(name)).toEqual(expect.arrayContaining([...keys]));
  }
  const status = expectCode(await plugin('status'), 0);
  expect(status.stdout).toMatch(/MEMBERS 3 of 3 healthy/);
}

test('two of three lost their data: the third goes on, and they come back with what it has', async () => {
  await start();
  const keys = await write('n1', '/kept/', 200);
  const before = identity('n1');
  for (const name of ['n2', 'n3']) await wipe(name);
  expectCode(await recover(), 0);
  await expectWhole(before, keys);
  // Who it was, it is; the others are new.
  const own = (all: Identity) => all.members.filter((member) => member.startsWith('n1 '));
  expect(own(identity('n2'))).toEqual(own(before));
  const kept = JSON.parse(expectCode(await plugin('kept', 'list', '-o', 'json'), 0).stdout) as {
    kept: { node: string; what: string }[];
  };
  expect(kept.kept.filter(({ what }) => what === 'old data').map(({ node }) => node)).toContain('n1');
}, 180_000);

test('--method restore: a snapshot through the third, with new ids and higher revisions; what was saved stays', async () => {
  await start();
  const keys = await write('n1', '/kept/', 50);
  const before = identity('n1');
  await powerOff('n2', 'n3');
  const shown = await plugin('recover', '--method', 'restore', '--dead', 'n2,n3', '--dry-run');
  expect(expectCode(shown, 0).stdout).toMatch(/Restore local-recover-.*\.db .* onto n1 of local/);
  await sleep(1_100);
  expectCode(await recover('--method', 'restore', '--dead', 'n2,n3'), 0);
  expect(identity('n1').clusterId).not.toBe(before.clusterId);
  expect(identity('n1').members).toHaveLength(1);
  expect(keysOn('n1')).toEqual([...keys].sort());
  expect(readdirSync(work).filter((name) => /^local-recover-.*\.db$/.test(name))).toHaveLength(2);
  await cluster.killEtcd('n1');
}, 120_000);

test('written throughout: what was acknowledged before and after is there', async () => {
  await start();
  const acknowledged: string[] = [];
  const enough = new AbortController();
  const writing = (async () => {
    for (let round = 0; !enough.signal.aborted; round += 1)
      acknowledged.push(...(await write('n1', `/load/${round}/`, 5, 500)));
  })();
  await sleep(1_000);
  await powerOff('n2', 'n3');
  const beforehand = acknowledged.length;
  expect(beforehand).toBeGreaterThan(20);
  expectCode(await recover('--dead', 'n2,n3'), 0);
  await sleep(1_000);
  enough.abort();
  await writing;
  expect(acknowledged.length).toBeGreaterThan(beforehand + 20);
  const there = new Set(keysOn('n1'));
  expect(acknowledged.filter((key) => !there.has(key))).toEqual([]);
}, 120_000);

test('refused while quorum is there, and from a member that holds less', async () => {
  await start();
  await write('n1', '/kept/', 20);
  expect(expectCode(await recover(), 5).stderr).toMatch(/quorum is not lost: n1, n2, n3 are healthy, 3 of 3 members/);
  await powerOff('n3');
  expect(expectCode(await recover('--dead', 'n3'), 5).stderr).toMatch(/quorum is not lost: n1, n2 are healthy/);
  await cluster.killEtcd('n1');
  await cluster.restartEtcd('n1');
  // It stays behind while the two others go on without it.
  await cluster.killEtcd('n1');
  await cluster.restartAgent('n3');
  await cluster.restartEtcd('n3');
  await write('n2', '/later/', 50);
  for (const name of ['n2', 'n3']) await cluster.killEtcd(name);
  expect(expectCode(await recover('--from', 'n1', '--dry-run'), 5).stderr).toMatch(
    /it does not hold what n[23] holds: \d+ committed entries would be lost/,
  );
  expect(expectCode(await plugin('recover', '--dry-run'), 0).stdout).toMatch(/^ +n[23] \*/m);
  expectCode(await recover('--from', 'n9'), 2);
  expectCode(await recover('--method', 'guess'), 2);
}, 120_000);

const steps = [
  ...['rehearse.n1.rehearse', 'stop-etcd.n1.stop', 'fence.n1.fence', 'force-new-cluster.n1.force-new-cluster'],
  ...['exchange.n1.exchange', 'start-etcd.n1.start', 'check.n1.check'],
];
const killedAt = everything ? steps : ['force-new-cluster.n1.force-new-cluster', 'exchange.n1.exchange'];

describe.each(killedAt)('killed when %s has begun', (step) => {
  let keys: string[];
  let before: Identity;
  async function lost(): Promise<void> {
    await start();
    keys = await write('n1', '/kept/', 100);
    before = identity('n1');
    await powerOff('n2', 'n3');
  }

  async function pluginKilled(): Promise<string> {
    let id = '';
    const ran = await runPlugin(['recover', '--dead', 'n2,n3', ...consent], {
      environment: cluster.environment,
      cwd: work,
      meanwhile: (child) => void untilBegun(step).then((found) => ((id = found), child.kill('SIGKILL'))),
    });
    expect({ signal: ran.signal, stderr: ran.stderr }).toMatchObject({ signal: 'SIGKILL' });
    return id;
  }

  test('the plugin, then resume', async () => {
    await lost();
    const id = await pluginKilled();
    expectCode(await plugin('operation', 'resume', id), 0);
    await expectAlone('n1', before, keys);
  }, 120_000);

  test('the plugin, then rollback: all as it was, and the old cluster comes back', async () => {
    await lost();
    const id = await pluginKilled();
    expectCode(await plugin('operation', 'rollback', id, ...consent), 0);
    for (const name of ['n2', 'n3']) await cluster.launchEtcd(name);
    for (const name of ['n2', 'n3']) await cluster.restartAgent(name);
    for (const name of ['n2', 'n3']) await untilHealthy(name);
    await untilHealthy('n1');
    await expectWhole(before, keys);
    expect(identity('n1')).toEqual(before);
    // What was in use and was taken out again is kept; the old data is in its place.
    const beside = join(work, 'c/n1/data-kubectl-etcd', id);
    expect(existsSync(beside) ? readdirSync(beside) : []).toEqual(existsSync(beside) ? ['undone'] : []);
  }, 120_000);

  test('the agent: the plugin goes on when it is back', async () => {
    await lost();
    const ran = await runPlugin(['recover', '--dead', 'n2,n3', ...consent], {
      environment: cluster.environment,
      cwd: work,
      meanwhile: () =>
        void untilBegun(step).then(async () => {
          await cluster.killAgent('n1');
          await sleep(300);
          await cluster.restartAgent('n1');
        }),
    });
    expectCode(ran, 0);
    await expectAlone('n1', before, keys);
  }, 120_000);
});

async function untilHealthy(name: string): Promise<void> {
  const endMs = Date.now() + 20_000;
  while ((await write(name, '/healthy/', 1, 1_000)).length === 0) {
    if (Date.now() > endMs) throw new Error(`${name} takes no writes`);
    await sleep(100);
  }
}
