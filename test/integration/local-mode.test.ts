import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { etcdVersions } from '../lab/where.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { runPlugin } from '../local/run-plugin.ts';
import type { RunOptions } from '../local/run-plugin.ts';

/** Real etcd, real agents, the real plugin; every case on each etcd that Debian carries. */
describe.each(etcdVersions)('etcd %s, three members', (version) => {
  let work: string;
  let etcdDirectory: string;
  let exactVersion: string;
  let cluster: LocalCluster;

  const plugin = (argv: readonly string[], options: RunOptions = {}) =>
    runPlugin(argv, { environment: cluster.environment, cwd: work, ...options });
  const etcdctl = (...argv: string[]) =>
    execFileSync(join(etcdDirectory, 'etcdctl'), ['--endpoints', cluster.member('n1').clientUrl, ...argv], {
      encoding: 'utf8',
      env: { ...process.env, ETCDCTL_API: '3' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const status = async () => {
    const ran = await plugin(['status', '-o', 'json']);
    return { ...ran, document: JSON.parse(ran.stdout) as StatusJson };
  };
  const leader = async () => (await status()).document.members.find((member) => member.leader)?.name ?? '';

  beforeAll(async () => {
    work = mkdtempSync('/tmp/kel-');
    etcdDirectory = dirname((await etcdBinaries(version)).binaries[0] ?? '');
    const said = execFileSync(join(etcdDirectory, 'etcd'), ['--version'], { encoding: 'utf8' });
    exactVersion = /^etcd Version: (\S+)$/m.exec(said)?.[1] ?? '';
    cluster = await startLocalCluster({ directory: join(work, 'c'), etcdDirectory });
    for (let key = 0; key < 50; key += 1) etcdctl('put', `/registry/things/${key}`, 'v'.repeat(key));
  }, 60_000);
  afterAll(async () => {
    await cluster.stop();
    rmSync(work, { recursive: true, force: true });
  });

  test('status: three healthy members, one leader, may lose one', async () => {
    const { code, document, stderr } = await status();
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(document.quorum).toMatchObject({ members: 3, needed: 2, healthy: 3, canLose: 1 });
    expect(document.members.map(({ node }) => node)).toEqual(['n1', 'n2', 'n3']);
    expect(document.members.filter((member) => member.leader)).toHaveLength(1);
    for (const member of document.members) {
      expect(member).toMatchObject({ healthy: true, learner: false, revision: 51, alarms: [], errors: [] });
      expect(member.version).toBe(exactVersion);
      expect(member.dbSizeBytes).toBeGreaterThan(0);
      expect(member.raftIndex).toBeGreaterThan(50);
    }
    const table = await plugin(['status']);
    expect(table.stdout.split('\n')[0]).toBe('CLUSTER local   MEMBERS 3 of 3 healthy   QUORUM 2, may lose 1');
    expect((await plugin(['status', '-o', 'name'])).stdout).toBe('member/n1\nmember/n2\nmember/n3\n');
  });

  test('save: a plain etcd snapshot from a follower, 0600, with its manifest, that etcd restores', async () => {
    const ran = await plugin(['snapshot', 'save', 's.db']);
    expect(ran.code).toBe(0);
    const file = join(work, 's.db');
    const manifest = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as ManifestJson;
    const bytes = readFileSync(file);
    expect(manifest).toMatchObject({
      sha256: createHash('sha256').update(bytes).digest('hex'),
      sizeBytes: bytes.length,
      revision: 51,
      confirmed: { revision: 51 },
      cluster: { name: 'local' },
    });
    expect(manifest.node).not.toBe(await leader());
    expect(manifest.members).toHaveLength(3);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(`${file}.json`).mode & 0o777).toBe(0o600);
    const restored = join(work, 'restored');
    const tool = version === '3.4' ? 'etcdctl' : 'etcdutl';
    execFileSync(join(etcdDirectory, tool), ['snapshot', 'restore', file, '--data-dir', restored], {
      env: { ...process.env, ETCDCTL_API: '3' },
      stdio: 'ignore',
    });
    expect(existsSync(join(restored, 'member/snap/db'))).toBe(true);
    expect((await plugin(['snapshot', 'verify', 's.db'])).code).toBe(0);
  });

  test('save: holds every write acknowledged before it began, under a load of writes', async () => {
    for (let round = 0; round < 5; round += 1) {
      const put = JSON.parse(etcdctl('put', '/registry/acknowledged', String(round), '-w', 'json')) as {
        header: { revision: number };
      };
      const ran = await plugin(['snapshot', 'save', `load-${round}.db`, '-o', 'json']);
      expect(ran.code).toBe(0);
      const manifest = JSON.parse(ran.stdout) as ManifestJson;
      expect(manifest.revision).toBeGreaterThanOrEqual(put.header.revision);
      expect(manifest.confirmed.revision).toBeGreaterThanOrEqual(put.header.revision);
    }
  }, 30_000);

  test('save: an existing file is not overwritten without --force; a missing directory is said; nothing is left', async () => {
    writeFileSync(join(work, 'mine.db'), 'mine');
    const refused = await plugin(['snapshot', 'save', 'mine.db']);
    expect(refused).toMatchObject({ code: 5, stdout: '' });
    expect(refused.stderr).toContain('mine.db exists');
    expect(readFileSync(join(work, 'mine.db'), 'utf8')).toBe('mine');
    expect((await plugin(['snapshot', 'save', 'mine.db', '--force'])).code).toBe(0);
    expect((await plugin(['snapshot', 'verify', 'mine.db'])).code).toBe(0);
    const missing = await plugin(['snapshot', 'save', 'no/such/place.db']);
    expect(missing.code).toBe(5);
    expect(missing.stderr).toContain('there is no directory no/such');
    expect(readdirSync(work).filter((name) => name.includes('.part'))).toEqual([]);
  });

  test('verify: says what is wrong with an altered, a truncated and a foreign file', async () => {
    await plugin(['snapshot', 'save', 'good.db']);
    const good = readFileSync(join(work, 'good.db'));
    const altered = Buffer.from(good);
    altered[good.length >> 1] = (altered[good.length >> 1] ?? 0) ^ 1;
    for (const [name, bytes, words] of [
      ['altered.db', altered, 'altered'],
      ['short.db', good.subarray(0, good.length - 512), 'truncated'],
      ['gzip.db', Buffer.from('1f8b0800000000000003', 'hex'), 'gzip'],
      ['empty.db', Buffer.alloc(0), 'empty'],
    ] as const) {
      writeFileSync(join(work, name), bytes);
      const ran = await plugin(['snapshot', 'verify', name]);
      expect(ran.code).toBe(1);
      expect(ran.stdout).toContain(words);
    }
    writeFileSync(join(work, 'other.db'), good);
    writeFileSync(
      join(work, 'other.db.json'),
      readFileSync(join(work, 'good.db.json'), 'utf8').replace(/"revision": \d+/, '"revision": 7'),
    );
    expect((await plugin(['snapshot', 'verify', 'other.db'])).stdout).toContain('revision 7');
  });

  test("logs: etcd's own, the last lines, and followed until Ctrl-C", async () => {
    const all = await plugin(['logs', 'n1']);
    expect(all.code).toBe(0);
    expect(all.stdout.length).toBe(statSync(join(cluster.member('n1').directory, 'etcd.log')).size);
    expect((await plugin(['logs', 'n1', '--tail', '3'])).stdout.trimEnd().split('\n')).toHaveLength(3);
    const followed = await plugin(['logs', 'n1', '-f', '--tail', '1'], {
      meanwhile: (child) => setTimeout(() => child.kill('SIGINT'), 1500),
    });
    expect(followed.stdout).not.toBe('');
    expect(followed.code).toBe(0);
    expect((await plugin(['logs', 'n9'])).code).toBe(2);
  }, 20_000);

  test('version: plugin, agents and etcd', async () => {
    const ran = await plugin(['version', '-o', 'json']);
    expect(ran.code).toBe(0);
    const { plugin: own, nodes } = JSON.parse(ran.stdout) as {
      plugin: string;
      nodes: { agent: string; etcd: string }[];
    };
    expect(nodes.map(({ agent }) => agent)).toEqual([own, own, own]);
    expect(nodes.map(({ etcd }) => etcd)).toEqual([exactVersion, exactVersion, exactVersion]);
  });

  test('Ctrl-C in the middle of a save: exit code 130, nothing half-written', async () => {
    // etcd stands still, so that the save is under way when the signal comes, however quick the machine is.
    const stopped = cluster.members.map(({ etcd }) => etcd);
    stopped.forEach((etcd) => etcd.kill('SIGSTOP'));
    try {
      const interrupt = (child: ChildProcess) => setTimeout(() => child.kill('SIGINT'), 1_000);
      const ran = await plugin(['snapshot', 'save', 'interrupted.db'], { meanwhile: interrupt });
      expect(ran).toMatchObject({ code: 130, stdout: '' });
      expect(ran.stderr).toContain('interrupted');
      expect(ran.tookMs).toBeLessThan(2_500);
      expect(readdirSync(work).filter((name) => name.startsWith('interrupted'))).toEqual([]);
    } finally {
      stopped.forEach((etcd) => etcd.kill('SIGCONT'));
    }
  });

  test('a reader of results that goes away is no error', async () => {
    const ran = await plugin(['logs', 'n1', '-f'], {
      meanwhile: (child) =>
        child.stdout?.once('data', () => {
          child.stdout?.destroy();
          // A pipe tells that nobody reads any more when something is written to it: each snapshot is a few lines of log.
          void plugin(['snapshot', 'save', 'lines-1.db', '--from', 'n1']).then(() =>
            plugin(['snapshot', 'save', 'lines-2.db', '--from', 'n1']),
          );
        }),
    });
    expect(ran.code).toBe(0);
    expect(ran.stderr).toBe('');
  });

  test('a disk that is full: a sentence, exit code 5 or 1, nothing left', async () => {
    const small = join(work, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', small]);
    try {
      const ran = await plugin(['snapshot', 'save', join(small, 'x.db')]);
      expect(ran.code).toBe(5);
      expect(ran.stderr).toContain('has no room');
      expect(readdirSync(small)).toEqual([]);
    } finally {
      execFileSync('umount', [small]);
    }
  });

  test('an agent that is killed: said with its node, the others shown; saving from there fails and leaves nothing', async () => {
    await cluster.killAgent('n2');
    const { code, document } = await status();
    expect(code).toBe(0);
    expect(document.members.every(({ healthy }) => healthy)).toBe(true);
    const ran = await plugin(['snapshot', 'save', 'n2.db', '--from', 'n2']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('n2');
    expect(readdirSync(work).filter((name) => name.startsWith('n2.db'))).toEqual([]);
    await cluster.restartAgent('n2');
    expect((await plugin(['snapshot', 'save', 'n2.db', '--from', 'n2'])).code).toBe(0);
  });

  test('one member dead: degraded, within 3 s; two: quorum lost, and a snapshot from the survivor all the same', async () => {
    await cluster.killEtcd('n3');
    // It may have been the leader: the others elect a new one.
    await sleep(2_500);
    const degraded = await status();
    expect(degraded.code).toBe(3);
    expect(degraded.tookMs).toBeLessThan(3500);
    expect(degraded.document.quorum).toMatchObject({ healthy: 2, canLose: 0 });
    expect(degraded.document.members.find(({ name }) => name === 'n3')).toMatchObject({
      healthy: false,
      node: 'n3',
      version: null,
    });

    await cluster.killEtcd('n2');
    await sleep(2_500);
    const lost = await status();
    expect(lost.code).toBe(4);
    expect(lost.document.quorum).toMatchObject({ healthy: 0, needed: 2 });
    expect(lost.tookMs).toBeLessThan(6_000);
    const saved = await plugin(['snapshot', 'save', 'survivor.db']);
    expect(saved.code).toBe(0);
    expect(saved.stderr).toContain('could not confirm');
    const manifest = JSON.parse(readFileSync(join(work, 'survivor.db.json'), 'utf8')) as ManifestJson;
    expect(manifest.node).toBe('n1');
    expect(manifest.confirmed.unconfirmed).toBeDefined();

    await cluster.killEtcd('n1');
    const dead = await status();
    expect(dead.code).toBe(4);
    expect(dead.document.members.map(({ healthy }) => healthy)).toEqual([false, false, false]);
    const none = await plugin(['snapshot', 'save', 'none.db']);
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(/ECONNREFUSED/);
    expect((await plugin(['logs', 'n1', '--tail', '1'])).code).toBe(0);

    await Promise.all(['n1', 'n2', 'n3'].map((name) => cluster.restartEtcd(name)));
    expect((await status()).code).toBe(0);
  }, 60_000);

  test('etcd killed in mid-snapshot: a clear error, no file under the final name', async () => {
    // Bytes that do not shrink, and more of them than all windows on the way hold: with the plugin stopped, etcd cannot be done.
    for (let key = 0; key < 200; key += 1)
      etcdctl('put', `/registry/large/${key}`, randomBytes(90_000).toString('base64').slice(0, 120_000));
    const ran = await plugin(['snapshot', 'save', 'cut.db', '--from', 'n2'], {
      meanwhile: (child) => {
        child.stderr?.once('data', () => {
          child.kill('SIGSTOP');
          void cluster.killEtcd('n2').then(() => child.kill('SIGCONT'));
        });
      },
    });
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain('n2');
    expect(readdirSync(work).filter((name) => name.startsWith('cut.db'))).toEqual([]);
    await cluster.restartEtcd('n2');
  }, 30_000);
});

interface StatusJson {
  readonly quorum: {
    readonly members: number;
    readonly needed: number;
    readonly healthy: number;
    readonly canLose: number;
  };
  readonly members: readonly {
    readonly name: string;
    readonly node: string;
    readonly healthy: boolean;
    readonly leader: boolean;
    readonly version: string | null;
    readonly dbSizeBytes: number;
    readonly raftIndex: number;
  }[];
}

interface ManifestJson {
  readonly revision: number;
  readonly node: string;
  readonly members: readonly unknown[];
  readonly confirmed: { readonly revision?: number; readonly unconfirmed?: string };
}
