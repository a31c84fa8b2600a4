/**
 * A restore onto a part of the cluster in the local mode: real etcd, real agents, the real plugin. Those that were left out come back as they were,
 * and are stopped; their data stays as it is.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJournal } from '../../core/operation/journal.ts';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { runPlugin } from '../local/run-plugin.ts';
import type { Ran } from '../local/run-plugin.ts';

const consent = ['--yes', '--cluster-name', 'local'];
const stoppedWithinMs = 10_000;

let work: string;
let etcdDirectory: string;
let cluster: LocalCluster;
let snapshot: string;

const plugin = (...argv: string[]) => runPlugin(argv, { environment: cluster.environment, cwd: work });
const restore = (...argv: string[]) => plugin('restore', snapshot, ...consent, ...argv);
const etcdctl = (name: string, ...argv: string[]) =>
  execFileSync(join(etcdDirectory, 'etcdctl'), ['--endpoints', cluster.member(name).clientUrl, ...argv], {
    encoding: 'utf8',
    env: { ...process.env, ETCDCTL_API: '3' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
const keysOn = (name: string) => etcdctl(name, 'get', '', '--prefix', '--keys-only').split('\n').filter(Boolean);
const membersOn = (name: string) =>
  (JSON.parse(etcdctl(name, 'member', 'list', '-w', 'json')) as { members: { name: string }[] }).members
    .map((member) => member.name)
    .sort();

beforeEach(async () => {
  work = mkdtempSync('/tmp/kep-');
  etcdDirectory = dirname((await etcdBinaries('3.5')).binaries[0] ?? '');
  cluster = await startLocalCluster({ directory: join(work, 'c'), etcdDirectory, tls: true });
  etcdctl('n1', 'put', '/kept', 'x');
  snapshot = join(work, 'before.db');
  expect(await plugin('snapshot', 'save', snapshot)).toMatchObject({ code: 0 });
  etcdctl('n1', 'put', '/later', 'x');
  // etcd writes what it has applied into its database ten times a second; until then it is in the log alone.
  await sleep(500);
}, 60_000);
afterEach(async () => {
  await cluster.stop();
  rmSync(work, { recursive: true, force: true });
});

function expectCode(ran: Ran, code: number): Ran {
  if (ran.code !== code) throw new Error(`exit code ${ran.code}, not ${code}: ${ran.stdout}${ran.stderr}`);
  return ran;
}

async function powerOff(name: string): Promise<void> {
  await cluster.killAgent(name);
  await cluster.killEtcd(name);
}

const etcdOf = (name: string) => cluster.member(name).etcd;
const runs = (name: string) => etcdOf(name).exitCode === null && etcdOf(name).signalCode === null;

async function untilStopped(name: string): Promise<number> {
  const begunMs = performance.now();
  while (runs(name)) {
    if (performance.now() - begunMs > stoppedWithinMs)
      throw new Error(`etcd of ${name} still runs:\n${readFileSync(join(work, 'c', name, 'agent.log'), 'utf8')}`);
    await sleep(20);
  }
  return performance.now() - begunMs;
}

/** Nothing beside it, nothing gone, and what was written before the disaster can be read. */
async function expectOldData(name: string): Promise<void> {
  const directory = join(work, 'c', name);
  expect(readdirSync(directory).filter((each) => each.startsWith('data'))).toEqual(['data']);
  expect(readdirSync(join(directory, 'data'))).toEqual(['member']);
  expect(readdirSync(join(directory, 'data/member')).sort()).toEqual(['snap', 'wal']);
  const { stdout } = expectCode(await plugin('snapshot', 'keys', join(directory, 'data/member/snap/db')), 0);
  expect(stdout).toMatch(/^\/kept\b/m);
  expect(stdout).toMatch(/^\/later\b/m);
}

