import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { movedAside, pausedEtcd, untilEtcd } from './injuries.ts';
import { caseTimeoutMs, openStage, roles, testAll } from './stage.ts';
import type { Stage } from './stage.ts';

const manifest = '/etc/kubernetes/manifests/etcd.yaml';

describe('a member that does not answer', () => {
  let stage: Stage;
  beforeAll(async () => (stage = await openStage()), caseTimeoutMs);
  afterAll(() => stage.close());
  afterEach(() => stage.lab.untilHealthy({ timeoutMs: 150_000 }), caseTimeoutMs);

  test(
    'etcd is paused: a row that says so, the others beside it, exit 3; save takes another',
    async () => {
      const { follower, leader } = await roles(stage);
      await using _ = await pausedEtcd(stage, follower);
      const { document, code, tookMs } = await stage.status();
      expect(code).toBe(3);
      expect(tookMs).toBeLessThan(3_000);
      expect(document.quorum).toMatchObject({ members: 3, needed: 2, healthy: 2, canLose: 0 });
      const row = document.members.find(({ node }) => node === follower);
      expect(row).toMatchObject({ healthy: false, name: follower, version: null, revision: null });
      expect(row?.status).toMatch(/does not answer/);
      expect(document.members.filter(({ healthy }) => healthy)).toHaveLength(2);
      expect((await stage.plugin(['status'])).stdout).toContain(`kubectl etcd logs ${follower}`);

      const saved = await stage.plugin(['snapshot', 'save', 'one-paused.db', '-o', 'json']);
      expect(saved.code).toBe(0);
      const { node } = JSON.parse(saved.stdout) as { node: string };
      expect([follower, leader]).not.toContain(node);
      const refused = await stage.plugin(['snapshot', 'save', 'from-paused.db', '--from', follower]);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(
        new RegExp(`^error: etcd does not answer\n {2}node {2}${follower}\n {2}why {3}.*\n {2}next `, 'm'),
      );
    },
    caseTimeoutMs,
  );

  test(
    "its manifest is moved away: the row says why, and etcd's log can still be read",
    async () => {
      const { follower } = await roles(stage);
      await using _ = await movedAside(stage, follower, manifest);
      await untilEtcd(stage, follower, 'gone');
      const logs = await stage.plugin(['logs', follower, '--tail', '30']);
      // Once a minute the kubelet sweeps out what is left of pods that nobody wants any more.
      if (logs.code !== 0) expect(logs.stderr).toMatch(/there is no log[^]*node {2}/);
      else expect(logs.stdout).toMatch(/closed etcd server/);
      const { document, code } = await stage.status();
      expect(code).toBe(3);
      const row = document.members.find(({ node }) => node === follower);
      expect(row?.healthy).toBe(false);
      expect(row?.status).toMatch(/manifest/);
    },
    caseTimeoutMs,
  );

  test(
    'etcd crashes: --previous shows the log of the container that died, without it that of the new one',
    async () => {
      const { follower } = await roles(stage);
      const before = await stage.plugin(['logs', follower, '--tail', '5']);
      expect(before.code).toBe(0);
      const pid = (await stage.shell(follower, 'pidof etcd')).trim();
      await stage.shell(follower, `kill -9 ${pid}`);
      await untilEtcd(stage, follower, 'gone').catch(() => undefined);
      await untilEtcd(stage, follower, 'there');
      await stage.lab.untilHealthy({ timeoutMs: 60_000 });
      const previous = await stage.plugin(['logs', follower, '--previous']);
      expect(previous.code).toBe(0);
      // What was last before the crash is in the log of the container that died and not in the new one's.
      const lastLine = before.stdout.trimEnd().split('\n').at(-1) ?? '';
      expect(previous.stdout).toContain(lastLine);
      const now = await stage.plugin(['logs', follower]);
      expect(now.stdout).not.toContain(lastLine);
      expect(now.stdout).toContain('"msg":');
    },
    caseTimeoutMs,
  );

  test('logs: a node that is not there, and what --tail takes', async () => {
    expect(await stage.plugin(['logs', 'cp9'])).toMatchObject({ code: 2, stdout: '' });
    expect((await stage.plugin(['logs', 'cp9'])).stderr).toMatch(/no control-plane node "cp9"[^]*cp1, cp2, cp3/);
    expect((await stage.plugin(['logs', 'cp1', '--tail', 'all'])).code).toBe(2);
    expect((await stage.plugin(['logs', 'cp1', '--tail', '3'])).stdout.trimEnd().split('\n')).toHaveLength(3);
  }, 30_000);

  test(
    'quorum is lost, and there is no access file: within 10 s a sentence that says where the fault is and what to do',
    async () => {
      await using _two = await pausedEtcd(stage, 'cp2');
      await using _three = await pausedEtcd(stage, 'cp3');
      for (const argv of [['status'], ['snapshot', 'save', 'no-quorum.db'], ['logs', 'cp1']]) {
        const ran = await stage.plugin(argv, { environment: { HOME: '/nonexistent' } });
        expect({ argv, code: ran.code, stdout: ran.stdout }).toEqual({ argv, code: 1, stdout: '' });
        expect(ran.stderr).toMatch(/error: the API server https:\S+ answers, but etcd behind it does not/);
        expect(ran.stderr).toMatch(/next [^]*no access file/);
        expect(ran.tookMs).toBeLessThan(10_000);
      }
    },
    caseTimeoutMs,
  );

  testAll(
    'one after the other is paused: each has its row',
    async () => {
      for (const node of ['cp2', 'cp3']) {
        await using _ = await pausedEtcd(stage, node);
        await stage.lab.on('cp1', ['sleep', '3']);
        const { document, code } = await stage.status();
        expect(code).toBe(3);
        expect(document.members.filter(({ healthy }) => !healthy).map((member) => member.node)).toEqual([node]);
      }
    },
    caseTimeoutMs,
  );
});
