/** Where an operation stands: a pure function of its plan and of the journals of its nodes. */
import type { JournalRecord, Outcome } from './journal.ts';
import type { Phase, Plan } from './plan.ts';

export type StepState = 'open' | 'begun' | 'done' | 'failed' | 'undoing' | 'undone';

export interface OperationState {
  readonly steps: ReadonlyMap<string, StepState>;
  /** The first phase that is not done; undefined where all are. */
  readonly phase: Phase | undefined;
  /** How it ended on each node that says so. */
  readonly closed: ReadonlyMap<string, Outcome>;
  /** Whether anything that ran may have been stopped. */
  readonly touched: boolean;
  /** Whether the new data may have been served: then the old data comes back only by another restore. */
  readonly served: boolean;
  readonly undoing: boolean;
}

/** @param journals of the nodes that could be asked. What a node that could not be asked has done is not known, and counts as open. */
export function stateOf(plan: Plan, journals: ReadonlyMap<string, readonly JournalRecord[]>): OperationState {
  const steps = new Map<string, StepState>();
  const closed = new Map<string, Outcome>();
  for (const [node, records] of journals)
    for (const record of records) {
      if (record.event === 'closed') closed.set(node, record.outcome);
      else steps.set(record.step, stateAfter(record.event));
    }
  const stateOfStep = (id: string) => steps.get(id) ?? 'open';
  const anyOf = (phase: Phase, is: (state: StepState) => boolean) => phase.steps.some(({ id }) => is(stateOfStep(id)));
  const begun = (state: StepState) => state !== 'open' && state !== 'undone';
  return {
    steps,
    closed,
    phase: plan.phases.find((phase) => anyOf(phase, (state) => state !== 'done')),
    touched: plan.phases.some((phase) => phase.touches === true && anyOf(phase, begun)),
    served: plan.phases.some((phase) => phase.servesNewData === true && anyOf(phase, begun)),
    undoing: [...steps.values()].some((state) => state === 'undoing' || state === 'undone'),
  };
}

function stateAfter(event: Exclude<JournalRecord['event'], 'closed'>): StepState {
  switch (event) {
    // What could not be undone is still there.
    case 'undo-failed':
      return 'undoing';
    default:
      return event;
  }
}