describe('two of three', () => {
  test('one is gone: the others serve the snapshot; when it comes back it is stopped, and stays so', async () => {
    await powerOff('n3');
    const shown = expectCode(await plugin('restore', snapshot, '--dead', 'n3', '--dry-run'), 0);
    expect(shown.stdout).toContain('left out and fenced: n3 (declared dead); the new cluster has 2 members');
    const done = expectCode(await restore('--nodes', 'n1,n2', '--dead', 'n3'), 0);
    expect(done.stderr).toMatch(/Aftermath: n3 was left out, and is fenced/);
    for (const name of ['n1', 'n2']) {
      expect(keysOn(name)).toEqual(['/kept']);
      expect(membersOn(name)).toEqual(['n1', 'n2']);
    }

    // Back as it was: etcd first, as the kubelet would start it, then its agent.
    await cluster.launchEtcd('n3');
    await sleep(500);
    expect(runs('n3')).toBe(true);
    await cluster.restartAgent('n3');
    await untilStopped('n3');
    await expectOldData('n3');

    // Whoever starts it again: now, or while its agent is away and knows of nobody else.
    await cluster.launchEtcd('n3');
    await untilStopped('n3');
    for (const name of ['n3', 'n1', 'n2']) await cluster.killAgent(name);
    await cluster.launchEtcd('n3');
    await cluster.restartAgent('n3');
    await untilStopped('n3');
    await expectOldData('n3');

    for (const name of ['n1', 'n2']) await cluster.restartAgent(name);
    const status = expectCode(await plugin('status'), 0);
    expect(status.stdout).toMatch(/MEMBERS 2 of 2 healthy/);
    expect(`${status.stdout}${status.stderr}`).toMatch(/n3: fenced: r-\w+ has left it out/);
    const list = expectCode(await plugin('operation', 'list'), 0);
    expect(list.stderr).toMatch(/r-\w+ {3}n3 is fenced since .*kubectl etcd member rejoin n3;/);

    // It is not restored by mistake, and the others are without further ado.
    expect(expectCode(await restore(), 5).stderr).toMatch(/it is fenced by r-\w+, which has left it out\n +node +n3/);
    expectCode(await restore('--nodes', 'n1,n2'), 0);
    expect(runs('n3')).toBe(false);
    expect(keysOn('n1')).toEqual(['/kept']);
  }, 120_000);

  test('one that was frozen: it is stopped within 10 s of its waking up', async () => {
    const { etcd, agent } = cluster.member('n3');
    for (const process of [etcd, agent]) process.kill('SIGSTOP');
    expectCode(await restore('--nodes', 'n1,n2', '--dead', 'n3'), 0);
    expect(membersOn('n1')).toEqual(['n1', 'n2']);
    for (const process of [etcd, agent]) process.kill('SIGCONT');
    await untilStopped('n3');
    await expectOldData('n3');
  }, 120_000);

  test.each(['not killed', 'the plugin killed when the fence is being lifted'])(
    'it is brought back, %s: the fence is lifted, and its agent leaves the new etcd alone',
    async (who) => {
      const { etcd, agent } = cluster.member('n3');
      for (const process of [etcd, agent]) process.kill('SIGSTOP');
      expectCode(await restore('--nodes', 'n1,n2', '--dead', 'n3'), 0);
      for (const process of [etcd, agent]) process.kill('SIGCONT');
      await untilStopped('n3');
      const ran = await runPlugin(['member', 'rejoin', 'n3', ...consent], {
        environment: cluster.environment,
        cwd: work,
        meanwhile: (child) => {
          if (who !== 'not killed')
            void untilSaid('begun', 'lift-fence.n3.lift-fence', 'n3').then(() => child.kill('SIGKILL'));
        },
      });
      if (who === 'not killed') expectCode(ran, 0);
      else {
        const [id = ''] = operationsOn('n3').filter((each) => each.startsWith('j-'));
        expectCode(await plugin('operation', 'resume', id), 0);
      }
      // Longer than the keeper of fences waits between two looks.
      await sleep(4_000);
      for (const name of ['n1', 'n3']) {
        expect(keysOn(name)).toEqual(['/kept']);
        expect(membersOn(name)).toEqual(['n1', 'n2', 'n3']);
      }
      expect(expectCode(await plugin('status'), 0).stdout).toMatch(/MEMBERS 3 of 3 healthy/);
      expect((await plugin('operation', 'list')).stderr).not.toMatch(/fenced/);
    },
    120_000,
  );

  test.each(['the plugin', 'the agent'])(
    '%s killed when the fence has begun: it goes on to its end',
    async (who) => {
      await powerOff('n3');
      const ran = await runPlugin(['restore', snapshot, ...consent, '--dead', 'n3'], {
        environment: cluster.environment,
        cwd: work,
        meanwhile: (child) => {
          void untilSaid('begun', 'fence.n1.fence').then(async () => {
            if (who === 'the plugin') return child.kill('SIGKILL');
            await cluster.killAgent('n1');
            return cluster.restartAgent('n1');
          });
        },
      });
      if (who === 'the plugin') {
        const [id = ''] = operationsOn('n1');
        expectCode(await plugin('operation', 'resume', id), 0);
      } else expectCode(ran, 0);
      expect(membersOn('n2')).toEqual(['n1', 'n2']);
      await cluster.launchEtcd('n3');
      await cluster.restartAgent('n3');
      await untilStopped('n3');
    },
    120_000,
  );

  test('rolled back: the fence is lifted, which starts nothing, and status says what does', async () => {
    await powerOff('n3');
    const ran = await runPlugin(['restore', snapshot, ...consent, '--dead', 'n3'], {
      environment: cluster.environment,
      cwd: work,
      meanwhile: (child) => void untilSaid('done', 'fence.n1.fence').then(() => child.kill('SIGKILL')),
    });
    expect(ran.signal).toBe('SIGKILL');
    await cluster.launchEtcd('n3');
    await cluster.restartAgent('n3');
    await untilStopped('n3');
    const [id = ''] = operationsOn('n1');
    const back = expectCode(await plugin('operation', 'rollback', id, ...consent), 0);
    expect(back.stderr).toMatch(/n3 is not fenced any more/);
    await sleep(500);
    expect(runs('n3')).toBe(false);
    const status = await plugin('status');
    expect(`${status.stdout}${status.stderr}`).toMatch(/n3: the fence of r-\w+ was lifted, and that starts nothing/);
    // The old cluster takes it back, and nobody stops it.
    await cluster.restartEtcd('n3');
    await sleep(4_000);
    expect(runs('n3')).toBe(true);
    expect(keysOn('n3').sort()).toEqual(['/kept', '/later']);
  }, 120_000);
});

