/** What the commands about operations have in common: looking at them, and what they refuse. */
import { exitCode, Failure } from '../../core/failure.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { Progress } from '../report/progress.ts';
import { gatherOne, standing } from './gather.ts';
import type { Gathered } from './gather.ts';

export interface CommandParts<Flags = { readonly output?: string }> {
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
  readonly flags: Flags;
}

/** What a command is given that is about one operation. */
export type OfOne<Flags = { readonly output?: string }> = CommandParts<Flags> & { readonly id: string };
/** `--dead cp3,cp4` */
export function deadIn(flag: string | undefined): string[] {
  return flag === undefined
    ? []
    : [...new Set(flag.split(',').map((name) => name.trim()))].filter((name) => name !== '');
}

export async function looked<Found>(
  { terminal }: Surroundings,
  open: () => Promise<Reach>,
  look: (reach: Reach) => Promise<Found>,
): Promise<{ found: Found; reach: Reach }> {
  using progress = new Progress(terminal, 'reaching the nodes');
  const reach = await open();
  progress.wait(`asking ${reach.nodes.length} nodes`);
  return { found: await look(reach), reach };
}

/** One operation, as its nodes have it now. @throws {Failure} `unknown-operation`. */
export async function lookedAtOne({ id, surroundings, open }: Pick<OfOne, 'id' | 'surroundings' | 'open'>) {
  return looked(surroundings, open, async (reach) => gatherOne(reach, id, surroundings.signal));
}

export function assertOpen({ plan, open, state }: Gathered): void {
  if (open) return;
  throw new Failure({
    reason: 'operation-closed',
    what: `the operation ${plan.id} is closed: ${[...new Set(state.closed.values())].join(', ')}`,
    next: `kubectl etcd operation show ${plan.id}`,
    exit: exitCode.refused,
  });
}

/**
 * Every node that the operation concerns answers, but for those that are declared dead; and those do not.
 * @throws {Failure} `node-not-reached`, `dead-node-answers`, `unknown-node`.
 */
export function assertReached({ plan, unreached }: Gathered, dead: readonly string[]): void {
  const unknown = dead.filter((node) => !plan.nodes.includes(node));
  if (unknown.length > 0)
    throw new Failure({
      reason: 'unknown-node',
      what: `${plan.id} does not concern ${unknown.join(', ')}`,
      next: `one of: ${plan.nodes.join(', ')}`,
      exit: exitCode.usage,
    });
  const answering = dead.find((node) => !unreached.has(node));
  if (answering !== undefined)
    throw new Failure({
      reason: 'dead-node-answers',
      what: 'it is declared dead, and its agent answers',
      node: answering,
      next: 'power it off, or leave it out of --dead',
      exit: exitCode.refused,
    });
  const silent = [...unreached].filter(([node]) => !dead.includes(node));
  const [first] = silent;
  if (first === undefined) return;
  const [node, { what, why, next }] = first;
  const names = silent.map(([name]) => name);
  throw new Failure({
    reason: 'node-not-reached',
    what: `${names.join(', ')} cannot be reached, and ${plan.id} concerns it`,
    node,
    why: [what, why].filter(Boolean).join(': '),
    next: [next, `gone for good, and powered off: the same command with --dead ${[...dead, ...names].sort().join(',')}`]
      .filter(Boolean)
      .join('\n'),
    exit: exitCode.refused,
  });
}

/** For `-o json`. */
export function documentOf(operation: Gathered) {
  const { plan, state, open, unreached, unknown } = operation;
  return {
    id: plan.id,
    title: plan.title,
    state: standing(operation),
    open,
    startedAt: plan.createdAt,
    by: plan.by,
    nodes: plan.nodes,
    phase: state.phase?.name ?? null,
    canResume: open && !state.undoing,
    canRollBack: open && !state.served,
    notReached: [...unreached.keys()],
    notTakenUp: unknown,
  };
}

/** The commands with which an operation that is open goes on. */
export function nextLines({ plan, state }: Gathered): string {
  const { id } = plan;
  const resume = state.undoing ? '' : `resume it: kubectl etcd operation resume ${id}`;
  const undo = state.served ? '' : `undo it: kubectl etcd operation rollback ${id}`;
  return `${id}   ${[resume, undo].filter(Boolean).join('     ')}`;
}
