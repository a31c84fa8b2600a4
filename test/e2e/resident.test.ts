import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { appendFile, copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { agentFiles, entrypoint, env, runtimeLayer } from '../lab/agent-image.ts';
import { writeImageArchive } from '../lab/image-archive.ts';
import { loadAgentImage } from '../lab/load-image.ts';
import { checkout } from '../lab/where.ts';
import { dropBallast, loadBallast } from './ballast.ts';
import { agentPod, caseTimeoutMs, openStage, testAll } from './stage.ts';
import type { Stage } from './stage.ts';

const ballastBytes = 100 * 1024 ** 2;
const programs = '/var/lib/kubectl-etcd/program';

describe('the agent lives on the node', () => {
  let stage: Stage;
  beforeAll(async () => (stage = await openStage()), caseTimeoutMs);
  afterAll(() => stage.close());
  afterEach(() => stage.untilWell(), caseTimeoutMs);

  const answersOn = async (node: string) => (await stage.there(node, ['access', 'list'])).code === 0;

  test(
    'its process is killed: it answers again within 5 s',
    async () => {
      const pid = (await stage.shell('cp2', 'systemctl show -p MainPID --value kubectl-etcd-agent')).trim();
      const begunMs = performance.now();
      await stage.shell('cp2', `kill -9 ${pid}`);
      while (!(await answersOn('cp2'))) expect(performance.now() - begunMs).toBeLessThan(5_000);
      expect(performance.now() - begunMs).toBeLessThan(5_000);
      expect((await stage.shell('cp2', 'systemctl show -p MainPID --value kubectl-etcd-agent')).trim()).not.toBe(pid);
    },
    caseTimeoutMs,
  );

  test(
    'the pod of its keeper is deleted in the middle of a straight save: the save is whole',
    async () => {
      await loadBallast(stage, ballastBytes);
      try {
        const argv = ['snapshot', 'save', 'kept.db', '--from', 'cp2', '--access', stage.accessFile];
        let happened: Promise<unknown> = Promise.reject(new Error('it was over before anything could happen'));
        happened.catch(() => undefined);
        const ran = await stage.plugin(argv, {
          meanwhile: (child) => {
            happened = (async () => {
              const part = join(stage.work, 'kept.db.part');
              while ((await stat(part).catch(() => ({ size: 0 }))).size < 4 * 1024 ** 2) {
                if (child.exitCode !== null) throw new Error('it was over before anything could happen');
                await sleep(2);
              }
              // Held in its middle until the pod is gone.
              child.kill('SIGSTOP');
              const pod = await agentPod(stage, 'cp2');
              await stage.kubectl('-n', 'kubectl-etcd', 'delete', 'pod', pod, '--grace-period=1');
            })().finally(() => child.kill('SIGCONT'));
            happened.catch(() => undefined);
          },
        });
        await happened;
        expect(ran).toMatchObject({ code: 0 });
        expect((await stage.plugin(['snapshot', 'verify', 'kept.db'])).code).toBe(0);
      } finally {
        await dropBallast(stage);
      }
    },
    caseTimeoutMs,
  );

  testAll(
    'install of another build: the program is replaced whole, on one node after the other, and their agents are the new ones',
    async () => {
      const image = await anotherBuild(stage);
      const seen: Look[][] = [];
      const done = new AbortController();
      const watching = (async () => {
        while (!done.signal.aborted) seen.push(await Promise.all(stage.lab.nodes.map(({ name }) => look(stage, name))));
      })();
      const ran = await stage.plugin(['install', '--image', image]);
      done.abort();
      await watching;
      expect(ran).toMatchObject({ code: 0 });
      const [before, after] = [seen[0] ?? [], await Promise.all(stage.lab.nodes.map(({ name }) => look(stage, name)))];
      const whole = new Set([before[0]?.program, after[0]?.program]);
      expect(whole.size).toBe(2);
      for (const looks of seen) {
        for (const { program } of looks) expect(whole).toContain(program);
        expect(looks.filter(({ active }) => !active).length).toBeLessThanOrEqual(1);
      }
      expect(new Set(after.map(({ program }) => program)).size).toBe(1);
      // Each agent runs what lies there, and older programs do not gather.
      for (const { name } of stage.lab.nodes) {
        const running = await stage.shell(
          name,
          'readlink /proc/$(systemctl show -p MainPID --value kubectl-etcd-agent)/exe',
        );
        expect(running).toContain((await stage.shell(name, `readlink ${programs}/current`)).trim());
        expect((await stage.shell(name, `ls ${programs}`)).trim().split('\n')).toHaveLength(2);
      }
      expect((await stage.plugin(['status', '--access', stage.accessFile])).code).toBe(0);
      await loadAgentImage(undefined);
    },
    caseTimeoutMs,
  );
});

interface Look {
  /** What the link leads to, and the checksums of the whole. */
  readonly program: string;
  readonly active: boolean;
}

async function look({ lab }: Stage, node: string): Promise<Look> {
  // What was replaced while it was read is read again: the older program goes when the newer one is in its place.
  const sums =
    `cd ${programs} && while f=$(readlink current) && s=$(cat $f/*.cjs $f/kubectl-etcd* $f/node $f/lib/* 2> /dev/null | md5sum); ` +
    '[ "$f" != "$(readlink current)" ]; do :; done; echo "$f $s"';
  const [{ stdout: program }, { code }] = await Promise.all([
    lab.on(node, ['sh', '-c', sums]),
    lab.on(node, ['systemctl', '--quiet', 'is-active', 'kubectl-etcd-agent']),
  ]);
  return { program, active: code === 0 };
}

/** The same programs with one more line, under another reference, on all nodes. */
async function anotherBuild({ work }: Stage): Promise<string> {
  const reference = 'ghcr.io/kubectl-etcd/kubectl-etcd-agent:another';
  const changed = join(work, 'kubectl-etcd-agent.cjs');
  await copyFile(join(checkout, 'dist/kubectl-etcd-agent.cjs'), changed);
  await appendFile(changed, '// another build\n');
  const files = agentFiles.map((entry) =>
    'from' in entry && entry.path.endsWith('/kubectl-etcd-agent.cjs') ? { ...entry, from: changed } : entry,
  );
  const archive = join(work, 'another.tar');
  await writeImageArchive(archive, { reference, entrypoint, env, layers: [await runtimeLayer(), files] });
  await loadAgentImage(archive);
  return reference;
}
