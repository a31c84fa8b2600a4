/** Peak memory of plugin and agent while a database passes through them, in the local mode: the lab's etcd has the usual quota of 2 GiB. */
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { pluginProgram, startLocalCluster } from '../local/local-cluster.ts';
import { fillEtcd } from './fill.ts';
import { peakBytes, resetPeak } from './peak-memory.ts';
import { judged, megabytes, seconds } from './results.ts';
import type { Table } from './results.ts';
import { runTimed } from './run-timed.ts';

const quotaBytes = 8 * 1024 ** 3;
const mostBytes = 150e6;

/** One etcd and one agent, filled further and further, saved at each size. */
export async function measureMemory(options: {
  readonly directory: string;
  readonly sizesBytes: readonly number[];
  readonly say: (line: string) => void;
}): Promise<Table> {
  const { directory, sizesBytes, say } = options;
  const rows: string[][] = [];
  let highest = 0;
  for (const filling of ['realistic', 'random'] as const) {
    const work = join(directory, filling);
    await using cluster = await startLocalCluster({
      ...{ directory: join(work, 'c'), members: 1, quotaBytes },
      etcdDirectory: dirname((await etcdBinaries('3.5')).binaries[0] ?? ''),
    });
    const { clientUrl, agent } = cluster.member('n1');
    for (const databaseBytes of sizesBytes) {
      say(`memory: ${filling}, filling to ${megabytes(databaseBytes)}`);
      const filled = await fillEtcd({
        etcd: { url: clientUrl, credentials: {} },
        filling,
        databaseBytes,
        seed: String(databaseBytes),
      });
      say(`memory: ${filling}, saving ${megabytes(filled)}`);
      await resetPeak(agent.pid ?? 0);
      const file = join(work, 's.db');
      const saved = await runTimed([pluginProgram, 'snapshot', 'save', file, '--force'], { env: cluster.environment });
      const agentBytes = (await peakBytes(agent.pid ?? 0)) ?? NaN;
      highest = Math.max(highest, saved.peakBytes, agentBytes);
      rows.push([
        filling,
        megabytes(filled),
        megabytes(saved.peakBytes),
        megabytes(agentBytes),
        seconds(saved.seconds),
      ]);
      await rm(file);
    }
    await cluster.stop();
    await rm(work, { recursive: true, force: true });
  }
  return {
    title: 'Peak memory of a save (resident, local mode)',
    columns: ['data', 'database', 'plugin', 'agent', 'took'],
    rows,
    findings: [judged('the highest of all', highest / 1e6, mostBytes / 1e6, 'MB')],
  };
}
