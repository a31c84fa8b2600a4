/**
 * A node that is gone for good in the middle of a restore, in the local mode: real etcd, real agents, the real plugin. The others go on without it,
 * or go back; and when it comes back all the same there is one cluster.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJournal } from '../../core/operation/journal.ts';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { runPlugin } from '../local/run-plugin.ts';
import type { Ran } from '../local/run-plugin.ts';

const everything = process.env['KUBECTL_ETCD_TEST_ALL'] === 'yes';
const testAll = everything ? test : test.skip;
const names = ['n1', 'n2', 'n3'];
const consent = ['--yes', '--cluster-name', 'local'];

let work: string;
let etcdDirectory: string;
let cluster: LocalCluster;
let snapshot: string;

const plugin = (...argv: string[]) => runPlugin(argv, { environment: cluster.environment, cwd: work });
const etcdctl = (name: string, ...argv: string[]) =>
  execFileSync(join(etcdDirectory, 'etcdctl'), ['--endpoints', cluster.member(name).clientUrl, ...argv], {
    encoding: 'utf8',
    env: { ...process.env, ETCDCTL_API: '3' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
const keysOn = (name: string) => etcdctl(name, 'get', '', '--prefix', '--keys-only').split('\n').filter(Boolean).sort();
const membersOn = (name: string) =>
  (JSON.parse(etcdctl(name, 'member', 'list', '-w', 'json')) as { members: { name: string }[] }).members
    .map((member) => member.name)
    .sort();

beforeEach(async () => {
  work = mkdtempSync('/tmp/ked-');
  etcdDirectory = dirname((await etcdBinaries('3.5')).binaries[0] ?? '');
  cluster = await startLocalCluster({ directory: join(work, 'c'), etcdDirectory, tls: true });
  etcdctl('n1', 'put', '/kept', 'x');
  snapshot = join(work, 'before.db');
  expectCode(await plugin('snapshot', 'save', snapshot), 0);
  etcdctl('n1', 'put', '/later', 'x');
}, 60_000);
afterEach(async () => {
  await cluster.stop();
  rmSync(work, { recursive: true, force: true });
});

function expectCode(ran: Ran, code: number): Ran {
  if (ran.code !== code) throw new Error(`exit code ${ran.code}, not ${code}: ${ran.stdout}${ran.stderr}`);
  return ran;
}

function journalOf(name: string, id: string) {
  const file = join(work, 'c', name, 'state/operations', id, 'journal.jsonl');
  return existsSync(file) ? parseJournal(readFileSync(file, 'utf8')) : [];
}

/** The operation's id, when the step has begun on its node. */
async function untilBegun(step: string): Promise<string> {
  const name = step.split('.')[1] ?? '';
  const folder = join(work, 'c', name, 'state/operations');
  const endMs = Date.now() + 30_000;
  while (Date.now() < endMs) {
    for (const id of existsSync(folder) ? readdirSync(folder).filter((each) => each.startsWith('r-')) : [])
      if (journalOf(name, id).some((record) => record.event === 'begun' && record.step === step)) return id;
    await sleep(2);
  }
  throw new Error(`${step} does not begin`);
}

/** The node goes when a step begins on it, and the plugin with it. */
async function restoreUntil(step: string, ...gone: string[]): Promise<string> {
  let id = '';
  await runPlugin(['restore', snapshot, ...consent], {
    environment: cluster.environment,
    cwd: work,
    meanwhile: (child) => {
      void untilBegun(step).then(async (found) => {
        id = found;
        child.kill('SIGKILL');
        await Promise.all(gone.map((name) => cluster.powerOff(name)));
      });
    },
  });
  while (id === '') await sleep(10);
  // The others end the step that they are at.
  await sleep(1_500);
  return id;
}

async function expectRestoredOn(...living: string[]): Promise<void> {
  for (const name of living) {
    expect(keysOn(name)).toEqual(['/kept']);
    expect(membersOn(name)).toEqual(living);
  }
  const { operations } = JSON.parse((await plugin('operation', 'list', '-o', 'json')).stdout) as {
    operations: { open: boolean }[];
  };
  expect(operations.filter(({ open }) => open)).toEqual([]);
}

/** It comes back with whatever it has, and is stopped; what it was in the middle of is over. */
async function expectFencedWhenBack(name: string, id: string, fencedBy = id): Promise<void> {
  await cluster.restartAgent(name);
  const endMs = Date.now() + 10_000;
  while (!journalOf(name, id).some((record) => record.event === 'closed' && record.outcome === 'abandoned')) {
    if (Date.now() > endMs) throw new Error(`${name} holds on to ${id}`);
    await sleep(50);
  }
  expect((await plugin('operation', 'show', fencedBy)).stderr).toContain(`${name} is fenced`);
}

