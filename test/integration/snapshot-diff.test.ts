/** What a restore would change: real etcd, real agents, the real plugin, on each etcd that Debian carries. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { agentRoutes } from '../../agent/serve/routes.ts';
import type { NodeEtcd } from '../../agent/serve/routes.ts';
import { openLiveKeys } from '../../agent/etcd/live-keys.ts';
import { agentServer } from '../../agent/serve/server.ts';
import type { Routes } from '../../agent/serve/server.ts';
import { path } from '../../core/protocol/paths.ts';
import { AgentSession } from '../../plugin/link/agent-session.ts';
import { compareWithLive } from '../../plugin/restore/lost.ts';
import type { LostDocument } from '../../plugin/restore/lost.ts';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { etcdVersions } from '../lab/where.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import type { LocalCluster, LocalMember } from '../local/local-cluster.ts';
import { runPlugin } from '../local/run-plugin.ts';

const several = (count: number, path_: string) =>
  Array.from({ length: count }, (_, at) => `/registry/${path_}${String(at).padStart(4, '0')}`);
const signal = new AbortController().signal;

/** Through etcd's own gateway, a hundred keys a transaction. */
async function put(clientUrl: string, keys: readonly string[], value = 'v'): Promise<void> {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  for (let at = 0; at < keys.length; at += 100) {
    const success = keys.slice(at, at + 100).map((key) => ({ requestPut: { key: base64(key), value: base64(value) } }));
    const reply = await fetch(`${clientUrl}/v3/kv/txn`, { method: 'POST', body: JSON.stringify({ success }) });
    if (!reply.ok) throw new Error(await reply.text());
  }
}

