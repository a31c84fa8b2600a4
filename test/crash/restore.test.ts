/**
 * A restore in the local mode, with whatever carries it killed at every step: real etcd, real agents, the real plugin, real SIGKILLs. After each,
 * all members serve the snapshot, or what was there before, and nothing else; and nothing is lost.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJournal } from '../../core/operation/journal.ts';
import type { JournalRecord } from '../../core/operation/journal.ts';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { runPlugin } from '../local/run-plugin.ts';
import type { Ran } from '../local/run-plugin.ts';

const everything = process.env['KUBECTL_ETCD_TEST_ALL'] === 'yes';
const names = ['n1', 'n2', 'n3'];

/** Every step of a restore of three members, as plan-restore.ts names them. */
const steps = [
  'stage.n1.receive',
  ...names.flatMap((node) => [...(node === 'n1' ? [] : [`prepare.${node}.receive`]), `prepare.${node}.build`]),
  ...['stop-etcd', 'exchange', 'start-etcd'].flatMap((phase) =>
    names.map((node) => `${phase}.${node}.${phase === 'exchange' ? 'exchange' : phase.slice(0, -5)}`),
  ),
  'check.n1.check',
];
const representatives = ['prepare.n2.build', 'stop-etcd.n3.stop', 'exchange.n2.exchange', 'start-etcd.n1.start'];
const killedAt = everything ? steps : representatives;

const consent = ['--yes', '--cluster-name', 'local'];

