import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { Plan, PlacedStep } from '../../core/operation/plan.ts';
import { stateOf } from '../../core/operation/state.ts';
import type { StepState } from '../../core/operation/state.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import type { OutputFormat } from '../report/output.ts';
import { execute, rollBack, StoppedInPhase, stoppedHalfWay } from './execute.ts';
import type { Execution } from './execute.ts';
import { printReport } from './report.ts';
import { close, keptOn, takeUp } from './session.ts';
import { OperationView } from './view.ts';

export interface CarryOut {
  readonly reach: Reach;
  readonly plan: Plan;
  /** What has to be sent for a step. */
  readonly before?: (step: PlacedStep, onBytes: (doneBytes: number) => void) => Promise<void>;
  readonly surroundings: Surroundings;
  readonly format: OutputFormat;
  /** Where it is still to be taken up; everywhere, unless said otherwise. */
  readonly takenUpOn?: readonly string[];
  /** What is done already. */
  readonly states?: ReadonlyMap<string, StepState>;
}

/** Takes an operation up on all nodes, carries it out, closes it, and says what it took. */
export async function carryOut(all: CarryOut): Promise<ExitCode> {
  const parts = { ...all, reach: onlyNodesOf(all) };
  const { reach, plan, surroundings, states = new Map(), format } = parts;
  const { terminal, signal } = surroundings;
  await takeUp(reach, plan, { nodes: parts.takenUpOn ?? plan.nodes, by: plan.by, signal });
  try {
    using view = new OperationView(terminal, plan);
    await execute(executionOf(parts, view), states);
  } catch (thrown) {
    if (!(thrown instanceof StoppedInPhase)) throw thrown;
    throw await whatNow(parts, thrown);
  }
  const open = await close(reach, plan, plan.nodes, 'done', plan.by);
  await printReport({ reach, plan, terminal, format, signal });
  for (const failure of open.values()) throw failure;
  return exitCode.done;
}

/** Undoes what was begun and closes the operation. @throws {Failure} exit code 6 where that stops half-way. */
export async function takeBack(parts: CarryOut, outcome: 'rolled-back' | 'withdrawn'): Promise<void> {
  const { reach, plan, surroundings, states = new Map() } = parts;
  try {
    using view = new OperationView(surroundings.terminal, plan);
    await rollBack(executionOf(parts, view), states);
  } catch (thrown) {
    if (!(thrown instanceof StoppedInPhase)) throw thrown;
    throw stoppedHalfWay(plan, thrown, { served: false, undoing: true });
  }
  for (const failure of (await close(reach, plan, plan.nodes, outcome, plan.by)).values()) throw failure;
}

/** A node that is left out is not waited for: it may be dead. */
function onlyNodesOf({ reach, plan }: CarryOut): Reach {
  return { ...reach, nodes: reach.nodes.filter(({ name }) => plan.nodes.includes(name)) };
}

function executionOf({ reach, plan, before, surroundings }: CarryOut, view: OperationView): Execution {
  return {
    ...{ reach, plan, watcher: view, signal: surroundings.signal },
    before: async (step) =>
      before?.(step, (doneBytes) => {
        const totalBytes = step.does.kind === 'receive' ? step.does.sizeBytes : undefined;
        view.step(step, {
          ...{ event: 'progress', text: 'sending the snapshot', doneBytes },
          ...(totalBytes === undefined ? {} : { totalBytes }),
        });
      }),
  };
}

/** Where nothing was touched, what was prepared is taken back, and it is as if nothing had been asked for. */
async function whatNow(parts: CarryOut, stopped: StoppedInPhase): Promise<Failure> {
  const { reach, plan } = parts;
  const { kept } = await keptOn(reach, plan.id, AbortSignal.timeout(10_000));
  const state = stateOf(plan, new Map([...kept].map(([node, { journal }]) => [node, journal])));
  const surelyUntouched = !state.touched && stopped.phase.touches !== true && kept.size === plan.nodes.length;
  if (!surelyUntouched) return stoppedHalfWay(plan, stopped, { served: state.served, undoing: false });
  const unstoppable = { ...parts.surroundings, signal: new AbortController().signal };
  await takeBack({ ...parts, surroundings: unstoppable, states: state.steps }, 'withdrawn');
  const { failure } = stopped;
  if (!(failure instanceof Failure)) return stoppedHalfWay(plan, stopped, { served: false, undoing: false });
  const { reason, what, node, why, next, exit } = failure;
  return new Failure({
    ...{ reason, what, node, why, cause: failure },
    next: ['nothing was stopped; what had been prepared was taken away again', next].filter(Boolean).join('\n'),
    exit: exit === exitCode.interrupted ? exit : exitCode.refused,
  });
}