describe.each(etcdVersions)('etcd %s', (version) => {
  let work: string;
  let etcdDirectory: string;
  beforeAll(async () => {
    work = mkdtempSync('/tmp/ked-');
    etcdDirectory = dirname((await etcdBinaries(version)).binaries[0] ?? '');
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  const tool = (name: string, ...argv: string[]) =>
    execFileSync(join(etcdDirectory, name), argv, {
      encoding: 'utf8',
      env: { ...process.env, ETCDCTL_API: '3' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const etcdctl = ({ clientUrl }: LocalMember, ...argv: string[]) => tool('etcdctl', '--endpoints', clientUrl, ...argv);

  describe('three members', () => {
    let cluster: LocalCluster;
    let member: LocalMember;
    const plugin = (...argv: string[]) => runPlugin(argv, { environment: cluster.environment, cwd: work });
    const diff = async (...argv: string[]) => {
      const ran = await plugin('snapshot', 'diff', 's.db', '-o', 'json', ...argv);
      return { ...ran, document: JSON.parse(ran.stdout) as LostDocument };
    };

    /** Several pages of what stays, and a namespace that will go. */
    const kept = [
      ...several(3_000, 'configmaps/default/c'),
      ...several(1_200, 'minions/w'),
      ...['default', 'legacy', 'shop'].map((name) => `/registry/namespaces/${name}`),
      '/registry/secrets/shop/tls',
      'compact_rev_key',
    ];
    const legacy = [...several(60, 'pods/legacy/p'), '/registry/secrets/legacy/s'];

    beforeAll(async () => {
      cluster = await startLocalCluster({ directory: join(work, 'c'), etcdDirectory });
      member = cluster.member('n1');
      await put(member.clientUrl, [...kept, ...legacy]);
      expect((await plugin('snapshot', 'save', 's.db')).code).toBe(0);
    }, 60_000);
    afterAll(async () => cluster.stop());

    test('nothing has changed: nothing is lost', async () => {
      const ran = await plugin('snapshot', 'diff', 's.db');
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      expect(ran.stdout).toBe(
        [
          'Lost, compared with now:   nothing',
          'Brought back:              nothing',
          'Set back:                  nothing',
          '',
        ].join('\n'),
      );
      expect((await diff()).document).toMatchObject({
        snapshot: { keys: kept.length + legacy.length },
        live: { keys: kept.length + legacy.length },
      });
    });

    test('what came, what went and what was written since, by resource and namespace', async () => {
      etcdctl(member, 'del', '--prefix', '/registry/pods/legacy/');
      etcdctl(member, 'del', '/registry/secrets/legacy/s');
      etcdctl(member, 'del', '/registry/namespaces/legacy');
      etcdctl(member, 'put', '/registry/secrets/shop/tls', 'renewed');
      await put(member.clientUrl, [
        ...['/registry/deployments/shop/cart', ...several(3, 'configmaps/shop/c')],
        ...[...several(13, 'pods/shop/p'), '/registry/pods/default/p', ...several(412, 'events/shop/e')],
      ]);
      const { code, document } = await diff();
      expect(code).toBe(0);
      expect(document).toMatchObject({
        lost: { keys: 1 + 3 + 14 + 412, others: { keys: 0 }, namespaces: [] },
        broughtBack: { keys: 62, namespaces: ['legacy'] },
        setBack: { keys: 1, groups: [{ resource: 'secrets', namespace: 'shop', keys: 1, examples: ['tls'] }] },
      });
      expect(document.live?.unconfirmed).toBeUndefined();
      const lines = (await plugin('snapshot', 'diff', 's.db')).stdout.split('\n');
      expect(lines.slice(0, 7)).toEqual([
        'Lost, compared with now:   1 deployment (shop/cart), 3 configmaps (shop), 14 pods, 412 events',
        'Brought back:              namespace legacy with 61 objects',
        'Set back:                  1 secret (shop/tls)',
        '',
        'CHANGE         RESOURCE      NAMESPACE   OBJECTS   NAMES',
        'lost           deployments   shop        1         cart',
        'lost           configmaps    shop        3         c0000, c0001, c0002',
      ]);
    });

    test('a file that is none, and a node that is none: said, with the code of each', async () => {
      expect(await plugin('snapshot', 'diff', 'none.db')).toMatchObject({ code: 1, stdout: '' });
      expect(await plugin('snapshot', 'diff', 's.db', '--from', 'n9')).toMatchObject({ code: 2, stdout: '' });
      const other = await plugin('snapshot', 'diff', 's.db', '--etcd-prefix', '/other');
      expect(other.stdout.split('\n')[0]).toBe('Lost, compared with now:   430 keys outside Kubernetes');
    });

    test('quorum lost: the same, with a warning; etcd dead: a failure that says so', async () => {
      await Promise.all(['n2', 'n3'].map((name) => cluster.killEtcd(name)));
      const { code, document, stderr } = await diff('--from', 'n1');
      expect(code).toBe(0);
      expect(document).toMatchObject({ lost: { keys: 430 }, broughtBack: { keys: 62 }, setBack: { keys: 1 } });
      expect(document.live?.unconfirmed).toBeDefined();
      expect(stderr).toContain('n1 could not confirm that it has every acknowledged write');
      await cluster.killEtcd('n1');
      const dead = await plugin('snapshot', 'diff', 's.db', '--from', 'n1');
      expect(dead).toMatchObject({ code: 1, stdout: '' });
      expect(dead.stderr).toMatch(/etcd does not answer[\s\S]*n1[\s\S]*ECONNREFUSED/);
    }, 30_000);
  });

  describe('one member', () => {
    let cluster: LocalCluster;
    let member: LocalMember;
    const keys = several(2_500, 'configmaps/default/c');
    const file = (name: string) => join(work, name);
    const save = async (name: string) => {
      const argv = ['snapshot', 'save', file(name)];
      expect((await runPlugin(argv, { environment: cluster.environment })).code).toBe(0);
    };

    beforeAll(async () => {
      cluster = await startLocalCluster({ directory: join(work, 'one'), etcdDirectory, members: 1 });
      member = cluster.member('n1');
      await put(member.clientUrl, keys);
      await save('first.db');
    }, 60_000);
    afterAll(async () => cluster.stop());

    /** The agent's routes and the plugin's session, joined in this process; etcd is the real one. */
    async function withRoutes<Found>(
      change: (routes: Routes) => Routes,
      ask: (session: AgentSession) => Promise<Found>,
    ) {
      const etcd = {
        endpoint: () => Promise.resolve({ url: member.clientUrl, credentials: {} }),
      } as unknown as NodeEtcd;
      const listener = createServer().listen(0, '127.0.0.1');
      await once(listener, 'listening');
      const near = connect((listener.address() as AddressInfo).port, '127.0.0.1');
      const [far] = (await once(listener, 'connection')) as [Socket];
      listener.close();
      agentServer(change(agentRoutes(etcd, 'n1')), 'n1').emit('connection', far);
      using session = new AgentSession(near, 'n1');
      return await ask(session);
    }

    /** Writes and compacts behind the first page, as often as is left. */
    function compactedMeanwhile(times: number) {
      let left = times;
      return (routes: Routes): Routes => ({
        ...routes,
        [path.keys]: async (asked) => {
          const reply = await routes[path.keys]?.(asked);
          if (reply === undefined) throw new Error('no route');
          if (left-- > 0) {
            const said = JSON.parse(etcdctl(member, 'put', '/registry/configmaps/default/new', 'v', '-w', 'json')) as {
              header: { revision: number };
            };
            etcdctl(member, 'compact', String(said.header.revision));
          }
          return reply;
        },
      });
    }

    test('a compaction meanwhile: it is listed anew, three times at most', async () => {
      const compare = (times: number) =>
        withRoutes(compactedMeanwhile(times), (session) =>
          compareWithLive({ session, snapshotFile: file('first.db'), signal }),
        );
      expect(await compare(2)).toMatchObject({ live: { keys: 2_501 }, lost: { keys: 1 } });
      expect(await compare(3)).toMatchObject({ live: null, unreadable: { reason: 'keys-compacted', node: 'n1' } });
    });

    test('an agent that is older and knows no such request: said, and no failure', async () => {
      const older = (routes: Routes): Routes =>
        Object.fromEntries(Object.entries(routes).filter(([known]) => known !== path.keys));
      const document = await withRoutes(older, (session) =>
        compareWithLive({ session, snapshotFile: file('first.db'), signal }),
      );
      expect(document).toMatchObject({ live: null, unreadable: { reason: 'unknown-request' } });
    });

    test('whoever asks and goes away ends it; a snapshot that is damaged is a failure', async () => {
      const gone = new AbortController();
      const comparing = withRoutes(
        (routes) => routes,
        (session) =>
          compareWithLive({
            ...{ session, snapshotFile: file('first.db'), signal: gone.signal },
            onLive: () => gone.abort(new Error('Ctrl-C')),
          }),
      );
      await expect(comparing).rejects.toThrow('Ctrl-C');
      const none = withRoutes(
        (routes) => routes,
        (session) => compareWithLive({ session, snapshotFile: import.meta.filename, signal }),
      );
      await expect(none).rejects.toMatchObject({ reason: 'not-a-database' });
    });

    test('after a restore with a bump: what is of before it is compared all the same; without one it is unknown', async () => {
      const compare = (name: string) =>
        withRoutes(
          (routes) => routes,
          (session) => compareWithLive({ session, snapshotFile: file(name), signal }),
        );
      await put(member.clientUrl, keys.slice(0, 100), 'second');
      etcdctl(member, 'del', keys[200] ?? '');
      await save('second.db');
      const canBump = version !== '3.4' && tool('etcdutl', 'snapshot', 'restore', '--help').includes('--bump-revision');
      expect(canBump).toBe(version !== '3.4');
      if (canBump) {
        await restore('--bump-revision', '1000000', '--mark-compacted');
        await put(member.clientUrl, keys.slice(50, 60), 'third');
        expect(await compare('second.db')).toMatchObject({
          lost: { keys: 1, groups: [{ examples: ['c0200'] }] },
          setBack: { keys: 100 },
        });
        // The key of no bytes, which the restore has left, is in its snapshots, and in no list of etcd's.
        await save('bumped.db');
        expect(await compare('bumped.db')).toMatchObject({
          lost: { keys: 0 },
          broughtBack: { keys: 0 },
          setBack: { keys: 0 },
        });
      }
      await restore();
      await put(member.clientUrl, keys.slice(300, 600), 'third');
      expect(await compare('first.db')).toMatchObject({ lost: { keys: 0 }, setBack: { keys: 300 } });
      const behind = {
        lost: { keys: 1 },
        setBack: null,
        setBackUnknown: expect.stringMatching(/does not go on from/),
      };
      expect(await compare('second.db')).toMatchObject(behind);
      for (let round = 0; round < 10; round += 1) await put(member.clientUrl, keys.slice(0, 1), 'third');
      const anew = {
        lost: { keys: 1 },
        setBack: null,
        setBackUnknown: expect.stringMatching(/other writes/),
      };
      expect(await compare('second.db')).toMatchObject(anew);
    }, 60_000);

    /** By hand, of the first snapshot, as a runbook has it. */
    async function restore(...flags: string[]): Promise<void> {
      await cluster.killEtcd('n1');
      const { command } = JSON.parse(readFileSync(join(member.directory, 'etcd.json'), 'utf8')) as {
        command: string[];
      };
      const same = command.filter((flag) => /^--(name|initial-cluster|initial-advertise-peer-urls)=/.test(flag));
      const data = join(member.directory, 'data');
      renameSync(data, `${data}-${Date.now()}`);
      const program = version === '3.4' ? 'etcdctl' : 'etcdutl';
      tool(program, 'snapshot', 'restore', file('first.db'), '--data-dir', data, ...same, ...flags);
      await cluster.restartEtcd('n1');
    }

    test('etcd that wants a password: its own words', async () => {
      etcdctl(member, 'user', 'add', 'root:x');
      etcdctl(member, 'user', 'grant-role', 'root', 'root');
      etcdctl(member, 'auth', 'enable');
      const opening = openLiveKeys({ url: member.clientUrl, credentials: {} }, 'n1', signal);
      await expect(opening).rejects.toMatchObject({
        reason: 'keys-refused',
        node: 'n1',
        why: expect.stringContaining('user name'),
      });
    });
  });
});
