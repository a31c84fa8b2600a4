import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dropBallast, loadBallast } from './ballast.ts';
import { unplugged } from './injuries.ts';
import type { Injury } from './injuries.ts';
import { agentPod, caseTimeoutMs, openStage, testAll } from './stage.ts';
import type { Stage } from './stage.ts';

const ballastBytes = 200 * 1024 ** 2;
/** Saved by then: enough to be in the middle, little enough to leave time. */
const middleBytes = 8 * 1024 ** 2;
/** Longer than the time limit for opening a stream. */
const standstillMs = 12_000;
/** The node that is saved from: not cp1, whose API server the way leads through. */
const node = 'cp2';

interface Case {
  readonly what: string;
  readonly happens: (stage: Stage) => Promise<unknown>;
  readonly withinMs: number;
  readonly says: RegExp;
}

/** Each happens in the middle of a save from cp2 through the API server of cp1. */
const cases: readonly (Case & { readonly representative: boolean })[] = [
  {
    what: 'the API server is killed',
    happens: ({ shell }) => shell('cp1', 'pkill -9 -x kube-apiserver'),
    withinMs: 5_000,
    says: /^error: the connection to the agent was lost\n {2}node {2}cp2$/m,
    representative: true,
  },
  {
    what: "the agent's pod is deleted by force",
    happens: async (stage) =>
      stage.kubectl('-n', 'kubectl-etcd', 'delete', 'pod', await agentPod(stage, node), '--grace-period=0', '--force'),
    withinMs: 12_000,
    says: /^error: .*\n {2}node {2}cp2$/m,
    representative: false,
  },
  {
    what: 'the agent is killed',
    happens: ({ shell }) => shell(node, "pkill -9 -f '^/var/lib/kubectl-etcd/program/.*agent.cjs serve'"),
    withinMs: 5_000,
    says: /^error: .*\n {2}node {2}cp2$/m,
    representative: false,
  },
  {
    what: 'the bridge is killed',
    happens: ({ shell }) => shell(node, "pkill -9 -f '^/usr/local/bin/node .*agent.cjs bridge'"),
    withinMs: 5_000,
    says: /^error: .*\n {2}node {2}cp2$/m,
    representative: true,
  },
  {
    what: 'etcd is killed',
    happens: ({ shell }) => shell(node, 'pkill -9 -x etcd'),
    withinMs: 5_000,
    says: /^error: .*etcd.*\n {2}node {2}cp2$/m,
    representative: true,
  },
];

describe('in the middle of a save', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    await loadBallast(stage, ballastBytes);
  }, caseTimeoutMs);
  afterAll(async () => {
    await dropBallast(stage);
    await stage.close();
  }, caseTimeoutMs);
  afterEach(() => stage.untilWell(), caseTimeoutMs);

  /** Saves to `file`; calls `happens` once, in the middle. @returns how long the plugin went on after it had happened. */
  async function save(file: string, happens: (child: ChildProcess) => Promise<unknown>) {
    let happenedMs = Number.NaN;
    let happening: Promise<unknown> = Promise.resolve();
    const ran = await stage.plugin(['snapshot', 'save', file, '--from', node], {
      meanwhile: (child) => {
        happening = middleOf(join(stage.work, file), child).then(async () => {
          happenedMs = performance.now();
          await happens(child);
        });
      },
    });
    const wentOnMs = performance.now() - happenedMs;
    await happening.catch((cause: unknown) => {
      throw new Error(`${String(cause)}: ${ran.stderr}`);
    });
    return { ...ran, wentOnMs };
  }
  const left = (file: string) => readdirSync(stage.work).filter((name) => name.startsWith(file));

  for (const { what, happens, withinMs, says, representative } of cases) {
    const file = `${what.replaceAll(/\W+/g, '-')}.db`;
    (representative ? test : testAll)(
      `${what}: an error that says so, and no file`,
      async () => {
        const { code, stdout, stderr, wentOnMs } = await save(file, () => happens(stage));
        expect({ code, stdout, left: left(file) }).toEqual({ code: 1, stdout: '', left: [] });
        expect(stderr).toMatch(says);
        expect(stderr).toMatch(/^ {2}next /m);
        expect(wentOnMs).toBeLessThan(withinMs);
      },
      caseTimeoutMs,
    );
  }

  test(
    'the node is unplugged: nothing tells us, and it is noticed all the same within 15 s',
    async () => {
      let injury: Injury | undefined;
      try {
        const { code, stderr, wentOnMs } = await save('unplugged.db', async () => {
          injury = await unplugged(stage, node);
        });
        expect({ code, left: left('unplugged.db') }).toEqual({ code: 1, left: [] });
        expect(stderr).toMatch(
          /^error: the connection to the agent was lost\n {2}node {2}cp2\n {2}why {3}.*\n {2}next /m,
        );
        expect(wentOnMs).toBeLessThan(15_000);
      } finally {
        await injury?.undo();
      }
    },
    caseTimeoutMs,
  );

  test(
    'the plugin is killed: a part is left at most, and the next save says what to do with it',
    async () => {
      const ran = await save('killed.db', (child) => Promise.resolve(child.kill('SIGKILL')));
      expect(ran.signal).toBe('SIGKILL');
      expect(left('killed.db')).toEqual(['killed.db.part']);
      expect(statSync(join(stage.work, 'killed.db.part')).mode & 0o777).toBe(0o600);
      const next = await stage.plugin(['snapshot', 'save', 'killed.db']);
      expect(next.code).toBe(5);
      expect(next.stderr).toMatch(/killed\.db\.part exists[^]*rm killed\.db\.part/);
    },
    caseTimeoutMs,
  );

  test(
    'the plugin stands still for longer than anything but the stream may take: it goes on where it was',
    async () => {
      const { code, stderr, wentOnMs } = await save('slow.db', async (child) => {
        child.kill('SIGSTOP');
        await sleep(standstillMs);
        child.kill('SIGCONT');
      });
      expect({ code, stderr, left: left('slow.db') }).toMatchObject({ code: 0, left: ['slow.db', 'slow.db.json'] });
      expect(wentOnMs).toBeGreaterThan(standstillMs);
    },
    caseTimeoutMs,
  );

  testAll(
    'the pod is deleted with its grace period: the save that is under way is let finish',
    async () => {
      const { code, stderr } = await save('graceful.db', async () =>
        stage.kubectl('-n', 'kubectl-etcd', 'delete', 'pod', await agentPod(stage, node), '--wait=false'),
      );
      expect({ code, stderr, left: left('graceful.db') }).toMatchObject({
        code: 0,
        left: ['graceful.db', 'graceful.db.json'],
      });
    },
    caseTimeoutMs,
  );
});

async function middleOf(file: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && (statSync(`${file}.part`, { throwIfNoEntry: false })?.size ?? 0) < middleBytes)
    await sleep(5);
  if (child.exitCode !== null) throw new Error('the save ended before its middle');
}
