/** One member of three made a cluster of its own, from what it had on its disk when all were killed: real etcds, and what they then serve. */
import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readHeld } from '../../../agent/etcd/member-files.ts';
import { HostRoot } from '../../../agent/host/root.ts';
import { holderOf } from '../../../agent/steps/data-holder.ts';
import { exchangeStep } from '../../../agent/steps/exchange.ts';
import { forceNewClusterStep } from '../../../agent/steps/force-new-cluster.ts';
import { besidePaths } from '../../../agent/steps/step.ts';
import type { StepContext } from '../../../agent/steps/step.ts';
import type { StepOf } from '../../../core/operation/steps.ts';
import { etcdVersions } from '../../lab/where.ts';
import { names, ThreeEtcds } from './three-etcds.ts';
import type { Name } from './three-etcds.ts';

const root = new HostRoot('/');

function contextOf(cluster: ThreeEtcds): StepContext {
  const folder = join(cluster.work, 'operation');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const parts: Partial<StepContext> = {
    ...{ node: 'n1', operation: 'v-2345', root, folder, stateDirectory: join(cluster.work, 'state') },
    ...{ progress: () => undefined, signal: new AbortController().signal, run: () => Promise.resolve('') },
  };
  return parts as StepContext;
}

function filesOf(cluster: ThreeEtcds, name: Name) {
  const { dataDir, walDir } = cluster.place(name);
  return { member: join(dataDir, 'member'), wal: walDir ?? join(dataDir, 'member/wal') };
}

async function stepFor(cluster: ThreeEtcds, name: Name): Promise<StepOf<'force-new-cluster'>> {
  const { dataDir, walDir, peerUrl, clientUrl } = cluster.place(name);
  const held = await readHeld(filesOf(cluster, name));
  return {
    kind: 'force-new-cluster',
    places: {
      ...{ dataDir, besideData: `${dataDir}-kubectl-etcd/v-2345` },
      ...(walDir === undefined ? {} : { walDir, besideWal: `${walDir}-kubectl-etcd/v-2345` }),
    },
    ...{ etcdVersion: cluster.version, etcdFolder: cluster.folder },
    clusterId: held.wal.clusterId,
    member: { id: held.wal.memberId, name, peerUrls: [peerUrl] },
    clientUrls: [clientUrl],
    commitAtLeast: held.commitIndex,
    revisionAtLeast: held.summary.revision,
  };
}

async function powerOff(cluster: ThreeEtcds, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
  for (const name of names) await cluster.kill(name, signal);
}

/** Put in its place, and started as its manifest has it: nothing of the flag is left. */
async function serve(cluster: ThreeEtcds, step: StepOf<'force-new-cluster'>): Promise<void> {
  await exchangeStep.apply({ kind: 'exchange', places: step.places, hadMember: true }, contextOf(cluster));
  cluster.launch('n1');
  await cluster.untilHealthy('n1');
}