const points = [
  'stop-etcd.n3.stop',
  'exchange.n3.exchange',
  'exchange.n1.exchange',
  'start-etcd.n1.start',
  'check.n1.check',
];
const representatives = ['exchange.n3.exchange', 'start-etcd.n1.start'];

describe('the others go on without it', () => {
  test.each(everything ? points : representatives)(
    'gone when %s has begun',
    async (step) => {
      const dead = step.split('.')[1] ?? '';
      const living = names.filter((name) => name !== dead);
      const id = await restoreUntil(step, dead);
      const refused = expectCode(await plugin('operation', 'resume', id), 5);
      expect(refused.stderr).toContain(`--dead ${dead}`);
      const ran = expectCode(await plugin('operation', 'resume', id, '--dead', dead), 0);
      expect(ran.stderr).toContain(`${id} goes on without ${dead}`);
      await expectRestoredOn(...living);
      await expectFencedWhenBack(dead, id);
      await expectRestoredOn(...living);
    },
    120_000,
  );

  testAll(
    'killed while it goes on without the node: the plan is the new one wherever it is asked',
    async () => {
      const id = await restoreUntil('exchange.n3.exchange', 'n3');
      await runPlugin(['operation', 'resume', id, '--dead', 'n3'], {
        environment: cluster.environment,
        cwd: work,
        meanwhile: (child) => {
          void untilBegun('start-etcd.n2.start').then(() => child.kill('SIGKILL'));
        },
      });
      expectCode(await plugin('operation', 'resume', id), 0);
      await expectRestoredOn('n1', 'n2');
    },
    120_000,
  );
});

describe('going back', () => {
  test('nothing was stopped yet: it does not go on, and is taken back', async () => {
    const id = await restoreUntil('prepare.n3.build', 'n3');
    const refused = expectCode(await plugin('operation', 'resume', id, '--dead', 'n3'), 5);
    expect(refused.stderr).toContain(`operation rollback ${id} --dead n3`);
    expectCode(await plugin('operation', 'rollback', id, '--dead', 'n3', ...consent), 0);
    expect(keysOn('n1')).toEqual(['/kept', '/later']);
    expectCode(await plugin('restore', snapshot, '--dead', 'n3', ...consent), 0);
    await expectRestoredOn('n1', 'n2');
  }, 120_000);

  testAll(
    'the two that are left serve the old data; the third goes back when it is there again',
    async () => {
      const id = await restoreUntil('exchange.n3.exchange', 'n3');
      const back = expectCode(await plugin('operation', 'rollback', id, '--dead', 'n3', ...consent), 0);
      expect(back.stderr).toContain(`n3 may have the new data, and has ${id} open`);
      for (const name of ['n1', 'n2']) expect(keysOn(name)).toEqual(['/kept', '/later']);
      await cluster.restartAgent('n3');
      expectCode(await plugin('operation', 'rollback', id, ...consent), 0);
      await sleep(2_000);
      expectCode(await plugin('status'), 0);
      for (const name of names) expect(keysOn(name)).toEqual(['/kept', '/later']);
    },
    120_000,
  );

  test('two of three are gone: the new cluster would have no quorum; back, and a restore onto one', async () => {
    const id = await restoreUntil('exchange.n3.exchange', 'n2', 'n3');
    expect(expectCode(await plugin('operation', 'resume', id, '--dead', 'n3'), 5).stderr).toContain('--dead n2,n3');
    const refused = expectCode(await plugin('operation', 'resume', id, '--dead', 'n2,n3'), 5);
    expect(refused.stderr).toMatch(/has no quorum/);
    expectCode(await plugin('operation', 'rollback', id, '--dead', 'n2,n3', ...consent), 0);
    const ran = await plugin('restore', snapshot, '--nodes', 'n1', '--dead', 'n2,n3', ...consent, '-o', 'json');
    const { operation } = JSON.parse(expectCode(ran, 0).stdout) as { operation: string };
    await expectRestoredOn('n1');
    await expectFencedWhenBack('n2', id, operation);
    await expectRestoredOn('n1');
  }, 120_000);

  test('who answers is not dead', async () => {
    const id = await restoreUntil('exchange.n3.exchange');
    for (const way of ['resume', 'rollback'])
      expect(
        expectCode(await plugin('operation', way, id, '--dead', 'n3', ...(way === 'rollback' ? consent : [])), 5)
          .stderr,
      ).toMatch(/declared dead, and its agent answers\n +node +n3/);
    expectCode(await plugin('operation', 'resume', id, '--dead', 'n9'), 2);
    expectCode(await plugin('operation', 'resume', id), 0);
    await expectRestoredOn(...names);
  }, 120_000);
});
