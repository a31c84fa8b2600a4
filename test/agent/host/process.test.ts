import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ProcessEtcd } from '../../../agent/host/process.ts';
import type { ProcessDescription } from '../../../agent/host/process.ts';
import { processStart } from '../../../agent/host/proc.ts';
import { HostRoot } from '../../../agent/host/root.ts';
import { scratchRoot } from './scratch-root.ts';

test('a process is known by its pid and its start, so that a pid used again is not taken for it', async () => {
  await using scratch = await scratchRoot({ '/etcd.log': '{"level":"fatal","msg":"no space","error":"ENOSPC"}\n' });
  const host = new ProcessEtcd({ root: new HostRoot('/'), folder: scratch.folder });
  const describe = async (more: Partial<ProcessDescription>) => {
    await writeFile(join(scratch.folder, 'new'), JSON.stringify({ command: ['etcd'], logFile: 'etcd.log', ...more }));
    await rename(join(scratch.folder, 'new'), join(scratch.folder, 'etcd.json'));
  };
  await describe({});
  expect(await host.state()).toEqual({ state: 'absent' });

  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const pid = child.pid ?? 0;
  const start = await processStart(new HostRoot('/'), pid);
  const startTime = start?.startTime ?? 0;
  await describe({ process: { pid, startTime }, restarts: 2 });
  const running = await host.state();
  expect(running).toMatchObject({ state: 'running', pid, restarts: 2 });
  expect(Math.abs(Date.parse(running.startedAt ?? '') - Date.now())).toBeLessThan(10_000);

  await describe({ process: { pid, startTime: startTime - 1 }, exitCode: 1 });
  expect(await host.state()).toEqual({ state: 'exited', exitCode: 1, lastError: 'no space: ENOSPC' });

  await describe({ process: { pid, startTime } });
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await host.state()).toMatchObject({ state: 'exited' });
});
