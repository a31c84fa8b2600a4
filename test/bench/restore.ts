/**
 * `kubectl etcd restore` against the written procedure run on all nodes at once: in turns, in one run, with a small database and a large one. Both
 * are looked at from outside in the same way, from the moment before their first stop.
 */
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { networkAccess } from '../../core/access/access-file.ts';
import { messageOf } from '../../core/failure.ts';
import { decodeJson } from '../../core/protocol/decode.ts';
import type { Lab } from '../lab/cluster.ts';
import { run } from '../lab/command.ts';
import { whileFilled } from './filled-lab.ts';
import type { LabMeasurement } from './lab-parts.ts';
import { watchLab } from './lab-watch.ts';
import { begunAtMs, productRound, restoreReport } from './restore-milestones.ts';
import type { Milestones, ProductRound } from './restore-milestones.ts';
import { restoreTables } from './restore-tables.ts';
import type { Compared } from './restore-tables.ts';
import { seconds } from './results.ts';
import type { Table } from './results.ts';
import { cleanNodes, runbookRound } from './runbook.ts';
import { withAccess } from './straight-access.ts';
import type { Straight } from './straight-access.ts';

/** At most so much of the runbook's time until the first API server. */
const aims = { small: 0.8, large: 0.6 };
const readyWithinMs = 180_000;
/** Controllers and schedulers are still busy when the API servers are ready: a round is not to pay for the one before. */
const settleMs = 15_000;

interface Rounds {
  readonly lab: Lab;
  readonly straight: Straight;
  /** As one confirms it. */
  readonly cluster: string;
  readonly file: string;
  readonly say: (line: string) => void;
}

/** @param options.rounds of each with the small database; with the large one it is one less, where there are several. */
export async function measureRestore(options: LabMeasurement): Promise<Table[]> {
  const { lab, directory, databaseBytes, rounds, say } = options;
  if (lab.etcd === '3.4')
    throw new Error('the runbook bumps the revision, which the etcdctl of this lab cannot: hack/lab up --etcd 3.5');
  const compared = await withAccess(options, async (straight, accessFile) => {
    const access = decodeJson(networkAccess, await readFile(accessFile, 'utf8'), { what: accessFile });
    const each = { lab, straight, cluster: access.cluster.name, file: join(directory, 'restore.db'), say };
    const small = await inTurns(each, { rounds, atMost: aims.small, filled: (work) => work() });
    const large = await inTurns(each, {
      ...{ rounds: Math.max(1, rounds - 1), atMost: aims.large },
      // Anew for each round: what a restore leaves is compacted, and less work for the next.
      filled: (work) => whileFilled({ lab, databaseBytes, filling: 'realistic', part: 'restore', say }, work),
    });
    return [small, large];
  });
  return restoreTables(compared, lab.nodes.length);
}

async function inTurns(
  each: Rounds,
  options: {
    readonly rounds: number;
    readonly atMost: number;
    /** Does it with data in etcd, in which it leaves nothing. */
    readonly filled: (work: () => Promise<void>) => Promise<void>;
  },
): Promise<Compared> {
  const { lab, file, say } = each;
  const { rounds, atMost, filled } = options;
  const product: ProductRound[] = [];
  const runbook: Milestones[] = [];
  let databaseBytes = 0;
  await cleanNodes(lab);
  for (let round = 1; round <= rounds; round += 1) {
    await filled(async () => {
      say(`restore: kubectl etcd restore, round ${round} of ${rounds}`);
      const restored = await byProduct(each);
      product.push(restored);
      databaseBytes = (await stat(file)).size;
      await afterRound(each, restored.milestones);
    });
    await filled(async () => {
      say(`restore: runbook, round ${round} of ${rounds}`);
      const byHand = await runbookRound(lab);
      runbook.push(byHand);
      await afterRound(each, byHand);
    });
  }
  await Promise.all([file, `${file}.json`].map((path) => rm(path, { force: true })));
  return { databaseBytes, product, runbook, atMost };
}

/** One restore by the product, of a snapshot taken just now; what it keeps on the nodes is deleted when the cluster is well again. */
async function byProduct({ lab, straight, cluster, file }: Rounds): Promise<ProductRound> {
  const [first] = lab.nodes;
  const confirmed = ['--yes', '--cluster-name', cluster];
  await straight(['snapshot', 'save', file, '--force', '--from', first?.name ?? '']);
  // As before a round of the runbook.
  await run(['sync']);
  await using watch = await watchLab(lab);
  const ran = await straight(['restore', file, ...confirmed, '-o', 'json']).catch((thrown: unknown) => {
    throw new Error(
      `kubectl etcd restore did not go through, and what it began is left as it is (kubectl etcd operation list):\n${messageOf(thrown)}`,
      { cause: thrown },
    );
  });
  const report = decodeJson(restoreReport, ran.stdout, { what: 'what kubectl etcd restore -o json says' });
  await watch.untilReadyAgain(begunAtMs(report, 'stop-etcd'), { timeoutMs: readyWithinMs });
  const nodes = lab.nodes.map(({ name }) => name);
  const { ready, peaks } = watch;
  const round = productRound(report, { ready, peaks, nodes, pluginBytes: ran.peakBytes });
  await lab.untilHealthy({ timeoutMs: readyWithinMs });
  await straight(['kept', 'delete', report.operation, ...confirmed]);
  return round;
}

async function afterRound({ lab, say }: Rounds, { firstApiServer, lastApiServer }: Milestones): Promise<void> {
  say(`restore: API servers ready after ${seconds(firstApiServer)} to ${seconds(lastApiServer)}`);
  await lab.untilHealthy({ timeoutMs: readyWithinMs });
  await cleanNodes(lab);
  await sleep(settleMs);
}
