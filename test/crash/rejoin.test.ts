/**
 * A member brought back in the local mode, with whatever carries it killed at every step: real etcd, real agents, the real plugin, real SIGKILLs.
 * After each there are three members that vote, and nothing that was acknowledged meanwhile is missing on the one that came back.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJournal } from '../../core/operation/journal.ts';
import type { JournalRecord } from '../../core/operation/journal.ts';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import type { EtcdVersion } from '../lab/where.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { runPlugin } from '../local/run-plugin.ts';
import type { Ran } from '../local/run-plugin.ts';

const everything = process.env['KUBECTL_ETCD_TEST_ALL'] === 'yes';
const names = ['n1', 'n2', 'n3'];
const consent = ['--yes', '--cluster-name', 'local'];

/** Every phase of a rejoin; on which node a change of the membership is made depends on who leads. */
const phases = ['prepare', 'stop', 'set-aside', 'remove', 'add', 'start-etcd', 'catch-up', 'promote'];
const canGoBack = ['stop', 'set-aside'];
const representatives = ['set-aside', 'remove', 'add', 'start-etcd'];
const versions: readonly EtcdVersion[] = everything ? ['3.5', '3.4'] : ['3.5'];

describe.each(versions)('a member is brought back, etcd %s', (version) => {
  let work: string;
  let etcdDirectory: string;
  let cluster: LocalCluster;
  let load: WriteLoad;

  const plugin = (...argv: string[]) => runPlugin(argv, { environment: cluster.environment, cwd: work });
  const rejoin = () => plugin('member', 'rejoin', 'n3', ...consent);
  const etcdctl = (name: string, ...argv: string[]) =>
    execFileSync(join(etcdDirectory, 'etcdctl'), ['--endpoints', cluster.member(name).clientUrl, ...argv], {
      encoding: 'utf8',
      env: { ...process.env, ETCDCTL_API: '3' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });

  beforeAll(async () => {
    work = mkdtempSync('/tmp/kej-');
    etcdDirectory = dirname((await etcdBinaries(version)).binaries[0] ?? '');
    cluster = await startLocalCluster({ directory: join(work, 'c'), etcdDirectory, tls: true });
    load = new WriteLoad(etcdDirectory, [cluster.member('n1').clientUrl, cluster.member('n2').clientUrl]);
  }, 60_000);
  afterAll(async () => {
    await load.stop();
    await cluster.stop();
    rmSync(work, { recursive: true, force: true });
  });

  function assertDone({ code, stdout, stderr }: Ran): void {
    if (code !== 0) throw new Error(`exit code ${code}: ${stdout}${stderr}`);
  }

  /** Three members that vote, all that was acknowledged until now on n3, and nothing half done. */
  async function expectBack(ran: Ran): Promise<void> {
    assertDone(ran);
    const acknowledged = load.acknowledged();
    const list = JSON.parse((await plugin('member', 'list', '-o', 'json')).stdout) as {
      members: { name: string; node: string; role: string; healthy: boolean }[];
    };
    expect(list.members.map(({ name, node }) => [name, node]).sort()).toEqual(names.map((name) => [name, name]));
    expect(list.members.filter(({ role, healthy }) => role === 'learner' || !healthy)).toEqual([]);
    // The member's own, without asking the others; a moment behind them at most.
    await sleep(500);
    const there = new Set(
      etcdctl('n3', 'get', '/load/', '--prefix', '--keys-only', '--consistency=s').split('\n').filter(Boolean),
    );
    expect(acknowledged.filter((key) => !there.has(key))).toEqual([]);
    const { operations } = JSON.parse((await plugin('operation', 'list', '-o', 'json')).stdout) as {
      operations: { id: string; open: boolean }[];
    };
    expect(operations.filter(({ open }) => open)).toEqual([]);
    expect(readdirSync(join(work, 'c/n3/data'))).toEqual(['member']);
  }

  function operationsOf(name: string, since: ReadonlySet<string>): { id: string; records: JournalRecord[] }[] {
    const folder = join(work, 'c', name, 'state/operations');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((id) => id.startsWith('j-') && !since.has(id))
      .map((id) => ({ id, records: parseJournal(readFileSync(join(folder, id, 'journal.jsonl'), 'utf8')) }));
  }
  const known = () => new Set(names.flatMap((name) => operationsOf(name, new Set()).map(({ id }) => id)));

  /** The operation and the node when some journal says that a step of the phase has begun. */
  async function untilBegun(phase: string, since: ReadonlySet<string>): Promise<{ id: string; node: string }> {
    for (const endMs = Date.now() + 40_000; Date.now() < endMs;) {
      await sleep(2);
      for (const node of names)
        for (const { id, records } of operationsOf(node, since))
          if (records.some((record) => record.event === 'begun' && record.step.startsWith(`${phase}.`)))
            return { id, node };
    }
    throw new Error(`${phase} has not begun`);
  }

  async function rejoinKilledAt(phase: string): Promise<string> {
    const before = known();
    let id = '';
    const ran = await runPlugin(['member', 'rejoin', 'n3', ...consent], {
      environment: cluster.environment,
      cwd: work,
      meanwhile: (child) => {
        void untilBegun(phase, before).then((found) => {
          ({ id } = found);
          child.kill('SIGKILL');
        });
      },
    });
    expect({ signal: ran.signal, stderr: ran.stderr }).toMatchObject({ signal: 'SIGKILL' });
    return id;
  }

  test('its data is lost', async () => {
    await cluster.loseData('n3');
    const shown = await plugin('member', 'rejoin', 'n3', '--dry-run');
    expect(shown.stdout).toMatch(/^Bring back n3 of local\n/);
    expect(shown.stdout).toContain('There is no data in');
    await expectBack(await rejoin());
  }, 60_000);

  test('bytes of its database have flipped', async () => {
    await cluster.killEtcd('n3');
    const file = openSync(join(work, 'c/n3/data/member/snap/db'), 'r+');
    for (const at of [0, 4096, 8192]) writeSync(file, Buffer.alloc(512, 0xa5), 0, 512, at);
    await expectBack(await rejoin());
    const { kept } = JSON.parse((await plugin('kept', 'list', '-o', 'json')).stdout) as {
      kept: { node: string; what: string }[];
    };
    expect(kept.filter(({ node, what }) => node === 'n3' && what === 'old data').length).toBeGreaterThan(0);
  }, 60_000);

  test('it is well, and leads: the others choose another', async () => {
    assertDone(await plugin('member', 'move-leader', 'n3'));
    await expectBack(await rejoin());
  }, 60_000);

  test('it leads, and leaves the cluster; then it is brought back', async () => {
    assertDone(await plugin('member', 'move-leader', 'n3'));
    const ran = await plugin('member', 'remove', 'n3', ...consent);
    assertDone(ran);
    expect(ran.stderr).toContain('warning: 2 members are left');
    const left = etcdctl('n1', 'member', 'list').trim().split('\n');
    expect(left.map((line) => line.split(', ')[2]).sort()).toEqual(['n1', 'n2']);
    await expectBack(await rejoin());
  }, 60_000);

  test('without another one: refused, and nothing is touched', async () => {
    await cluster.killEtcd('n3');
    await cluster.killEtcd('n2');
    const ran = await rejoin();
    expect(ran).toMatchObject({ code: 5 });
    expect(ran.stderr).toMatch(/no quorum/);
    await cluster.launchDescribed('n2');
    await cluster.launchDescribed('n3');
    await untilHealthy();
  }, 60_000);

  test.each(everything ? phases : representatives)(
    'the plugin killed when %s has begun, then resume',
    async (phase) => {
      const id = await rejoinKilledAt(phase);
      await expectBack(await plugin('operation', 'resume', id));
    },
    90_000,
  );

  test.each(canGoBack)(
    'the plugin killed when %s has begun, then rollback: as it was',
    async (phase) => {
      const before = etcdctl('n1', 'member', 'list');
      const id = await rejoinKilledAt(phase);
      assertDone(await plugin('operation', 'rollback', id, ...consent));
      await untilHealthy();
      expect(etcdctl('n1', 'member', 'list')).toBe(before);
    },
    90_000,
  );

  test('once the old member has left there is no way back, only on', async () => {
    const id = await rejoinKilledAt('add');
    const back = await plugin('operation', 'rollback', id, ...consent);
    expect(back).toMatchObject({ code: 5 });
    expect(back.stderr).toMatch(/the old member may have left the cluster/);
    await expectBack(await plugin('operation', 'resume', id));
  }, 90_000);

  test('abandoned when it was added, never started: another rejoin begins anew', async () => {
    const id = await rejoinKilledAt('start-etcd');
    assertDone(await plugin('operation', 'abandon', id, ...consent));
    await expectBack(await rejoin());
  }, 90_000);

  test.each(everything ? phases : representatives)(
    'the agent killed when %s has begun: the plugin goes on when it is back',
    async (phase) => {
      const before = known();
      const ran = await runPlugin(['member', 'rejoin', 'n3', ...consent], {
        environment: cluster.environment,
        cwd: work,
        meanwhile: () => {
          void untilBegun(phase, before).then(async ({ node }) => {
            await cluster.killAgent(node);
            await sleep(300);
            await cluster.restartAgent(node);
          });
        },
      });
      await expectBack(ran);
    },
    90_000,
  );

  async function untilHealthy(): Promise<void> {
    const endMs = Date.now() + 20_000;
    for (;;) {
      const { code, stdout, stderr } = await plugin('status');
      if (code === 0) return;
      if (Date.now() > endMs) throw new Error(`not healthy: ${stdout}${stderr}`);
      await sleep(200);
    }
  }
});

/** Keys one after the other, each acknowledged before the next; a write that fails is not counted. */
class WriteLoad {
  readonly #acknowledged: string[] = [];
  readonly #stopped = new AbortController();
  readonly #loop: Promise<void>;

  constructor(etcdDirectory: string, urls: readonly string[]) {
    this.#loop = this.#write(join(etcdDirectory, 'etcdctl'), urls.join());
  }

  acknowledged(): readonly string[] {
    return [...this.#acknowledged];
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #write(program: string, endpoints: string): Promise<void> {
    for (let number = 1; !this.#stopped.signal.aborted; number += 1) {
      const key = `/load/${number}`;
      const put: ChildProcess = spawn(program, ['--endpoints', endpoints, '--command-timeout=3s', 'put', key, 'x'], {
        env: { ...process.env, ETCDCTL_API: '3' },
        stdio: 'ignore',
      });
      const [code] = (await once(put, 'close')) as [number | null];
      if (code === 0) this.#acknowledged.push(key);
      await sleep(20);
    }
  }
}
