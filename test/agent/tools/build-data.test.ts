import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostRoot } from '../../../agent/host/root.ts';
import { buildData } from '../../../agent/tools/build-data.ts';
import type { BuildOptions } from '../../../agent/tools/build-data.ts';
import { findTool } from '../../../agent/tools/find-tool.ts';
import type { EtcdTool } from '../../../agent/tools/find-tool.ts';
import { readSummary } from '../../../core/snapshot/summary.ts';
import { openFile } from '../../../core/snapshot/source.ts';
import { fixtures, flipped, readFixture } from '../../core/snapshot/fixtures/fixtures.ts';
import { etcdVersions } from '../../lab/where.ts';
import { freePort, realEtcd, startEtcd } from './real-etcd.ts';

const peers = { a: 'https://10.0.0.1:2380', b: 'https://10.0.0.2:2380', c: 'https://10.0.0.3:2380' } as const;
const initialCluster = Object.entries(peers)
  .map(([name, url]) => `${name}=${url}`)
  .join(',');
const bumpRevision = 1_000_000;

let work: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'build-data-'));
});
afterEach(() => rm(work, { recursive: true }));
const into = (name = 'new') => join(work, `kubectl-etcd-${name}`);

async function summaryOf(file: string) {
  await using source = await openFile(file);
  return await readSummary(source);
}

