import { exitCode, Failure } from '../../core/failure.ts';
import type { JournalRecord } from '../../core/operation/journal.ts';
import { isNewer } from '../../core/operation/plan.ts';
import type { Plan } from '../../core/operation/plan.ts';
import { stateOf } from '../../core/operation/state.ts';
import type { OperationState } from '../../core/operation/state.ts';
import type { Reach } from '../link/reach.ts';
import { allOperations } from './session.ts';

/** An operation, joined from what its nodes keep of it. */
export interface Gathered {
  /** The newest that a node has. */
  readonly plan: Plan;
  /** As each node that answers has it. */
  readonly plans: ReadonlyMap<string, Plan>;
  readonly journals: ReadonlyMap<string, readonly JournalRecord[]>;
  readonly state: OperationState;
  /** Nodes that it concerns and that could not be asked. */
  readonly unreached: ReadonlyMap<string, Failure>;
  /** Nodes that it concerns and that know nothing of it: it was not taken up there. */
  readonly unknown: readonly string[];
  /** Whether there is a node where it is not closed. */
  readonly open: boolean;
}

/** All operations that the agents keep, the newest first. @throws {Failure} the first node's, where no agent answers. */
export async function gatherAll(reach: Reach, signal: AbortSignal): Promise<Gathered[]> {
  const answers = await allOperations(reach, signal);
  const failures = new Map<string, Failure>();
  const newest = new Map<string, Plan>();
  const plans = new Map<string, Map<string, Plan>>();
  const journals = new Map<string, Map<string, readonly JournalRecord[]>>();
  const open = new Map<string, Set<string>>();
  for (const [node, answer] of answers) {
    if (answer instanceof Failure) {
      failures.set(node, answer);
      continue;
    }
    for (const { plan, journal, closed } of answer.operations) {
      const { id } = plan;
      const known = newest.get(id);
      if (known === undefined || isNewer(plan, known)) newest.set(id, plan);
      plans.set(id, (plans.get(id) ?? new Map<string, Plan>()).set(node, plan));
      journals.set(id, (journals.get(id) ?? new Map<string, readonly JournalRecord[]>()).set(node, journal));
      if (!closed) open.set(id, (open.get(id) ?? new Set<string>()).add(node));
    }
  }
  const [first] = failures.values();
  if (first !== undefined && failures.size === answers.size) throw first;
  return [...newest.values()]
    .sort((one, other) => (one.createdAt < other.createdAt ? 1 : -1))
    .map((plan) => {
      // What a node did before the others went on without it does not count any more.
      const own = new Map([...(journals.get(plan.id) ?? [])].filter(([node]) => plan.nodes.includes(node)));
      return {
        plan,
        plans: plans.get(plan.id) ?? new Map<string, Plan>(),
        journals: own,
        state: stateOf(plan, own),
        unreached: new Map(
          plan.nodes
            .flatMap((node) => (answers.has(node) ? [] : [[node, unlisted(node)] as const]))
            .concat([...failures].filter(([node]) => plan.nodes.includes(node))),
        ),
        unknown: plan.nodes.filter((node) => answers.has(node) && !own.has(node) && !failures.has(node)),
        open: plan.nodes.some((node) => open.get(plan.id)?.has(node) === true),
      };
    });
}

/** A node of the plan that the access file, or whoever lists the nodes, does not have. */
function unlisted(node: string): Failure {
  return new Failure({
    reason: 'unknown-node',
    what: 'the way to this node is not known',
    node,
    next: 'kubectl etcd access save --force writes a new access file; or run this on a control-plane node',
  });
}

/** @throws {Failure} `unknown-operation`. */
export async function gatherOne(reach: Reach, id: string, signal: AbortSignal): Promise<Gathered> {
  const found = (await gatherAll(reach, signal)).find(({ plan }) => plan.id === id);
  if (found !== undefined) return found;
  throw new Failure({
    reason: 'unknown-operation',
    what: `there is no operation ${id}`,
    next: 'kubectl etcd operation list',
    exit: exitCode.usage,
  });
}

/** How an operation stands, in a few words: `done`, `stopped in check on cp1`, `rolled back`. */
export function standing({ plan, state, open, unreached }: Gathered): string {
  const outcomes = [...new Set(state.closed.values())];
  if (!open && outcomes.length > 0) return outcomes.join(', ');
  const { phase } = state;
  if (phase === undefined) return outcomes.length > 0 ? 'done, not closed everywhere' : 'done, not closed';
  const where = phase.steps.filter(({ id }) => state.steps.get(id) !== 'done').map(({ node }) => node);
  const nodes = [...new Set(where)].join(', ');
  const silent = [...unreached.keys()].filter((node) => where.includes(node));
  const words = state.undoing
    ? 'being rolled back'
    : plan.phases[0] === phase && !state.touched
      ? 'begun'
      : `stopped in ${phase.name}`;
  return `${words} on ${nodes}${silent.length === 0 ? '' : ` (${silent.join(', ')} not reached)`}`;
}
