import { existsSync, globSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { run } from '../lab/command.ts';
import { caseTimeoutMs, openStage, testAll } from './stage.ts';
import type { Stage } from './stage.ts';

const hour = ['+1h', '-1h'] as const;
const onNode = '/var/lib/libfaketime.so';
const dropIn = '/run/systemd/system/kubectl-etcd-agent.service.d';

describe('clocks that are wrong, and addresses of version 6', () => {
  let stage: Stage;
  let library: string;
  beforeAll(async () => {
    stage = await openStage();
    library = await fakeTimeLibrary();
  }, caseTimeoutMs);
  afterAll(() => stage.close());

  const straight = (argv: readonly string[], environment: Record<string, string> = {}, accessFile = stage.accessFile) =>
    stage.plugin([...argv, '--access', accessFile], { environment });
  const withClock = (offset: string) => ({ LD_PRELOAD: library, FAKETIME: offset });

  testAll.each(hour)(
    "the laptop's clock is an hour off (%s): both ways work, and an access file issued there is good",
    async (offset) => {
      expect((await stage.plugin(['status'], { environment: withClock(offset) })).code).toBe(0);
      expect((await straight(['status'], withClock(offset))).code).toBe(0);
      const file = join(stage.work, `issued${offset}.json`);
      const issued = await straight(
        ['access', 'save', file, '--name', `clock${offset === '+1h' ? 1 : 2}`],
        withClock(offset),
      );
      expect(issued).toMatchObject({ code: 0 });
      expect(await straight(['status'], {}, file)).toMatchObject({ code: 0 });
      expect(await straight(['snapshot', 'save', `save${offset}.db`], withClock(offset))).toMatchObject({ code: 0 });
    },
    caseTimeoutMs,
  );

  testAll.each(hour)(
    "a node's clock is an hour off (%s): its agent is reached by the plugin and by the others, and reaches them",
    async (offset) => {
      await using _ = await nodeWithClock(stage, 'cp2', { library, offset });
      const { document, code } = await stage.status(['--access', stage.accessFile]);
      expect({ code, healthy: document.quorum?.healthy }).toEqual({ code: 0, healthy: 3 });
      expect(await straight(['snapshot', 'save', `node${offset}.db`, '--from', 'cp2'])).toMatchObject({ code: 0 });
      for (const node of ['cp1', 'cp2']) {
        const there = await stage.there(node, ['status', '-o', 'json']);
        expect({ node, code: there.code }).toEqual({ node, code: 0 });
      }
      const file = join(stage.work, `node${offset}.json`);
      expect(await straight(['access', 'save', file, '--name', `node${offset === '+1h' ? 1 : 2}`])).toMatchObject({
        code: 0,
      });
      expect(await straight(['status'], {}, file)).toMatchObject({ code: 0 });
    },
    caseTimeoutMs,
  );

  testAll(
    'nodes that are known by addresses of version 6 alone',
    async () => {
      await run(['ip', '-6', 'address', 'replace', 'fd99::1/64', 'dev', 'labbr', 'nodad']);
      for (const [at, { name }] of stage.lab.nodes.entries())
        await stage.shell(name, `ip -6 address replace fd99::1${at + 1}/64 dev eth0 nodad`);
      const access = JSON.parse(await readFile(stage.accessFile, 'utf8')) as { nodes: { addresses: string[] }[] };
      const nodes = access.nodes.map((node, at) => ({ ...node, addresses: [`fd99::1${at + 1}`] }));
      const file = join(stage.work, 'six.json');
      writeFileSync(file, JSON.stringify({ ...access, nodes }), { mode: 0o600 });
      const { document, code } = await stage.status(['--access', file]);
      expect({ code, healthy: document.quorum?.healthy }).toEqual({ code: 0, healthy: 3 });
      expect(await straight(['snapshot', 'save', 'six.db', '--from', 'cp3'], {}, file)).toMatchObject({ code: 0 });
      await run(['ip', '-6', 'address', 'delete', 'fd99::1/64', 'dev', 'labbr']);
    },
    caseTimeoutMs,
  );
});

/** Debian's libfaketime: every clock that a program reads, OpenSSL's too, is another one. */
async function fakeTimeLibrary(): Promise<string> {
  const find = () => globSync('/usr/lib/*/faketime/libfaketimeMT.so.1').find((path) => existsSync(path));
  if (find() === undefined) await run(['apt-get', '-q', '-y', 'install', '--no-install-recommends', 'faketime']);
  const found = find();
  if (found === undefined) throw new Error('Debian has no libfaketime here');
  return found;
}

async function nodeWithClock(
  { lab, shell }: Stage,
  node: string,
  { library, offset }: { readonly library: string; readonly offset: string },
): Promise<AsyncDisposable> {
  await lab.on(node, ['sh', '-c', `cat > ${onNode}`], { stdinFile: library });
  const settings = `[Service]\\nEnvironment=LD_PRELOAD=${onNode} FAKETIME=${offset} FAKETIME_DONT_FAKE_MONOTONIC=1\\n`;
  const restart = 'systemctl daemon-reload; systemctl restart kubectl-etcd-agent; sleep 2';
  await shell(node, `mkdir -p ${dropIn}; printf '${settings}' > ${dropIn}/clock.conf; ${restart}`);
  const agent = `tr '\\0' '\\n' < /proc/$(systemctl show -p MainPID --value kubectl-etcd-agent)/environ | grep -c FAKETIME=`;
  expect((await shell(node, agent)).trim()).toBe('1');
  return {
    [Symbol.asyncDispose]: async () => {
      await shell(node, `rm -rf ${dropIn} ${onNode}; ${restart}`);
    },
  };
}
