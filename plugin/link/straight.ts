import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkAccess } from '../../core/access/access-file.ts';
import { accessState } from '../../core/access/messages.ts';
import { accessPath } from '../../core/access/paths.ts';
import { presentNodes } from '../../core/access/register.ts';
import { Failure } from '../../core/failure.ts';
import { AgentSession } from './agent-session.ts';
import { abortable, dialPlace } from './dial-place.ts';
import type { Place } from './dial-place.ts';
import { FirstDials } from './first-dials.ts';
import { followNodes } from './follow-nodes.ts';
import type { NodeView, Reach } from './reach.ts';

const tableWithinMs = 1_500;

/**
 * The agents, straight over the network. Which nodes there are and where they are now the agents know best: the first to answer says so, and
 * what the file says is for when none does. What is new is written back into the file, where that can be.
 * @throws {Failure} `access-refused`, `agent-untrusted`, `clocks-differ` where that is what all who answer say.
 */
export async function reachStraight(options: {
  readonly access: NetworkAccess;
  readonly path: string;
  readonly signal: AbortSignal;
}): Promise<Reach> {
  const { access, path, signal } = options;
  const byName = new Map(access.nodes.map((place) => [place.name, place]));
  const first = new FirstDials([...byName.keys()], (name) => dialPlace(byName.get(name), access, signal));
  const told = await tableOfFirst(first, access, signal);
  if (told !== undefined) await followNodes(path, access, told.places);
  const known = told?.places ?? access.nodes;
  const places = new Map(known.map((place) => [place.name, withKnown(place, byName.get(place.name))]));
  return {
    // A restore of another cluster's snapshot has made it that one since.
    cluster: { name: access.cluster.name, uid: told?.uid ?? access.cluster.uid },
    access: { path, holder: access.holder, expiresAt: access.expiresAt },
    nodes: [...places.values()].map(viewOf),
    open: async ({ name }, signal) => {
      const place = places.get(name);
      // One that has moved was dialled where it is no longer.
      if (!isSame(place, byName.get(name))) return dialPlace(place, access, signal);
      return (await abortable(first.take(name), signal)) ?? dialPlace(place, access, signal);
    },
  };
}

export function viewOf({ name, addresses }: Place): NodeView {
  return { name, addresses, agent: { pod: '', ready: true } };
}

/** Where the node is said to be first, and where it used to be after that: an address that belongs to another now is noticed by its name. */
function withKnown(place: Place, known: Place | undefined): Place {
  return { ...place, addresses: [...new Set([...place.addresses, ...(known?.addresses ?? [])])] };
}

function isSame(one: Place | undefined, other: Place | undefined): boolean {
  if (one?.port !== other?.port) return false;
  const known = new Set(other?.addresses);
  return one?.addresses.every((address) => known.has(address)) === true;
}

interface Told {
  readonly places: readonly Place[];
  /** Of the cluster. */
  readonly uid: string | undefined;
}

/** The nodes as the first agent that answers knows them; undefined where none does in time. */
async function tableOfFirst(first: FirstDials, access: NetworkAccess, signal: AbortSignal): Promise<Told | undefined> {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  try {
    const asked = Promise.any(access.nodes.map(({ name }) => tableOf(name, first, either)));
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

/** One connection is used up by this; the others, which were slower by a moment, are left to whoever needs them. */
async function tableOf(name: string, first: FirstDials, signal: AbortSignal): Promise<Told> {
  await first.ready(name);
  signal.throwIfAborted();
  const socket = await first.take(name);
  if (socket === undefined) throw new Error('the connection is gone');
  using session = new AgentSession(socket, name);
  const { register } = await session.get(accessPath.state, accessState, { timeoutMs: tableWithinMs, signal });
  const places = presentNodes(register).map(({ name, addresses, port }) => ({ name, addresses, port }));
  return { places, uid: register.cluster?.uid };
}
