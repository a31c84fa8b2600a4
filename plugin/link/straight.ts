import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkAccess } from '../../core/access/access-file.ts';
import { dialAgent } from '../../core/access/dial.ts';
import { accessState } from '../../core/access/messages.ts';
import { accessPath } from '../../core/access/paths.ts';
import { presentNodes } from '../../core/access/register.ts';
import { Failure } from '../../core/failure.ts';
import { AgentSession } from './agent-session.ts';
import type { NodeView, Reach } from './reach.ts';

/** The agents answer in milliseconds; a node that is down does not keep us from the others. */
const tableWithinMs = 1_500;
const openWithinMs = 2_500;

type Place = NetworkAccess['nodes'][number];

/**
 * The agents, straight over the network. Which nodes there are and where they are now the agents know best: the first to answer says so, and
 * what the file says is for when none does.
 * @throws {Failure} `access-refused`, `agent-untrusted`, `clocks-differ` where that is what all who answer say.
 */
export async function reachStraight(options: {
  readonly access: NetworkAccess;
  readonly path: string;
  readonly signal: AbortSignal;
}): Promise<Reach> {
  const { access, path, signal } = options;
  const told = await tableOfFirst(access, signal);
  const places = new Map((told ?? access.nodes).map((place) => [place.name, withKnown(place, access.nodes)]));
  return {
    cluster: { name: access.cluster.name, uid: access.cluster.uid },
    access: { path, holder: access.holder, expiresAt: access.expiresAt },
    nodes: [...places.values()].map(viewOf),
    open: async ({ name }, signal) => {
      const place = places.get(name);
      if (place === undefined) throw new Error(`no place of ${name}`);
      return dial(place, access, signal);
    },
  };
}

function viewOf({ name, addresses }: Place): NodeView {
  return { name, addresses, agent: { pod: '', ready: true } };
}

/** Where the node is said to be first, and where it used to be after that: an address that belongs to another now is noticed by its name. */
function withKnown(place: Place, known: readonly Place[]): Place {
  const before = known.find(({ name }) => name === place.name)?.addresses ?? [];
  return { ...place, addresses: [...new Set([...place.addresses, ...before])] };
}

async function dial({ name: node, addresses, port }: Place, access: NetworkAccess, signal: AbortSignal) {
  const timeout = AbortSignal.timeout(openWithinMs);
  try {
    return await dialAgent({ node, addresses, port }, access, AbortSignal.any([signal, timeout]));
  } catch (thrown) {
    if (!timeout.aborted || signal.aborted) throw thrown;
    const where = addresses.map((address) => (address.includes(':') ? `[${address}]` : address)).join(', ');
    throw new Failure({
      reason: 'agent-unreachable',
      what: 'the agent does not answer',
      node,
      why: `no answer from ${where} port ${port} within ${openWithinMs / 1000} s`,
      next: 'is the node up, its agent running, and the port open to you? kubectl etcd status shows which nodes answer',
      cause: thrown,
    });
  }
}

/** The nodes as the first agent that answers knows them; undefined where none does in time. */
async function tableOfFirst(access: NetworkAccess, signal: AbortSignal): Promise<Place[] | undefined> {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  try {
    const asked = Promise.any(access.nodes.map((place) => tableOf(place, access, either)));
    const nobody = sleep(tableWithinMs, undefined, { signal: either });
    return await Promise.race([asked, nobody]);
  } catch (thrown) {
    signal.throwIfAborted();
    const failures: unknown[] = thrown instanceof AggregateError ? thrown.errors : [];
    const telling = failures
      .filter((each) => each instanceof Failure)
      .find((each) => each.reason !== 'agent-unreachable');
    if (telling !== undefined) throw telling;
    return undefined;
  } finally {
    enough.abort(new Error('another agent has answered'));
  }
}

async function tableOf(place: Place, access: NetworkAccess, signal: AbortSignal): Promise<Place[]> {
  using session = new AgentSession(await dial(place, access, signal), place.name);
  const { register } = await session.get(accessPath.state, accessState, { timeoutMs: tableWithinMs, signal });
  return presentNodes(register).map(({ name, addresses, port }) => ({ name, addresses, port }));
}
