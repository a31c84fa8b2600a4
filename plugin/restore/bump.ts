import { exitCode, Failure } from '../../core/failure.ts';
import type { ReadyNode } from './plan-restore.ts';
import type { SnapshotFacts } from './snapshot-facts.ts';

/** Where nobody can say how far the cluster had come. */
const unknownBump = 1_000_000_000;
/** Above what the caches of informers can have seen, also of what was written since we looked. */
const margin = 1.2;
/** What may be written while somebody reads the plan. */
const leastBump = 1_000_000;

/**
 * How much is added to the snapshot's revision, so that no informer's or kubelet's cached revision comes again with other content (etcd#16028):
 * `auto` reaches 1.2 times the highest revision known, a number is taken as it is, and 0 is none.
 * @throws {Failure} `wrong-usage`; `revision-bump-impossible` where a number was asked for that the tools cannot add.
 */
export function chooseBump(
  flag: string,
  snapshot: Pick<SnapshotFacts, 'revision'>,
  nodes: readonly Pick<ReadyNode, 'name' | 'survey'>[],
): { readonly bump: number | undefined; readonly warnings: readonly string[] } {
  if (flag !== 'auto' && !/^\d{1,15}$/.test(flag))
    throw new Failure({
      reason: 'wrong-usage',
      what: `"${flag}" is no revision to add`,
      next: '--bump-revision auto, a number, or 0 for none',
      exit: exitCode.usage,
    });
  const stale =
    'watches and caches (controllers, kubelets, operators) may show what no longer is until they are restarted';
  if (Number(flag) === 0) return { bump: undefined, warnings: [`the revision is not bumped: ${stale}`] };
  const cannot = nodes.filter(({ survey }) => survey.tool?.canBump === false);
  if (cannot.length > 0) {
    const why = cannot
      .map(({ name, survey }) => `${name}: ${survey.tool?.program ?? ''} ${survey.tool?.version ?? ''}`)
      .join(', ');
    if (flag === 'auto') return { bump: undefined, warnings: [`the revision cannot be bumped by ${why}: ${stale}`] };
    throw new Failure({
      reason: 'revision-bump-impossible',
      what: "etcd's own tools on these nodes cannot bump the revision",
      why,
      next: '--bump-revision 0 restores without it; etcd 3.5.10 and 3.4.27 brought it',
      exit: exitCode.refused,
    });
  }
  if (flag !== 'auto') return { bump: Number(flag), warnings: behind(Number(flag), snapshot, nodes) };
  const highest = Math.max(0, ...nodes.flatMap(({ survey }) => survey.status?.revision ?? []));
  // Members that are behind the snapshot have been made anew, and do not know how far the cluster had come.
  if (highest < snapshot.revision) return { bump: unknownBump, warnings: [] };
  return { bump: Math.max(Math.ceil(highest * margin) - snapshot.revision, leastBump), warnings: [] };
}

/** A number is taken as it is; that it does not reach what the cluster has now is said. */
function behind(
  bump: number,
  { revision }: Pick<SnapshotFacts, 'revision'>,
  nodes: readonly Pick<ReadyNode, 'survey'>[],
): string[] {
  const highest = Math.max(0, ...nodes.flatMap(({ survey }) => survey.status?.revision ?? []));
  if (revision + bump > highest) return [];
  return [
    `the restored revision, ${revision + bump}, is not above the present one, ${highest}: what watches may take old for new`,
  ];
}
