import { accessState } from '../../core/access/messages.ts';
import type { AccessState } from '../../core/access/messages.ts';
import { accessPath, passedOn } from '../../core/access/paths.ts';
import { Failure, asFailure } from '../../core/failure.ts';
import { agentReport, membersReply } from '../../core/protocol/messages.ts';
import type { AgentReport, MembersReply } from '../../core/protocol/messages.ts';
import { path } from '../../core/protocol/paths.ts';
import type { AgentSession } from '../link/agent-session.ts';
import { askable, openSession } from '../link/reach.ts';
import type { NodeView, Reach } from '../link/reach.ts';
import { joinMembersToNodes } from './join-nodes.ts';

/** An agent takes at most 1.5 s to hear from a member that is silent, twice at worst. */
const surveyWithinMs = 4_500;
const reportWithinMs = 3_000;
/** One agent answers for all; when it has not by then, the next one is asked beside it. */
const patienceMs = 700;
/** How the other agents stand is worth a moment, and no more than that: etcd is what is asked about. */
const standingWithinMs = 1_000;
const standingGraceMs = 300;

export interface Observation {
  /** The members as one of them lists them, or why nobody could say. */
  readonly survey: MembersReply | Failure;
  /** How the agent that gave the survey stands in the installation; absent where none did, or it is an older one. */
  readonly access: AccessState | undefined;
  /** How the agents of the other nodes stand, as that agent reaches them, or why it does not: the way that is left when the API server is down. */
  readonly peers: ReadonlyMap<string, AccessState | Failure>;
  /** What single agents found on their nodes: asked only where the survey leaves a question. */
  readonly reports: ReadonlyMap<string, AgentReport | Failure>;
}

/** Looks at the whole cluster: one agent's survey, and from nodes whose member does not answer what the agent there has to say. */
export async function observe(reach: Reach, signal: AbortSignal): Promise<Observation> {
  const looked = await fromAny(reach, signal, (session, stop) => surveyAndAccess(session, reach, stop)).catch(
    (thrown: unknown) => {
      signal.throwIfAborted();
      const failure = asFailure(thrown, { reason: 'no-member-answers', what: 'no agent can list the members' });
      return { survey: failure, access: undefined, peers: new Map<string, never>() };
    },
  );
  const { survey, access, peers } = looked;
  const unclear = askable(reach).filter(
    (node) => survey instanceof Failure || !memberAnswersOn(node.name, survey, reach.nodes),
  );
  return { survey, access, peers, reports: await reportsFrom(reach, unclear, signal) };
}

/** The survey of the first agent that has one. @throws {Failure} the first agent's, when none has; `no-agents`. */
export async function surveyFromAny(reach: Reach, signal: AbortSignal): Promise<MembersReply> {
  return fromAny(reach, signal, surveyFrom);
}

/**
 * What the first agent that can says. Agents are asked one after the other, the next when one fails or is slow: a node that is
 * unplugged costs `patienceMs`, not its time-out.
 * @throws {Failure} the first agent's, when none can; `no-agents`.
 */
