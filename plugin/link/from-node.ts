import { newKeys } from '../../core/access/certificates.ts';
import { accessState, passReply } from '../../core/access/messages.ts';
import type { AccessState } from '../../core/access/messages.ts';
import { accessPath } from '../../core/access/paths.ts';
import { presentNodes } from '../../core/access/register.ts';
import type { DialCredentials } from '../../core/access/dial.ts';
import { Failure, systemCode } from '../../core/failure.ts';
import { AgentSession } from './agent-session.ts';
import { abortable, dialPlace } from './dial-place.ts';
import { FirstDials } from './first-dials.ts';
import type { Reach } from './reach.ts';
import { openSocketStream } from './socket-stream.ts';
import { viewOf } from './straight.ts';

const answersWithinMs = 2_500;

/** The agent of the machine that this runs on. */
export interface OwnNode {
  readonly socketPath: string;
  readonly state: AccessState;
}

/**
 * Whether this machine has an agent, and how it stands. Undefined where there is none, which takes no time to find out.
 * @throws {Failure} `not-root` where the socket is not ours to open; `agent-unreachable` or `agent-silent` where nobody answers on it.
 */
export async function findOwnNode(socketPath: string, signal: AbortSignal): Promise<OwnNode | undefined> {
  try {
    const stream = await openSocketStream(socketPath, 'this node', signal);
    using session = new AgentSession(stream, 'this node');
    const timeoutMs = answersWithinMs;
    return { socketPath, state: await session.get(accessPath.state, accessState, { timeoutMs, signal }) };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    const code = systemCode(thrown.cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EACCES' || code === 'EPERM') throw notRoot(socketPath, thrown);
    throw new Failure({ ...details(thrown), next: 'on this node: systemctl status kubectl-etcd-agent' });
  }
}

/**
 * The cluster of this node, with nothing else at hand: its own agent over the socket, and the others straight over the network, with a
 * certificate that the own agent issues now and that is nowhere but in memory. A node that is not enrolled has only itself.
 */
export async function reachFromNode({ socketPath, state }: OwnNode, signal: AbortSignal): Promise<Reach> {
  const own = state.node;
  const { cluster } = state.register;
  const enrolled = state.authority === undefined ? [] : presentNodes(state.register);
  const others = new Map(enrolled.filter(({ name }) => name !== own).map((place) => [place.name, place]));
  const credentials = others.size === 0 ? undefined : await passFor(own, socketPath, signal);
  const dial = async (node: string, stop: AbortSignal) => {
    if (credentials === undefined) throw new Error('there is no other node');
    return dialPlace(others.get(node), credentials, stop);
  };
  const first = new FirstDials([...others.keys()], (name) => dial(name, signal));
  const ownPlace = enrolled.find(({ name }) => name === own) ?? { name: own, addresses: [], port: 0 };
  return {
    cluster: { name: cluster?.name ?? 'kubernetes', uid: cluster?.uid },
    // The one that answers at once is asked first.
    nodes: [ownPlace, ...others.values()].map(viewOf),
    fromNode: own,
    open: async ({ name }, stop) => {
      if (name === own) return openSocketStream(socketPath, own, stop);
      return (await abortable(first.take(name), stop)) ?? dial(name, stop);
    },
  };
}

async function passFor(node: string, socketPath: string, signal: AbortSignal): Promise<DialCredentials> {
  const { key, publicKey } = newKeys();
  using session = new AgentSession(await openSocketStream(socketPath, node, signal), node);
  const send = { method: 'POST', json: { publicKey } } as const;
  return { ...(await session.get(accessPath.pass, passReply, { timeoutMs: answersWithinMs, signal, send })), key };
}

function notRoot(socketPath: string, cause: Failure): Failure {
  return new Failure({
    reason: 'not-root',
    what: `the agent of this node answers root alone, on ${socketPath}`,
    why: cause.why,
    next: 'run it again as root: sudo kubectl-etcd ...',
    cause,
  });
}

function details({ reason, what, node, why, exit, cause }: Failure) {
  return { reason, what, node, why, exit, cause };
}