/** Real snapshots, real tools, and a real etcd that starts on what they built. */
describe.each(etcdVersions)('etcd %s', (suite) => {
  let etcd: Awaited<ReturnType<typeof realEtcd>>;
  let tool: EtcdTool;
  const snapshot = suite === '3.4' ? fixtures.etcd34 : fixtures.etcd35;
  const options = (more: Partial<BuildOptions> = {}): BuildOptions => ({
    ...{ tool, snapshot, into: into(), name: 'a', initialCluster, token: 'restore-1', peerUrls: [peers.a] },
    ...more,
  });

  beforeAll(async () => {
    etcd = await realEtcd(suite);
    tool = await findTool({
      version: etcd.version,
      stateDirectory: join(tmpdir(), 'nothing-is-kept-here'),
      root: new HostRoot('/'),
      etcdFolder: etcd.folder,
    });
  }, 60_000);

  test('three members, each on its own: the same ids on all, and each its own', async () => {
    const built = [];
    for (const [name, url] of Object.entries(peers))
      built.push(await buildData(options({ into: into(name), name, peerUrls: [url] })));
    const [first] = built;
    const { revision } = await summaryOf(snapshot);
    for (const each of built) expect(each).toMatchObject({ members: first?.members, revision });
    expect(first?.members.map(({ name, peerUrls }) => ({ name, peerUrls }))).toEqual(
      Object.entries(peers).map(([name, url]) => ({ name, peerUrls: [url] })),
    );
    expect(built.map(({ memberId }) => memberId)).toEqual(first?.members.map(({ id }) => id));
    expect(new Set(built.map(({ memberId }) => memberId)).size).toBe(3);
    // Of another token nothing is the same.
    const other = await buildData(options({ into: into('other'), token: 'restore-2' }));
    expect(first?.members.map(({ id }) => id)).not.toContain(other.memberId);
  });

  test('nobody else can read it, nothing else is left, and the database is where it should be', async () => {
    const built = await buildData(options());
    expect(readdirSync(work)).toEqual(['kubectl-etcd-new']);
    for (const folder of ['', 'member', 'member/snap', 'member/wal'])
      expect(statSync(join(into(), folder)).mode & 0o777).toBe(0o700);
    expect(statSync(join(into(), 'member/snap/db'))).toMatchObject({ size: built.sizeBytes });
  });

  test('etcd starts on it as the member that was announced, and has the keys', async () => {
    const peerUrl = `http://127.0.0.1:${await freePort()}`;
    const bump = tool.canBump ? bumpRevision : 0;
    const built = await buildData(
      options({ initialCluster: `one=${peerUrl}`, name: 'one', peerUrls: [peerUrl], bumpRevision: bump }),
    );
    await using running = await startEtcd({
      ...{ argv: [join(etcd.folder, 'etcd')], folder: etcd.folder, dataDirectory: into(), name: 'one', peerUrl },
      flags: ['--initial-cluster-state=existing'],
    });
    expect(running.ctl('member', 'list')).toMatch(new RegExp(`^${built.memberId}, started, one, `));
    expect(running.ctl('get', '/registry/a', '--print-value-only')).toBe('one\n');
    const { header } = JSON.parse(running.ctl('put', '/registry/new', 'value', '-w', 'json')) as {
      header: { revision: number };
    };
    expect(header.revision).toBe(built.revision + 1);
    if (bump > 0) expect(() => running.ctl('get', '/registry/a', `--rev=${built.revision - 1}`)).toThrow(/compacted/);
  });

  test('what an earlier try has left is gone, and a separate WAL directory is one', async () => {
    const walInto = into('wal');
    for (const left of [into(), walInto, `${into()}.part-00000000`, `${walInto}.part-00000000`]) {
      mkdirSync(join(left, 'member'), { recursive: true });
      writeFileSync(join(left, 'half'), 'of it');
    }
    mkdirSync(join(work, 'somebody-elses'));
    await buildData(options({ walInto }));
    expect(readdirSync(work).sort()).toEqual(['kubectl-etcd-new', 'kubectl-etcd-wal', 'somebody-elses']);
    expect(readdirSync(into())).toEqual(['member']);
    expect(readdirSync(join(into(), 'member'))).toEqual(['snap']);
    expect(readdirSync(walInto)).toEqual([expect.stringMatching(/\.wal$/)]);
    expect(statSync(walInto).mode & 0o777).toBe(0o700);
  });

  test.each<[string, (sound: Buffer) => Buffer, Partial<BuildOptions>, string, RegExp]>([
    [
      'a flipped bit in a value',
      (sound) => flipped(sound, sound.indexOf('value 59 ') + 20),
      {},
      'restore-failed',
      /^etcd(utl|ctl) 3\.\S+ cannot build .*its content is not what the checksum at its end was made of$/,
    ],
    [
      'no checksum',
      (sound) => sound.subarray(0, -32),
      {},
      'restore-failed',
      /it does not end in a checksum: it was cut/,
    ],
    [
      'half of it',
      (sound) => sound.subarray(0, sound.length / 2),
      {},
      'snapshot-damaged',
      /large|short|ends|bytes|page/,
    ],
    ['something else', () => Buffer.from('something else'), {}, 'not-a-database', /is not a bbolt database/],
    ['no member of that name', (sound) => sound, { name: 'd' }, 'restore-failed', /couldn't find local name "d"/],
    [
      'other peer URLs',
      (sound) => sound,
      { peerUrls: [peers.b] },
      'restore-failed',
      /initial-cluster|initial-advertise/,
    ],
  ])('%s: refused, in words, and nothing is left', async (_what, damage, more, reason, message) => {
    const damaged = join(work, 'damaged.db');
    await writeFile(damaged, damage(await readFixture(suite === '3.4' ? 'etcd34' : 'etcd35')));
    const failed = buildData(options({ snapshot: damaged, ...more }));
    await expect(failed).rejects.toMatchObject({ reason, message: expect.stringMatching(message) });
    expect(readdirSync(work)).toEqual(['damaged.db']);
  });

  test('a member’s own database file, which has no checksum', async () => {
    const file = join(work, 'db');
    await writeFile(file, (await readFile(snapshot)).subarray(0, -32));
    const built = await buildData(options({ snapshot: file, skipHashCheck: true }));
    expect(built.revision).toBe((await summaryOf(snapshot)).revision);
  });

  describe('in the middle', () => {
    /** Long enough to be met at work: bbolt's files are often longer than what is in them. */
    const largeBytes = 192 * 1024 * 1024;
    beforeEach(async () => {
      await copyFile(snapshot, join(work, 'large.db'));
      truncateSync(join(work, 'large.db'), largeBytes);
    });
    const large = (more: Partial<BuildOptions>) =>
      buildData(options({ snapshot: join(work, 'large.db'), skipHashCheck: true, ...more }));

    test('cancelled: the tool is dead, nothing is left, and whoever cancelled gets his own reason', async () => {
      const cancel = new AbortController();
      const building = large({
        signal: cancel.signal,
        onProgress: (done) => {
          if (done > 0) cancel.abort(new Error('enough'));
        },
      });
      await expect(building).rejects.toThrow('enough');
      expect(toolsAtWork(work)).toEqual([]);
      expect(readdirSync(work)).toEqual(['large.db']);
    });

    test('it works at a low priority, is the first to go when memory runs out, and says how far it is', async () => {
      const seen: { done: number; total: number; priorities: number[]; adjusted: string }[] = [];
      await large({
        onProgress: (done, total) => {
          for (const pid of toolsAtWork(work)) {
            const threads = readdirSync(`/proc/${pid}/task`).map(Number);
            const adjusted = readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim();
            seen.push({ done, total, priorities: threads.map((thread) => getPriority(thread)), adjusted });
          }
        },
      });
      expect(seen.length).toBeGreaterThan(0);
      for (const { priorities, adjusted, total } of seen) {
        expect({ priorities, adjusted }).toEqual({ priorities: priorities.map(() => 10), adjusted: '900' });
        expect(total).toBe(largeBytes);
      }
      const done = seen.map((each) => each.done);
      expect(done).toEqual(done.toSorted((one, other) => one - other));
    });

    test('whoever watches fails: so does the work, and nothing goes on behind his back', async () => {
      const onProgress = () => {
        throw new Error('nobody is there');
      };
      await expect(large({ onProgress })).rejects.toMatchObject({ reason: 'restore-failed', why: 'nobody is there' });
      expect(toolsAtWork(work)).toEqual([]);
      expect(readdirSync(work)).toEqual(['large.db']);
    });

    test('killed by somebody else: said, and nothing is left', async () => {
      const building = large({
        onProgress: (done) => {
          if (done > 0) for (const pid of toolsAtWork(work)) process.kill(pid, 'SIGKILL');
        },
      });
      await expect(building).rejects.toMatchObject({
        reason: 'restore-failed',
        why: expect.stringContaining('killed by SIGKILL'),
      });
      expect(readdirSync(work)).toEqual(['large.db']);
    });
  });
});

describe('the bump, and tools that do not do what they should', () => {
  let tool: EtcdTool;
  beforeAll(async () => {
    const { folder, version } = await realEtcd('3.5');
    tool = await findTool({
      ...{ version, stateDirectory: join(tmpdir(), 'nothing-is-kept-here'), root: new HostRoot('/') },
      ...{ etcdFolder: folder, needsBump: true },
    });
  }, 60_000);
  const bumped = (more: Partial<BuildOptions>) =>
    buildData({
      ...{ tool, snapshot: fixtures.etcd35, into: into(), name: 'a', initialCluster, token: 't', peerUrls: [peers.a] },
      ...{ bumpRevision, ...more },
    });

  test('the revision is ahead by it, and all before it is marked as compacted', async () => {
    const { revision } = await summaryOf(fixtures.etcd35);
    expect(await bumped({})).toMatchObject({ revision: revision + bumpRevision });
    expect(await summaryOf(join(into(), 'member/snap/db'))).toMatchObject({
      revision: revision + bumpRevision,
      scheduledCompactRevision: revision + bumpRevision,
    });
  });

  test('a tool that does not do it is found out', async () => {
    const deaf =
      'words=(); for w; do [[ $w == --bump* || $w == --mark* ]] || words+=("$w"); done; exec "$0" "${words[@]}"';
    const building = bumped({ tool: { ...tool, argvPrefix: ['/bin/bash', '-c', deaf] } });
    await expect(building).rejects.toMatchObject({ reason: 'revision-not-bumped' });
    expect(readdirSync(work)).toEqual([]);
  });

  test('a tool that hangs is killed when nobody waits for it any more', async () => {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Error('enough')), 300);
    const building = bumped({
      tool: { ...tool, argvPrefix: ['/bin/sh', '-c', 'exec sleep 600'] },
      signal: cancel.signal,
    });
    await expect(building).rejects.toThrow('enough');
    expect(readdirSync(work)).toEqual([]);
  });

  test('a tool that cannot be started is said', async () => {
    const building = bumped({ tool: { ...tool, path: join(work, 'no-tool') } });
    await expect(building).rejects.toMatchObject({
      reason: 'restore-failed',
      why: expect.stringContaining('ENOENT'),
    });
  });

  test('a place that is not ours is not touched', async () => {
    const data = join(work, 'etcd');
    mkdirSync(join(data, 'member'), { recursive: true });
    await expect(bumped({ into: data })).rejects.toThrow(/no place of kubectl-etcd's own/);
    await expect(bumped({ walInto: join(data, 'member') })).rejects.toThrow(/no place of kubectl-etcd's own/);
    expect(existsSync(join(data, 'member'))).toBe(true);
  });
});

/** The pids of tools that write below this folder. */
function toolsAtWork(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandLine(pid).includes(`--data-dir=${folder}/`))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
