/** The lab's etcd with data in it, for as long as something is measured on it. */
import type { Lab } from '../lab/cluster.ts';
import { cleaningUp } from './cleaning-up.ts';
import { emptyEtcd, fillEtcd } from './fill.ts';
import type { Filling } from './fill.ts';
import { labEtcd } from './lab-parts.ts';
import { megabytes } from './results.ts';
import type { Table } from './results.ts';

export interface LabFilling {
  readonly lab: Lab;
  readonly databaseBytes: number;
  /** Who fills it, for the lines of progress. */
  readonly part: string;
  readonly say: (line: string) => void;
}

/** Fills it, measures, and makes it small again. */
export async function whileFilled<Measured>(
  { lab, databaseBytes, filling, part, say }: LabFilling & { readonly filling: Filling },
  measure: () => Promise<Measured>,
): Promise<Measured> {
  return await cleaningUp(
    async () => {
      say(`${part}: filling etcd with ${megabytes(databaseBytes)} of ${filling} data`);
      await fillEtcd({ etcd: await labEtcd(lab), filling, databaseBytes });
      await lab.untilHealthy({ timeoutMs: 120_000 });
      return await measure();
    },
    async () => {
      say(`${part}: making etcd small again`);
      await makeSmall(lab);
    },
  );
}

/** The same with each kind of data, one after the other. */
export async function withEachFilling(
  options: LabFilling,
  measure: (filling: Filling) => Promise<Pick<Table, 'rows' | 'findings'>>,
): Promise<Pick<Table, 'rows' | 'findings'>> {
  const rows: (readonly string[])[] = [];
  const findings: string[] = [];
  for (const filling of ['random', 'realistic'] as const) {
    const measured = await whileFilled({ ...options, filling }, () => measure(filling));
    rows.push(...measured.rows);
    findings.push(...measured.findings);
  }
  return { rows, findings };
}

/** Deletes, compacts and defragments, member by member, so that the next test finds the lab as it was. */
async function makeSmall(lab: Lab): Promise<void> {
  await emptyEtcd(await labEtcd(lab));
  for (const node of lab.nodes) {
    const { code, stderr } = await lab.etcdctl(node.name, ['--command-timeout=120s', 'defrag']);
    if (code !== 0) throw new Error(`${node.name} is not defragmented: ${stderr}`);
  }
  await lab.untilHealthy({ timeoutMs: 120_000 });
}
