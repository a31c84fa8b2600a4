import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.ts';
import { keptOperation, operationsReply, stepEvent, takenReply } from '../../core/operation/messages.ts';
import type { KeptOperation, StepEvent } from '../../core/operation/messages.ts';
import type { Outcome } from '../../core/operation/journal.ts';
import { closePath, doPath, filePath, operationPath, planPath, undoPath } from '../../core/operation/paths.ts';
import type { PlacedStep, Plan } from '../../core/operation/plan.ts';
import { decodeJson } from '../../core/protocol/decode.ts';
import { failureFrom } from '../../core/protocol/failure-record.ts';
import { askAgent, askEach } from '../access/ask-agents.ts';
import { nodeNamed, openSession } from '../link/reach.ts';
import type { Reach } from '../link/reach.ts';

/** An agent that has been started anew answers within seconds; a node that reboots takes longer, and then `resume` goes on. */
const lostForMs = 40_000;
const againAfterMs = 500;

/**
 * Takes the operation up on nodes, in the order of their names; where one refuses, it is given back on those before that have taken it up by this
 * very request. An agent on which anything has begun gives nothing back.
 */
export async function takeUp(
  reach: Reach,
  plan: Plan,
  { nodes, by, signal }: { readonly nodes: readonly string[]; readonly by: string; readonly signal: AbortSignal },
): Promise<void> {
  const taken = new Set<string>();
  try {
    for (const node of nodes.toSorted()) {
      const send = { method: 'POST', json: plan } as const;
      const request = { target: operationPath.operations, schema: takenReply, send };
      // Counts as taken until it says otherwise: by Ctrl-C the answer is lost, and not what was asked.
      taken.add(node);
      if (!(await askAgent(reach, nodeNamed(reach, node), request, signal)).taken) taken.delete(node);
    }
  } catch (thrown) {
    await close(reach, plan, [...taken], 'withdrawn', by).catch(() => undefined);
    throw thrown;
  }
}

/** Tells nodes of the plan that an operation goes on with: those that have an older one of the same id. */
export async function putPlan(reach: Reach, plan: Plan, nodes: readonly string[], signal: AbortSignal): Promise<void> {
  const request = { target: planPath(plan.id), schema: keptOperation, send: { method: 'PUT', json: plan } as const };
  for (const node of nodes.toSorted()) await askAgent(reach, nodeNamed(reach, node), request, signal);
}

/** What all nodes that answer keep of operations, by node; and why the others do not. */
export async function allOperations(reach: Reach, signal: AbortSignal) {
  return askEach(reach, { target: operationPath.operations, schema: operationsReply }, signal);
}

export async function close(
  reach: Reach,
  plan: Plan,
  nodes: readonly string[],
  outcome: Outcome,
  by: string,
): Promise<Map<string, Failure>> {
  const failures = new Map<string, Failure>();
  // Also after a Ctrl-C: what was locked is unlocked.
  const signal = AbortSignal.timeout(10_000);
  await Promise.all(
    nodes.map(async (node) => {
      try {
        const send = { method: 'POST', json: { outcome, by } } as const;
        await askAgent(
          reach,
          nodeNamed(reach, node),
          { target: closePath(plan.id), schema: keptOperation, send },
          signal,
        );
      } catch (thrown) {
        if (!(thrown instanceof Failure)) throw thrown;
        if (!['operation-closed', 'unknown-operation'].includes(thrown.reason)) failures.set(node, thrown);
      }
    }),
  );
  return failures;
}

/**
 * Has a step done, or undone, and tells what happens meanwhile. A connection that breaks is opened again: the step goes on by itself.
 * @throws {Failure} the step's own, or why its node was not reached for 40 s.
 */
export async function runStep(options: {
  readonly reach: Reach;
  readonly plan: Plan;
  readonly step: PlacedStep;
  readonly way: 'do' | 'undo';
  readonly onProgress: (event: Extract<StepEvent, { event: 'progress' }>) => void;
  readonly signal: AbortSignal;
}): Promise<Extract<StepEvent, { event: 'done' }>> {
  const { reach, plan, step, way, signal } = options;
  const target = way === 'do' ? doPath(plan.id, step.id) : undoPath(plan.id, step.id);
  let lostAtMs: number | undefined;
  for (;;) {
    try {
      using session = await openSession(reach, nodeNamed(reach, step.node), signal);
      const { bytes } = await session.stream(target, signal, { method: 'POST', json: {} });
      for await (const event of eventsIn(bytes, step.node)) {
        lostAtMs = undefined;
        if (event.event === 'done') return event;
        if (event.event === 'failed') throw new StepFailed(failureFrom(event.failure, step.node));
        options.onProgress(event);
      }
      throw new Failure({ reason: 'link-lost', what: 'the agent has stopped in the middle', node: step.node });
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof StepFailed) throw thrown.failure;
      if (!(thrown instanceof Failure) || !unreachable.has(thrown.reason)) throw thrown;
      lostAtMs ??= performance.now();
      if (performance.now() - lostAtMs > lostForMs) throw thrown;
      options.onProgress({ event: 'progress', text: `its agent does not answer: ${thrown.why ?? thrown.what}` });
      await sleep(againAfterMs, undefined, { signal });
    }
  }
}

/** What the step says of itself is not to be taken for what became of the connection. */
class StepFailed extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

const unreachable = new Set(['link-lost', 'agent-unreachable', 'agent-silent', 'agent-gone', 'agent-not-answering']);

/** Sends the file that a `receive` step waits for. */
export async function sendFile(options: {
  readonly reach: Reach;
  readonly plan: Plan;
  readonly node: string;
  readonly file: string;
  readonly bytes: AsyncIterable<Buffer>;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { reach, plan, node, file, bytes, signal } = options;
  using session = await openSession(reach, nodeNamed(reach, node), signal);
  const reply = await session.stream(filePath(plan.id, file), signal, { method: 'PUT', bytes });
  // The answer comes when the agent has stored all of it; there is nothing in it.
  const rest = reply.bytes[Symbol.asyncIterator]();
  while ((await rest.next()).done !== true);
}

/** The same operation as each of its nodes keeps it. */
export async function keptOn(
  reach: Reach,
  id: string,
  signal: AbortSignal,
): Promise<{ readonly kept: Map<string, KeptOperation>; readonly unreached: Map<string, Failure> }> {
  const kept = new Map<string, KeptOperation>();
  const unreached = new Map<string, Failure>();
  for (const [node, answer] of await allOperations(reach, signal)) {
    if (answer instanceof Failure) unreached.set(node, answer);
    else {
      const found = answer.operations.find(({ plan }) => plan.id === id);
      if (found !== undefined) kept.set(node, found);
    }
  }
  return { kept, unreached };
}

async function* eventsIn(bytes: AsyncIterable<Buffer>, node: string): AsyncGenerator<StepEvent, void, undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of bytes) {
    // A letter may be in two pieces.
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) yield decodeJson(stepEvent, line, { what: "the agent's account of a step", node });
  }
}