describe('a restore, killed', () => {
  let work: string;
  let etcdDirectory: string;
  let cluster: LocalCluster;
  let snapshot: string;
  let round = 0;

  const plugin = (...argv: string[]) => runPlugin(argv, { environment: cluster.environment, cwd: work });
  const etcdctl = (name: string, ...argv: string[]) =>
    execFileSync(join(etcdDirectory, 'etcdctl'), ['--endpoints', cluster.member(name).clientUrl, ...argv], {
      encoding: 'utf8',
      env: { ...process.env, ETCDCTL_API: '3' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const keysOn = (name: string) =>
    etcdctl(name, 'get', '', '--prefix', '--keys-only', '--consistency=s').split('\n').filter(Boolean);

  beforeAll(async () => {
    work = mkdtempSync('/tmp/kec-');
    etcdDirectory = dirname((await etcdBinaries('3.5')).binaries[0] ?? '');
    cluster = await startLocalCluster({ directory: join(work, 'c'), etcdDirectory, tls: true });
    for (let key = 0; key < 20; key += 1) etcdctl('n1', 'put', `/kept/${key}`, 'v'.repeat(100));
    snapshot = join(work, 'before.db');
    expect(await plugin('snapshot', 'save', snapshot)).toMatchObject({ code: 0 });
  }, 60_000);
  afterAll(async () => {
    await cluster.stop();
    rmSync(work, { recursive: true, force: true });
  });

  /** Something that the snapshot does not know, so that it shows which of the two is served. */
  function writeLater(): string {
    round += 1;
    const key = `/later/${round}`;
    etcdctl('n1', 'put', key, 'x');
    return key;
  }

  function assertDone({ code, stderr }: Ran): void {
    if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  }

  async function expectRestored(ran: Ran, later: string): Promise<void> {
    assertDone(ran);
    for (const name of names) {
      const keys = keysOn(name);
      expect(keys).toHaveLength(20);
      expect(keys).not.toContain(later);
    }
    await expectWell();
  }

  async function expectAsBefore(ran: Ran, later: string): Promise<void> {
    assertDone(ran);
    await untilHealthy();
    for (const name of names) expect(keysOn(name)).toContain(later);
    await expectWell();
  }

  async function expectWell(): Promise<void> {
    await untilHealthy();
    const list = JSON.parse((await plugin('operation', 'list', '-o', 'json')).stdout) as {
      operations: { open: boolean }[];
    };
    expect(list.operations.filter(({ open }) => open)).toEqual([]);
    for (const name of names) expect(readdirSync(join(work, 'c', name, 'data'))).toEqual(['member']);
  }

  async function untilHealthy(): Promise<void> {
    const endMs = Date.now() + 20_000;
    for (;;) {
      const { code, stdout, stderr } = await plugin('status');
      if (code === 0) return;
      if (Date.now() > endMs) throw new Error(`not healthy: ${stdout}${stderr}`);
      await sleep(200);
    }
  }

  /** Resolves with the operation's id when the journal of some node says that the step has begun; undefined when it has been waited for too long. */
  async function untilBegun(step: string, since: ReadonlySet<string>): Promise<string | undefined> {
    const endMs = Date.now() + 30_000;
    while (Date.now() < endMs) {
      for (const name of names)
        for (const { id, records } of operationsOf(name, since))
          if (records.some((record) => record.event === 'begun' && record.step === step)) return id;
      await sleep(2);
    }
    return undefined;
  }

  function operationsOf(name: string, since: ReadonlySet<string>): { id: string; records: JournalRecord[] }[] {
    const folder = join(work, 'c', name, 'state/operations');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((id) => id.startsWith('r-') && !since.has(id))
      .map((id) => ({ id, records: parseJournal(readFileSync(join(folder, id, 'journal.jsonl'), 'utf8')) }));
  }
  const known = () => new Set(names.flatMap((name) => operationsOf(name, new Set()).map(({ id }) => id)));

  async function restoreKilledAt(step: string): Promise<string> {
    const before = known();
    let id = '';
    const ran = await runPlugin(['restore', snapshot, ...consent], {
      environment: cluster.environment,
      cwd: work,
      meanwhile: (child) => {
        void untilBegun(step, before).then((found) => {
          id = found ?? '';
          child.kill('SIGKILL');
        });
      },
    });
    expect({ signal: ran.signal, stderr: ran.stderr }).toMatchObject({ signal: 'SIGKILL' });
    return id;
  }

  test('not killed at all', async () => {
    const later = writeLater();
    await expectRestored(await plugin('restore', snapshot, ...consent), later);
    const kept = await plugin('kept', 'list', '-o', 'json');
    const { kept: list } = JSON.parse(kept.stdout) as { kept: { node: string; what: string }[] };
    expect(names.filter((name) => list.some(({ node, what }) => node === name && what === 'old data'))).toEqual(names);
  }, 60_000);

  test('what was restored is saved again, is sound, and can be restored itself', async () => {
    const again = join(work, 'again.db');
    assertDone(await plugin('snapshot', 'save', again));
    assertDone(await plugin('snapshot', 'verify', again));
    expect((await plugin('snapshot', 'keys', again)).stdout.match(/^\/kept\//gm)).toHaveLength(20);
    const later = writeLater();
    await expectRestored(await plugin('restore', again, ...consent), later);
  }, 60_000);

  test.each(killedAt)(
    'the plugin killed when %s has begun, then resume',
    async (step) => {
      const later = writeLater();
      const id = await restoreKilledAt(step);
      await expectRestored(await plugin('operation', 'resume', id), later);
    },
    90_000,
  );

  test.each(killedAt)(
    'the plugin killed when %s has begun, then rollback',
    async (step) => {
      const later = writeLater();
      const id = await restoreKilledAt(step);
      await expectAsBefore(await plugin('operation', 'rollback', id, ...consent), later);
    },
    90_000,
  );

  test.each(killedAt)(
    'the agent killed when %s has begun: the plugin goes on when it is back',
    async (step) => {
      const later = writeLater();
      const before = known();
      const node = step.split('.')[1] ?? '';
      const ran = await runPlugin(['restore', snapshot, ...consent], {
        environment: cluster.environment,
        cwd: work,
        meanwhile: () => {
          void untilBegun(step, before).then(async () => {
            await cluster.killAgent(node);
            await sleep(300);
            await cluster.restartAgent(node);
          });
        },
      });
      await expectRestored(ran, later);
    },
    90_000,
  );

  test('two at once: the second is refused, and the first goes on', async () => {
    const later = writeLater();
    const both = await Promise.all([plugin('restore', snapshot, ...consent), plugin('restore', snapshot, ...consent)]);
    expect(both.map(({ code }) => code).sort()).toEqual([0, 5]);
    const refused = both.find(({ code }) => code === 5);
    expect(refused?.stderr).toMatch(/is not finished/);
    await expectRestored(both.find(({ code }) => code === 0) ?? both[0], later);
  }, 90_000);
});