const operationsOn = (name: string) =>
  readdirSync(join(work, 'c', name, 'state/operations')).filter((id) => /^[rj]-/.test(id));

async function untilSaid(event: 'begun' | 'done', step: string, on = 'n1'): Promise<void> {
  const endMs = Date.now() + 30_000;
  while (Date.now() < endMs) {
    try {
      for (const id of operationsOn(on)) {
        const journal = readFileSync(join(work, 'c', on, 'state/operations', id, 'journal.jsonl'), 'utf8');
        if (parseJournal(journal).some((record) => record.event === event && record.step === step)) return;
      }
    } catch {
      // There is none yet.
    }
    await sleep(2);
  }
}

test('one of three: refused while the others are there, and while they are not declared dead; then it serves alone', async () => {
  expect(expectCode(await restore('--nodes', 'n1'), 5).stderr).toMatch(/n2, n3 would be left out/);
  expect(expectCode(await restore('--nodes', 'n1,n2', '--dead', 'n3'), 5).stderr).toMatch(
    /it is declared dead, and its agent answers\n +node +n3/,
  );
  expect(expectCode(await restore('--nodes', 'n1,n2'), 5).stderr).toMatch(
    /it would be left out, and its etcd runs\n +node +n3/,
  );
  expectCode(await restore('--nodes', 'n1,n9'), 2);
  expectCode(await restore('--nodes', 'n1', '--dead', 'n1'), 2);
  await cluster.killAgent('n3');
  expect(expectCode(await restore('--nodes', 'n1,n2', '--dead', 'n3'), 5).stderr).toMatch(
    /it is declared dead, and its etcd answers at http/,
  );
  await cluster.restartAgent('n3');
  await powerOff('n2');
  await powerOff('n3');
  expect(expectCode(await restore('--nodes', 'n1'), 5).stderr).toMatch(/--dead n2,n3/);
  expectCode(await restore('--nodes', 'n1', '--dead', 'n2,n3'), 0);
  expect(keysOn('n1')).toEqual(['/kept']);
  expect(membersOn('n1')).toEqual(['n1']);

  // Together they are the old quorum; it takes one of them that meets the new cluster's agent, and the other hears of it.
  for (const name of ['n2', 'n3']) await cluster.launchEtcd(name);
  for (const name of ['n2', 'n3']) await cluster.restartAgent(name);
  await Promise.all(['n2', 'n3'].map((name) => untilStopped(name)));
  for (const name of ['n2', 'n3']) await expectOldData(name);
  expect(membersOn('n1')).toEqual(['n1']);
}, 120_000);

test('all of them by name is the same as without', async () => {
  const ran = expectCode(await plugin('restore', snapshot, '--nodes', 'n3,n1,n2', '--dry-run', '-o', 'json'), 0);
  const plan = JSON.parse(ran.stdout) as { nodes: string[]; phases: { name: string }[] };
  expect(plan).not.toHaveProperty('leftOut');
  expect(plan.nodes).toEqual(['n1', 'n2', 'n3']);
  expect(plan.phases.map(({ name }) => name)).not.toContain('fence');
}, 60_000);
