import { exitCode, Failure } from '../../core/failure.ts';
import type { StepEvent } from '../../core/operation/messages.ts';
import { stepsOn } from '../../core/operation/plan.ts';
import type { Phase, PlacedStep, Plan } from '../../core/operation/plan.ts';
import type { StepState } from '../../core/operation/state.ts';
import type { Reach } from '../link/reach.ts';
import { wordsOf } from './kinds.ts';
import { runStep } from './session.ts';

export interface Watcher {
  readonly phase: (phase: Phase, way: 'do' | 'undo') => void;
  readonly step: (step: PlacedStep, event: Extract<StepEvent, { event: 'progress' }>) => void;
  readonly done: (step: PlacedStep, tookMs: number, result: unknown) => void;
  readonly phaseDone: (phase: Phase, tookMs: number) => void;
}

export interface Execution {
  readonly reach: Reach;
  readonly plan: Plan;
  readonly watcher: Watcher;
  /** Before a step is asked for: what has to be sent for it. */
  readonly before: (step: PlacedStep) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What went wrong in a phase: the first failure counts, and the phase says whether anything was touched. */
export class StoppedInPhase extends Error {
  readonly phase: Phase;
  readonly failure: unknown;
  constructor(phase: Phase, failure: unknown) {
    super(`stopped in ${phase.name}`);
    this.phase = phase;
    this.failure = failure;
  }
}

/**
 * Does what is left of a plan: phase by phase, the nodes of a phase beside each other. Ctrl-C stops before the next step; one that runs on a node
 * goes on to its end, as a step is the smallest thing that is whole.
 * @throws {StoppedInPhase}
 */
export async function execute(execution: Execution, states: ReadonlyMap<string, StepState>): Promise<void> {
  for (const phase of execution.plan.phases) {
    if (phase.steps.every(({ id }) => states.get(id) === 'done')) continue;
    await inPhase(execution, phase, 'do', (step) => states.get(step.id) !== 'done');
  }
}

/**
 * Undoes what was begun, the last phase first.
 * @throws {StoppedInPhase}
 */
export async function rollBack(execution: Execution, states: ReadonlyMap<string, StepState>): Promise<void> {
  const begun = ({ id }: PlacedStep) => !['open', 'undone'].includes(states.get(id) ?? 'open');
  for (const phase of execution.plan.phases.toReversed())
    if (phase.steps.some(begun)) await inPhase(execution, phase, 'undo', begun);
}

async function inPhase(
  execution: Execution,
  phase: Phase,
  way: 'do' | 'undo',
  wanted: (step: PlacedStep) => boolean,
): Promise<void> {
  const { plan, watcher } = execution;
  const begunMs = performance.now();
  watcher.phase(phase, way);
  const outcomes = await Promise.allSettled(
    plan.nodes.map(async (node) => {
      const steps = stepsOn(phase, node).filter(wanted);
      for (const step of way === 'do' ? steps : steps.reverse()) await one(execution, step, way);
    }),
  );
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw new StoppedInPhase(phase, failed.reason);
  watcher.phaseDone(phase, performance.now() - begunMs);
}

async function one(execution: Execution, step: PlacedStep, way: 'do' | 'undo'): Promise<void> {
  const { reach, plan, watcher, signal } = execution;
  signal.throwIfAborted();
  if (way === 'do') await execution.before(step);
  const { tookMs, result } = await runStep({
    ...{ reach, plan, step, way },
    // Once it runs it is waited for: what happened is to be known.
    signal: new AbortController().signal,
    onProgress: (event) => watcher.step(step, event),
  });
  watcher.done(step, tookMs, result);
}

/** Says how to go on from where an operation has stopped. */
export function stoppedHalfWay(
  plan: Plan,
  { phase, failure }: StoppedInPhase,
  { served, undoing }: { readonly served: boolean; readonly undoing: boolean },
): Failure {
  const own = failure instanceof Failure ? failure : undefined;
  const resume = `go on: kubectl etcd operation resume ${plan.id}`;
  const rollback = `undo it: kubectl etcd operation rollback ${plan.id}`;
  const { noWayBack, instead } = wordsOf(plan);
  const forward = served ? `${noWayBack}: ${instead}` : rollback;
  return new Failure({
    reason: own?.exit === exitCode.interrupted ? 'interrupted' : 'stopped-half-way',
    what: `stopped ${undoing ? 'while undoing' : 'in'} the phase "${phase.name}"${own === undefined ? '' : `: ${own.what}`}`,
    node: own?.node,
    why: own?.why ?? (own === undefined && failure instanceof Error ? failure.message : undefined),
    next: [own?.next, ...(undoing ? [rollback] : [resume, forward])].filter(Boolean).join('\n'),
    exit: exitCode.resumable,
    cause: failure,
  });
}
