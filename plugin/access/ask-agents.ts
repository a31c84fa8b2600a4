import type * as v from 'valibot';
import { Failure } from '../../core/failure.ts';
import type { Sent } from '../link/agent-session.ts';
import { askable, openSession } from '../link/reach.ts';
import type { NodeView, Reach } from '../link/reach.ts';

export interface AgentRequest<Schema extends v.GenericSchema> {
  readonly target: string;
  readonly schema: Schema;
  readonly send?: Sent;
}

/** An agent that passes a request on to others waits 2.5 s for them, twice at worst. */
const answerWithinMs = 8_000;

/** The answer of the agent on `node`. @throws {Failure} its own, or why it was not reached. */
export async function askAgent<Schema extends v.GenericSchema>(
  reach: Reach,
  node: NodeView,
  request: AgentRequest<Schema>,
  signal: AbortSignal,
): Promise<v.InferOutput<Schema>> {
  using session = await openSession(reach, node, signal);
  const { target, schema, send } = request;
  return await session.get(target, schema, {
    timeoutMs: answerWithinMs,
    signal,
    ...(send === undefined ? {} : { send }),
  });
}

/** What each agent answers, or why it does not; all at once. */
export async function askEach<Schema extends v.GenericSchema>(
  reach: Reach,
  request: AgentRequest<Schema>,
  signal: AbortSignal,
): Promise<Map<string, v.InferOutput<Schema> | Failure>> {
  const answers = await Promise.all(
    reach.nodes.map(async (node): Promise<[string, v.InferOutput<Schema> | Failure]> => {
      try {
        return [node.name, await askAgent(reach, node, request, signal)];
      } catch (thrown) {
        signal.throwIfAborted();
        if (!(thrown instanceof Failure)) throw thrown;
        return [node.name, thrown];
      }
    }),
  );
  return new Map(answers);
}

/** What another agent may be able to do: this one could not be reached, or is not enrolled. */
const anotherMay = new Set([
  'no-agent',
  'agent-unreachable',
  'agent-silent',
  'agent-gone',
  'agent-not-answering',
  'exec-refused',
  'link-lost',
  'not-enrolled',
  'access-state-unreadable',
]);

/**
 * The answer of the first agent that can give one; the next is asked when one cannot be reached.
 * @throws {Failure} the last agent's, when none can; `no-agents`.
 */
export async function askAny<Schema extends v.GenericSchema>(
  reach: Reach,
  request: AgentRequest<Schema>,
  signal: AbortSignal,
): Promise<v.InferOutput<Schema>> {
  let last: Failure | undefined;
  for (const node of askable(reach)) {
    try {
      return await askAgent(reach, node, request, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof Failure) || !anotherMay.has(thrown.reason)) throw thrown;
      // That nobody is enrolled says more than that somebody else was not reached.
      if (last?.reason !== 'not-enrolled') last = thrown;
    }
  }
  throw (
    last ??
    new Failure({
      reason: 'no-agents',
      what: 'there is no agent on any control-plane node',
      next: 'kubectl etcd install',
    })
  );
}
