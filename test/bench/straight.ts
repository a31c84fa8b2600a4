/** The way past the API server: `status` straight to the nodes, with one of them unplugged, and a save against etcdctl on the node. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { entering } from '../lab/machine.ts';
import type { Filling } from './fill.ts';
import { withEachFilling } from './filled-lab.ts';
import { agentOf, etcdctlSave, onNode } from './lab-parts.ts';
import type { LabMeasurement } from './lab-parts.ts';
import { peakBytes, resetPeak } from './peak-memory.ts';
import { judged, megabytes, seconds } from './results.ts';
import type { Table } from './results.ts';
import { median, runTimed } from './run-timed.ts';
import { withAccess } from './straight-access.ts';
import type { Straight } from './straight-access.ts';

type Measuring = LabMeasurement & { readonly straight: Straight };

export async function measureStraight(options: LabMeasurement): Promise<Table[]> {
  return await withAccess(options, async (straight) => {
    const status = await measureStatus({ ...options, straight });
    return [status, await measureSave({ ...options, straight })];
  });
}

async function measureStatus({ lab, rounds, say, straight }: Measuring): Promise<Table> {
  const all: number[] = [];
  // The first one warms disk and compile cache, and does not count.
  await straight(['status']);
  for (let round = 0; round < 3 * rounds; round += 1) all.push((await straight(['status'])).seconds);
  const without: number[] = [];
  const last = lab.nodes.at(-1)?.name ?? '';
  say(`straight: ${last} is unplugged`);
  await lab.happens('unplug', last);
  try {
    for (let round = 0; round < rounds; round += 1) without.push((await straight(['status'], [0, 3])).seconds);
  } finally {
    await lab.happens('plug', last);
    await lab.untilHealthy({ timeoutMs: 120_000 });
  }
  return {
    title: `Status straight to the nodes (lab, three members, median of ${3 * rounds}; of ${rounds} with one unplugged)`,
    columns: ['what', 'took', 'at worst'],
    rows: [
      ['status', seconds(median(all)), seconds(Math.max(...all))],
      ['status, one node unplugged', seconds(median(without)), seconds(Math.max(...without))],
    ],
    findings: [
      judged('status of three members', median(all), 0.5, 's'),
      judged('with one node unplugged, at worst', Math.max(...without), 3.5, 's'),
    ],
  };
}

async function measureSave(options: Measuring): Promise<Table> {
  const measured = await withEachFilling({ ...options, part: 'straight' }, (filling) =>
    compare({ ...options, filling }),
  );
  return {
    title: 'Save straight from the node (lab: mutual TLS 1.3)',
    columns: ['data', 'who', 'took', 'plugin', 'agent'],
    ...measured,
  };
}

async function compare(options: Measuring & { readonly filling: Filling }): Promise<Pick<Table, 'rows' | 'findings'>> {
  const { lab, directory, rounds, say, straight, filling } = options;
  const node = lab.nodes[0];
  if (node === undefined) throw new Error('a lab without nodes');
  const file = join(directory, 'straight.db');
  const took = { save: [] as number[], etcdctl: [] as number[] };
  const peaks = { plugin: 0, agent: 0 };
  for (let round = 1; round <= rounds; round += 1) {
    say(`straight: ${filling}, round ${round} of ${rounds}`);
    const agent = await agentOf(node);
    await resetPeak(agent);
    const saved = await straight(['snapshot', 'save', file, '--force', '--from', node.name]);
    took.save.push(saved.seconds);
    peaks.plugin = Math.max(peaks.plugin, saved.peakBytes);
    peaks.agent = Math.max(peaks.agent, (await peakBytes(agent)) ?? NaN);
    took.etcdctl.push((await runTimed(await entering(node, etcdctlSave))).seconds);
    await lab.on(node.name, ['rm', '-f', onNode]);
    await Promise.all([file, `${file}.json`].map((path) => rm(path, { force: true })));
  }
  const [save, etcdctl] = [median(took.save), median(took.etcdctl)];
  return {
    rows: [
      [filling, 'kubectl etcd snapshot save', seconds(save), megabytes(peaks.plugin), megabytes(peaks.agent)],
      [filling, 'etcdctl snapshot save on the node', seconds(etcdctl)],
    ],
    findings: [judged(`${filling} data, against etcdctl`, save / etcdctl, 1.1)],
  };
}
