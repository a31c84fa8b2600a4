import { accessState } from '../../core/access/messages.ts';
import { accessPath } from '../../core/access/paths.ts';
import { examinationPath, hashPath, keySpaceHash, nodeExamination } from '../../core/examination/messages.ts';
import type { KeySpaceHash, NodeExamination } from '../../core/examination/messages.ts';
import { Failure, asFailure } from '../../core/failure.ts';
import { agentReport, membersReply } from '../../core/protocol/messages.ts';
import { path } from '../../core/protocol/paths.ts';
import { programVersion } from '../../core/version.ts';
import type { AgentSession } from '../link/agent-session.ts';
import { openSession } from '../link/reach.ts';
import type { NodeView, Reach } from '../link/reach.ts';
import type { ClockOffset, Observation, ObservedNode } from './observation.ts';

/** Nobody is waited for longer: a node that does not answer by then is a finding. */
const answerWithinMs = 3_000;
/**
 * etcd hashes about 200 MB a second, and can not be told to stop: above this it is left alone by somebody who only looks. What is hashed is what is in
 * use, at a revision that all have.
 */
const hashedUpToBytes = 256 * 1024 * 1024;
const hashWithinMs = 2_500;

/** Looks at every node at once, over one session each. Changes nothing, and does not fail for want of an answer. */
export async function observeAll(reach: Reach, signal: AbortSignal): Promise<Observation> {
  const sessions = new Map<string, AgentSession>();
  try {
    const nodes = await Promise.all(reach.nodes.map((node) => look(reach, node, { sessions, signal })));
    signal.throwIfAborted();
    const hashes = await hashesOf(nodes, sessions, signal);
    return {
      cluster: reach.cluster,
      nodes: nodes.map((node) => ({ ...node, hash: hashes.get(node.name) })),
      accessFile: reach.access,
      expectsEnrolment: reach.apiServer !== undefined || reach.fromNode !== undefined,
      nowMs: Date.now(),
      pluginVersion: programVersion,
    };
  } finally {
    for (const session of sessions.values()) session[Symbol.dispose]();
  }
}

interface Looking {
  readonly sessions: Map<string, AgentSession>;
  readonly signal: AbortSignal;
}

async function look(reach: Reach, node: NodeView, { sessions, signal }: Looking): Promise<ObservedNode> {
  const { name, addresses } = node;
  const within = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]);
  const ask = { timeoutMs: answerWithinMs, signal: within };
  try {
    const session = await openSession(reach, node, within);
    sessions.set(name, session);
    const sentMs = Date.now();
    const [{ examination, clock }, seen, access, agentVersion] = await Promise.all([
      session.get(examinationPath, nodeExamination, ask).then((answer) => ({
        examination: answer,
        clock: offsetOf(answer, sentMs, Date.now()),
      })),
      session.get(path.members, membersReply, ask).catch((thrown: unknown) => asFailure(thrown, silent(name))),
      session.get(accessPath.state, accessState, ask).catch(() => undefined),
      node.agent?.version ??
        session.get(path.agent, agentReport, ask).then(
          ({ version }) => version,
          () => undefined,
        ),
    ]);
    return { name, addresses, examination, clock, seen, access, agentVersion };
  } catch (thrown) {
    signal.throwIfAborted();
    return { name, addresses, examination: asFailure(thrown, silent(name)), agentVersion: node.agent?.version };
  }
}

function silent(node: string) {
  return { reason: 'agent-silent', what: `the agent does not answer within ${answerWithinMs / 1000} s`, node };
}

/** As NTP does it: what the agent took for its answer is no time on the way. */
export function offsetOf(
  { receivedAt, answeredAt }: Pick<NodeExamination, 'receivedAt' | 'answeredAt'>,
  sentMs: number,
  gotMs: number,
): ClockOffset {
  const receivedMs = Date.parse(receivedAt);
  const answeredMs = Date.parse(answeredAt);
  const onTheWayMs = Math.max(0, gotMs - sentMs - (answeredMs - receivedMs));
  return { aheadMs: (receivedMs - sentMs + (answeredMs - gotMs)) / 2, withinMs: onTheWayMs / 2 };
}

/** At the lowest revision that any of them has, of members of one cluster. */
async function hashesOf(
  nodes: readonly ObservedNode[],
  sessions: ReadonlyMap<string, AgentSession>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, KeySpaceHash>> {
  const answering = nodes.flatMap(({ name, examination }) =>
    examination instanceof Failure || examination.member === undefined ? [] : [{ name, ...examination.member }],
  );
  const ofCluster = [...Map.groupBy(answering, ({ etcdClusterId }) => etcdClusterId).values()].filter(
    (members) => members.length > 1 && members.every(({ status: { dbInUseBytes } }) => dbInUseBytes <= hashedUpToBytes),
  );
  const within = AbortSignal.any([signal, AbortSignal.timeout(hashWithinMs)]);
  const asked = ofCluster.flatMap((members) => {
    const revision = Math.min(...members.map(({ status }) => status.revision));
    return members.map(async ({ name }): Promise<[string, KeySpaceHash][]> => {
      const target = `${hashPath}?revision=${revision}`;
      const hash = await sessions
        .get(name)
        ?.get(target, keySpaceHash, { timeoutMs: hashWithinMs, signal: within })
        // Compacted meanwhile, or busy: nothing to compare, and nothing wrong.
        .catch(() => undefined);
      return hash === undefined ? [] : [[name, hash]];
    });
  });
  return new Map((await Promise.all(asked)).flat());
}
