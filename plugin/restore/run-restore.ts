import type { ExitCode } from '../../core/failure.ts';
import type { PlacedStep, Plan } from '../../core/operation/plan.ts';
import { piecesOf } from '../../core/protocol/block-buffers.ts';
import { writeBlocks } from '../../core/protocol/block-writer.ts';
import { failureToRecord } from '../../core/protocol/failure-record.ts';
import { usualHolder } from '../access/access-directory.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { nodeNamed, openSession } from '../link/reach.ts';
import type { Reach } from '../link/reach.ts';
import { indexFor } from '../snapshot/read-flags.ts';
import { agreeAndCarryOut } from '../operation/agree-and-carry-out.ts';
import type { PlanFlags } from '../operation/agree-and-carry-out.ts';
import { newOperationId } from '../operation/kinds.ts';
import { sendFile } from '../operation/session.ts';
import { membersSeen } from '../operation/silent.ts';
import { surveyNodes } from '../operation/survey-nodes.ts';
import { parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { aftermathOf } from './aftermath.ts';
import { chooseBump } from './bump.ts';
import { choosePart, parsePart } from './left-out.ts';
import { compareWithLive } from './lost.ts';
import type { LostDocument } from './lost.ts';
import { planRestore } from './plan-restore.ts';
import type { ReadyNode } from './plan-restore.ts';
import { readyNodes } from './refusals.ts';
import { planLines } from './show-plan.ts';
import { readSnapshotFacts } from './snapshot-facts.ts';
import type { SnapshotFacts } from './snapshot-facts.ts';

export interface RestoreFlags extends PlanFlags {
  readonly bumpRevision: string;
  readonly differentCluster?: string;
  readonly nodes?: string;
  readonly dead?: string;
  readonly restartKubelets?: boolean;
  readonly output?: string;
}

/** `restore`: looks at the snapshot and at every node, shows the plan, asks, carries it out, and says what it took. */
export async function runRestore(options: {
  readonly file: string;
  readonly flags: RestoreFlags;
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}): Promise<ExitCode> {
  const { flags, surroundings } = options;
  const { signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const { plan, reach, snapshot, nodes, warnings, lost } = await lookAndPlan(options);
  const lines = planLines({ plan, snapshot, nodes, warnings, lost });
  const before = async ({ node, does }: PlacedStep, onBytes: (done: number) => void) => {
    if (does.kind !== 'receive' || does.from !== undefined) return;
    await send({ reach, plan, node, snapshot, file: does.file, onBytes, signal });
  };
  return await agreeAndCarryOut({
    reach,
    plan,
    before,
    surroundings,
    format,
    flags,
    lines,
    document: { ...plan, compared: lost },
  });
}

async function lookAndPlan({ file, flags, surroundings, open }: Parameters<typeof runRestore>[0]) {
  const { terminal, signal } = surroundings;
  const asked = parsePart(flags);
  using progress = new Progress(terminal, `reading ${file}`);
  const snapshot = await readSnapshotFacts(file, { progress, signal });
  progress.wait('reaching the nodes');
  const reach = await open();
  progress.wait(`looking at ${reach.nodes.length} nodes`);
  const { surveys, unreached } = await surveyNodes(reach, signal);
  const { cluster } = reach;
  const isPartial = asked.nodes !== undefined || asked.dead.length > 0;
  const live = isPartial && unreached.size > 0 ? await membersSeen(reach, [...unreached.keys()], signal) : [];
  const part = choosePart(asked, { known: reach.nodes, surveys, live });
  const { leftOut } = part;
  const nodes = readyNodes({ cluster, snapshot, surveys, unreached, part, differentCluster: flags.differentCluster });
  const { bump, warnings } = chooseBump(flags.bumpRevision, snapshot, nodes);
  const lost = await lostIn(file, { reach, nodes, surroundings, progress });
  const plan = planRestore({
    id: newOperationId('restore'),
    now: new Date(),
    by: usualHolder(),
    first: firstNode(reach, nodes),
    ...{ cluster, snapshot, nodes, leftOut, bump },
    restartKubelets: flags.restartKubelets === true,
    aftermath: aftermathOf(snapshot, lost, { bumped: bump !== undefined }),
  });
  return { plan, reach, snapshot, nodes, warnings, lost };
}

/** What a restore would change, as a member that answers has it; that none does is no reason not to restore. */
async function lostIn(
  file: string,
  parts: {
    readonly reach: Reach;
    readonly nodes: readonly ReadyNode[];
    readonly surroundings: Surroundings;
    readonly progress: Progress;
  },
): Promise<LostDocument> {
  const { reach, nodes, surroundings, progress } = parts;
  const { signal } = surroundings;
  const answering = nodes.find(({ survey }) => survey.status !== undefined) ?? nodes[0];
  if (answering === undefined) throw new Error('a restore onto no node');
  progress.wait('comparing with what is there now');
  using session = await openSession(reach, nodeNamed(reach, answering.name), signal);
  return await compareWithLive({
    ...{ session, snapshotFile: file, signal, clusterUid: reach.cluster.uid },
    ...indexFor({ index: true }, surroundings),
  });
}

/** The one that the file reaches quickest: that on which this runs. */
function firstNode(reach: Reach, nodes: readonly ReadyNode[]): string {
  const own = nodes.find(({ name }) => name === reach.fromNode);
  return (own ?? nodes.toSorted((one, other) => (one.name < other.name ? -1 : 1))[0])?.name ?? '';
}

async function send(options: {
  readonly reach: Reach;
  readonly plan: Plan;
  readonly node: string;
  readonly snapshot: SnapshotFacts;
  readonly file: string;
  readonly onBytes: (done: number) => void;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { reach, plan, node, snapshot, file, onBytes, signal } = options;
  const { sizeBytes, sha256 } = snapshot;
  async function* read(): AsyncGenerator<Buffer, void, undefined> {
    let doneBytes = 0;
    for await (const chunk of piecesOf(snapshot.file)) {
      yield chunk;
      doneBytes += chunk.length;
      onBytes(doneBytes);
    }
  }
  const bytes = writeBlocks(read(), {
    compression: 'zstd',
    end: () => ({ lengthBytes: sizeBytes, sha256 }),
    failure: (thrown) => failureToRecord(thrown, 'this machine'),
  });
  await sendFile({ reach, plan, node, file, bytes, signal });
}