describe.each(etcdVersions)('etcd %s', (version) => {
  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'ended by %s: every key is there that was acknowledged, and what is written afterwards',
    async (signal) => {
      await using cluster = await ThreeEtcds.start(version);
      const written: string[] = [];
      for (let key = 0; key < 100; key += 1) if (await cluster.put('n1', `/key/${key}`)) written.push(`/key/${key}`);
      const { clusterId, members } = cluster.members('n1');
      await powerOff(cluster, signal);
      const step = await stepFor(cluster, 'n1');
      expect(step).toMatchObject({ clusterId, member: { id: members.find(({ name }) => name === 'n1')?.id } });

      const done = await forceNewClusterStep.apply(step, contextOf(cluster));
      expect(done).toMatchObject({ commitIndex: step.commitAtLeast, removedMembers: [] });
      // Nothing of the member itself has changed.
      expect((await stepFor(cluster, 'n1')).commitAtLeast).toBe(step.commitAtLeast);

      await serve(cluster, step);
      expect(cluster.members('n1')).toEqual({ clusterId, members: members.filter(({ name }) => name === 'n1') });
      for (let key = 0; key < 20; key += 1) {
        expect(await cluster.put('n1', `/later/${key}`)).toBe(true);
        written.push(`/later/${key}`);
      }
      expect(cluster.keys('n1').sort()).toEqual(written.sort());
      // And again, as it is on the disk.
      await cluster.kill('n1');
      cluster.launch('n1');
      await cluster.untilHealthy('n1');
      expect(cluster.keys('n1')).toHaveLength(written.length);
    },
    120_000,
  );

  test('what it had appended without a quorum is counted, and there', async () => {
    await using cluster = await ThreeEtcds.start(version);
    for (let key = 0; key < 20; key += 1) await cluster.put('n1', `/key/${key}`);
    if (cluster.leader() !== 'n1') {
      const own = cluster.members('n1').members.find(({ name }) => name === 'n1')?.id ?? '';
      cluster.ctl(cluster.leader(), 'move-leader', own);
    }
    await sleep(200);
    await Promise.all([cluster.kill('n2'), cluster.kill('n3')]);
    const lost = await Promise.all(Array.from({ length: 5 }, (_, key) => cluster.put('n1', `/lost/${key}`, 300)));
    expect(lost).not.toContain(true);
    await powerOff(cluster);
    const step = await stepFor(cluster, 'n1');
    const { last } = (await readHeld(filesOf(cluster, 'n1'))).wal;
    const done = await forceNewClusterStep.apply(step, contextOf(cluster));
    const above = last.index - step.commitAtLeast;
    expect(above).toBeGreaterThanOrEqual(5);
    expect(done).toMatchObject({
      entriesAboveCommit: above,
      warning: `n1 held ${above} entries of the log above ${step.commitAtLeast}, the last that it knew to be committed; they were kept: who wrote them may have been told so, or not`,
    });
    await serve(cluster, step);
    expect(cluster.keys('n1').filter((key) => key.startsWith('/lost/'))).toHaveLength(5);
    expect(cluster.keys('n1')).toHaveLength(25);
  }, 120_000);

  test('with a WAL directory of its own', async () => {
    await using cluster = await ThreeEtcds.start(version, { walDir: true });
    for (let key = 0; key < 20; key += 1) await cluster.put('n1', `/key/${key}`);
    await powerOff(cluster);
    const step = await stepFor(cluster, 'n1');
    await forceNewClusterStep.apply(step, contextOf(cluster));
    await serve(cluster, step);
    expect(cluster.keys('n1')).toHaveLength(20);
    expect(cluster.members('n1').members).toHaveLength(1);
  }, 120_000);

  test('a learner that was left behind goes with the others; undone, nothing is left', async () => {
    await using cluster = await ThreeEtcds.start(version);
    await cluster.put('n1', '/key');
    await addLearner(cluster);
    await sleep(300);
    await powerOff(cluster);
    const step = await stepFor(cluster, 'n1');
    await forceNewClusterStep.apply(step, contextOf(cluster));
    await forceNewClusterStep.undo(step, contextOf(cluster));
    expect(existsSync(`${cluster.place('n1').dataDir}-kubectl-etcd`)).toBe(false);
    await forceNewClusterStep.apply(step, contextOf(cluster));
    await serve(cluster, step);
    expect(cluster.members('n1').members.map(({ name }) => name)).toEqual(['n1']);
  }, 120_000);
});

/** etcd takes no change of its members until they have known each other for five seconds. */
async function addLearner(cluster: ThreeEtcds): Promise<void> {
  for (const endMs = Date.now() + 20_000; ;)
    try {
      cluster.ctl('n1', 'member', 'add', 'n4', '--learner', '--peer-urls=http://127.0.0.1:1');
      return;
    } catch (thrown) {
      if (Date.now() > endMs) throw thrown;
      await sleep(500);
    }
}

describe('whatever is found', () => {
  test('one that runs is left alone; another member than was looked at is not taken', async () => {
    await using cluster = await ThreeEtcds.start('3.5');
    await cluster.put('n1', '/key');
    await cluster.kill('n1');
    const step = await stepFor(cluster, 'n1');
    cluster.launch('n1');
    await cluster.untilHealthy('n1');
    await expect(forceNewClusterStep.apply(step, contextOf(cluster))).rejects.toMatchObject({ reason: 'data-in-use' });
    await powerOff(cluster);
    const changed = [{ clusterId: 'abc' }, { member: { ...step.member, id: 'abc' } }, { commitAtLeast: 1_000_000 }];
    for (const other of changed)
      await expect(forceNewClusterStep.apply({ ...step, ...other }, contextOf(cluster))).rejects.toMatchObject({
        reason: 'member-changed',
      });
    expect(readdirSync(cluster.place('n1').dataDir)).toEqual(['member']);
  }, 60_000);

  test('one that a killed agent has left running on the copy is ended, and the copy made anew', async () => {
    await using cluster = await ThreeEtcds.start('3.5');
    await cluster.put('n1', '/key');
    await powerOff(cluster);
    const step = await stepFor(cluster, 'n1');
    await forceNewClusterStep.apply(step, contextOf(cluster));
    const { built } = besidePaths(step.places);
    const words = ['--force-new-cluster', `--data-dir=${built}`, '--listen-peer-urls=http://127.0.0.1:0'];
    const orphan = spawn(
      join(cluster.folder, 'etcd'),
      [...words, '--listen-client-urls=http://127.0.0.1:0', '--advertise-client-urls=http://127.0.0.1:1'],
      { stdio: 'ignore' },
    );
    const gone = once(orphan, 'exit');
    while ((await holderOf(join(built, 'member/snap/db'), root)) !== orphan.pid) await sleep(20);
    await forceNewClusterStep.apply(step, contextOf(cluster));
    expect(await gone).toEqual([null, 'SIGKILL']);
    await serve(cluster, step);
    expect(cluster.keys('n1')).toEqual(['/key']);
  }, 60_000);
});