async function fromAny<Answer>(
  reach: Reach,
  signal: AbortSignal,
  ask: (session: AgentSession, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const nodes = askable(reach);
  if (nodes.length === 0) throw noAgents(reach);
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  let turn: Promise<unknown> = Promise.resolve();
  const attempts = nodes.map((node) => {
    const attempt = turn.then(() => inSession(reach, node, either, ask));
    turn = turn.then(() => Promise.race([failureOf(attempt), patience(patienceMs, either)]));
    return attempt;
  });
  try {
    return await Promise.any(attempts);
  } catch (thrown) {
    throw thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  } finally {
    enough.abort(new Error('another agent has answered'));
  }
}

async function inSession<Answer>(
  reach: Reach,
  node: NodeView,
  signal: AbortSignal,
  ask: (session: AgentSession, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  signal.throwIfAborted();
  using session = await openSession(reach, node, signal);
  return await ask(session, signal);
}

async function surveyFrom(session: AgentSession, signal: AbortSignal): Promise<MembersReply> {
  return session.get(path.members, membersReply, { timeoutMs: surveyWithinMs, signal });
}

async function surveyAndAccess(session: AgentSession, reach: Reach, signal: AbortSignal) {
  const others = reach.nodes.filter(({ name }) => name !== session.node);
  const enough = new AbortController();
  const asked = others.map(({ name }) => standing(session, name, AbortSignal.any([signal, enough.signal])));
  const [survey, access] = await Promise.all([
    surveyFrom(session, signal),
    session
      .get(accessPath.state, accessState, { timeoutMs: surveyWithinMs, signal })
      // An older agent does not know the question, and etcd is what is asked about.
      .catch(() => undefined),
    patience(standingWithinMs, signal, Promise.allSettled(asked)),
  ]);
  await patience(standingGraceMs, signal, Promise.allSettled(asked));
  enough.abort(new Failure({ reason: 'agent-silent', what: `it does not answer that of ${session.node} in time` }));
  const standings = await Promise.all(asked);
  return {
    survey,
    access,
    peers: new Map(others.map(({ name }, index) => [name, standings[index] ?? notAsked(name)])),
  };
}

/** Never fails: the session's agent is asked to ask the one of `node`. */
async function standing(session: AgentSession, node: string, signal: AbortSignal): Promise<AccessState | Failure> {
  try {
    return await session.get(passedOn(node, accessPath.state), accessState, { timeoutMs: surveyWithinMs, signal });
  } catch (thrown) {
    return asFailure(thrown, notAsked(node));
  }
}

function notAsked(node: string): Failure {
  return new Failure({ reason: 'agent-silent', what: 'it was not asked', node });
}

function memberAnswersOn(node: string, survey: MembersReply, nodes: readonly NodeView[]): boolean {
  const nodeOf = joinMembersToNodes(survey, nodes, new Map());
  return survey.members.some((member) => member.status !== undefined && nodeOf.get(member.id) === node);
}

/** What the agents of `nodes` found there, each or why not; all at once. */
export async function reportsFrom(
  reach: Reach,
  nodes: readonly NodeView[],
  signal: AbortSignal,
): Promise<Map<string, AgentReport | Failure>> {
  const reports = await Promise.all(nodes.map((node) => reportFrom(reach, node, signal)));
  signal.throwIfAborted();
  return new Map(nodes.flatMap((node, index) => (reports[index] === undefined ? [] : [[node.name, reports[index]]])));
}

async function reportFrom(reach: Reach, node: NodeView, signal: AbortSignal): Promise<AgentReport | Failure> {
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(reportWithinMs)]);
    using session = await openSession(reach, node, within);
    return await session.get(path.agent, agentReport, { timeoutMs: reportWithinMs, signal: within });
  } catch (thrown) {
    return asFailure(thrown, {
      reason: 'agent-silent',
      what: `the agent does not answer within ${reportWithinMs / 1000} s`,
      node: node.name,
    });
  }
}

function noAgents(reach: Reach): Failure {
  if (reach.nodes.length === 0)
    return new Failure({
      reason: 'no-control-plane-nodes',
      what: 'the cluster has no control-plane nodes that Kubernetes knows of',
      why: 'no node carries node-role.kubernetes.io/control-plane or node-role.kubernetes.io/master; managed clusters hide theirs',
      next: 'etcd of a managed cluster is in the hands of its provider; else label the nodes that run etcd',
    });
  return new Failure({
    reason: 'no-agents',
    what: 'there is no agent on any control-plane node',
    next: 'kubectl etcd install',
  });
}

/** Settles when `promise` fails, never when it succeeds. */
function failureOf(promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => void promise.catch(() => resolve()));
}

/** Resolves after `timeoutMs`, or as soon as `sooner` has, or at the signal. */
function patience(timeoutMs: number, signal: AbortSignal, sooner?: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, timeoutMs);
    signal.addEventListener('abort', done);
    void sooner?.then(done, done);
    if (signal.aborted) done();
  });
}
