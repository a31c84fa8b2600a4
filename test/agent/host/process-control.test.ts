/** The local mode's etcd, stopped and started, with a real one; and what is saved of it while it answers. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { etcdConfigurationOf } from '../../../agent/host/etcd-configuration.ts';
import { ProcessControl } from '../../../agent/host/process-control.ts';
import type { ProcessDescription } from '../../../agent/host/process.ts';
import { HostRoot } from '../../../agent/host/root.ts';
import { safeguardStep } from '../../../agent/steps/safeguard.ts';
import type { StepContext } from '../../../agent/steps/step.ts';
import { holderOf } from '../../../agent/steps/data-holder.ts';
import { openFile } from '../../../core/snapshot/source.ts';
import { verifySnapshot } from '../../../core/snapshot/verify.ts';
import { etcdBinaries } from '../../lab/etcd-packages.ts';

const work = mkdtempSync('/tmp/process-');
const control = new ProcessControl(work, 'n1');
const said: string[] = [];
const options = { signal: AbortSignal.timeout(60_000), progress: (text: string) => void said.push(text) };
let bin = '';
let clientUrl = '';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await server[Symbol.asyncDispose]();
  return port;
}

const described = () => JSON.parse(readFileSync(join(work, 'etcd.json'), 'utf8')) as ProcessDescription;
const pid = () => described().process?.pid ?? 0;
const etcdctl = (...words: string[]) =>
  execFileSync(join(bin, 'etcdctl'), [`--endpoints=${clientUrl}`, ...words], { encoding: 'utf8', stdio: 'pipe' });

async function untilAnswers(): Promise<void> {
  const endMs = Date.now() + 20_000;
  while (
    !(await fetch(`${clientUrl}/health`).then(
      async (reply) => (await reply.text()).includes('true'),
      () => false,
    ))
  ) {
    if (Date.now() > endMs) throw new Error(readFileSync(join(work, 'etcd.log'), 'utf8').slice(-2000));
    await sleep(50);
  }
}

function describeEtcd(...command: string[]): void {
  writeFileSync(join(work, 'etcd.json'), JSON.stringify({ command, logFile: 'etcd.log' }));
}

beforeAll(async () => {
  bin = dirname((await etcdBinaries('3.5')).binaries[0] ?? '');
  clientUrl = `http://127.0.0.1:${await freePort()}`;
  const peerUrl = `http://127.0.0.1:${await freePort()}`;
  const client = [`--listen-client-urls=${clientUrl}`, `--advertise-client-urls=${clientUrl}`];
  const peer = [
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=n1=${peerUrl}`,
  ];
  describeEtcd(join(bin, 'etcd'), '--name=n1', '--data-dir=data', ...client, ...peer);
});
afterAll(async () => {
  await control.stop(0, options);
  rmSync(work, { recursive: true, force: true });
});

test('started, saved while it answers, stopped, and started again with what it held', async () => {
  expect(await control.isRunning()).toBe(false);
  await control.stop(5, options);
  await control.start(options);
  await untilAnswers();
  expect(await control.isRunning()).toBe(true);
  const first = pid();
  await control.start(options);
  expect(pid()).toBe(first);
  etcdctl('put', 'a', 'one');
  expect(await holderOf(join(work, 'data/member/snap/db'), new HostRoot('/'))).toBe(first);

  const folder = join(work, 'operation');
  mkdirSync(folder);
  const context = {
    ...{ node: 'n1', folder, root: new HostRoot('/'), progress: () => undefined, signal: options.signal },
    etcd: () => Promise.resolve({ url: clientUrl, credentials: {} }),
  } as Partial<StepContext> as StepContext;
  const places = { dataDir: join(work, 'data'), besideData: join(work, 'beside') };
  const step = { kind: 'safeguard', file: 'before.db', places } as const;
  expect(await safeguardStep.apply(step, context)).toMatchObject({ file: 'before.db', revision: 2 });
  expect(readdirSync(folder)).toEqual(['before.db']);
  expect(statSync(join(folder, 'before.db')).mode & 0o777).toBe(0o600);
  await using source = await openFile(join(folder, 'before.db'));
  expect(await verifySnapshot({ source })).toMatchObject({ sound: true, trailer: 'matches' });

  await control.stop(5, options);
  expect(await control.isRunning()).toBe(false);
  expect(await holderOf(join(work, 'data/member/snap/db'), new HostRoot('/'))).toBeUndefined();
  await control.stop(5, options);
  await control.start(options);
  await untilAnswers();
  expect(pid()).not.toBe(first);
  expect(etcdctl('get', 'a')).toBe('a\none\n');
  await control.takeBack(5, options);
  expect(await control.isRunning()).toBe(false);
  expect(said).toEqual(expect.arrayContaining(['starting etcd', 'stopping etcd']));
});

test('one that does not end by itself is killed when its time is over', async () => {
  const ready = join(work, 'ready');
  describeEtcd('/bin/sh', '-c', `trap "" TERM; echo > ${ready}; while :; do sleep 1; done`);
  await control.start(options);
  for (const endMs = Date.now() + 10_000; !readdirSync(work).includes('ready') && Date.now() < endMs;) await sleep(20);
  const begunMs = performance.now();
  await control.stop(1, options);
  expect(performance.now() - begunMs).toBeGreaterThan(1000);
  expect(await control.isRunning()).toBe(false);
});

test('one that ends at once has not been started', async () => {
  describeEtcd('/bin/false');
  const started = await control.start(options).then(
    () => 'started',
    (thrown: unknown) => thrown,
  );
  // Whether its end was seen in time or not, nobody takes it for one that runs.
  if (started !== 'started') expect(started).toMatchObject({ reason: 'not-started', node: 'n1' });
  await sleep(100);
  expect(await control.isRunning()).toBe(false);
});

test('told otherwise from now on, and what it was told before when that is taken back', async () => {
  const before = ['sh', '-c', 'exec sleep 60', '--name=n2', '--quota-backend-bytes=9', '--initial-cluster=n1=x'];
  describeEtcd(...before);
  const etcdFlags = { 'initial-cluster-state': 'existing', name: 'n1', 'initial-cluster': null };
  const configuration = etcdConfigurationOf({ by: 'process', component: 'etcd' });
  const edit = (text: string) => configuration?.withFlags(text, etcdFlags) ?? '';
  const told = [...before.slice(0, 3), '--quota-backend-bytes=9', '--initial-cluster-state=existing', '--name=n1'];
  await control.start({ ...options, edit });
  await control.stop(0, options);
  expect(described().command).toEqual(told);
  // An agent that was killed tells it again.
  await control.start({ ...options, edit });
  await control.takeBack(0, options);
  expect(described().command).toEqual(before);
  expect(await control.isRunning()).toBe(false);
});
