import { makeAuthority } from '../../core/access/certificates.ts';
import type { Credentials } from '../../core/access/certificates.ts';
import { accessState, authorityMessage } from '../../core/access/messages.ts';
import type { AccessState } from '../../core/access/messages.ts';
import { accessPath } from '../../core/access/paths.ts';
import {
  emptyRegister,
  mergeRegisters,
  presentNodes,
  register as registerSchema,
  withCluster,
  withNode,
} from '../../core/access/register.ts';
import type { ApiServer, Register } from '../../core/access/register.ts';
import { exitCode, Failure } from '../../core/failure.ts';
import type { Reach } from '../link/reach.ts';
import { nodeNamed } from '../link/reach.ts';
import { askAgent, askEach } from './ask-agents.ts';

export interface Enrolment {
  /** The authority's certificate. */
  readonly authority: string;
  /** As all that answered know it now. */
  readonly register: Register;
  /** Nodes that were given the authority just now. */
  readonly added: readonly string[];
  /** Why the agents of the others could not be enrolled. */
  readonly failures: ReadonlyMap<string, Failure>;
}

/**
 * Gives every agent that answers the installation's authority: that of those which have one, else a new one. Doing it again enrols nodes that
 * came later and changes nothing else. The key passes through this program's memory and is on no disk but the nodes'.
 * @param reach a way to the nodes' sockets: through the API server, or on the machine itself.
 * @throws {Failure} `two-authorities`.
 */
export async function enrol(options: {
  readonly reach: Reach;
  readonly clusterName: string;
  readonly apiServer: ApiServer | undefined;
  readonly signal: AbortSignal;
}): Promise<Enrolment> {
  const { reach, signal } = options;
  const states = await askEach(reach, { target: accessPath.state, schema: accessState }, signal);
  const failures = new Map<string, Failure>();
  for (const [node, state] of states) if (state instanceof Failure) failures.set(node, state);
  const answering = [...states].flatMap(([node, state]) => (state instanceof Failure ? [] : [{ node, state }]));
  const enrolled = answering.filter(({ state }) => state.authority !== undefined);
  refuseTwoAuthorities(enrolled);

  const [first] = enrolled;
  const authority =
    first === undefined
      ? makeAuthority({ clusterName: options.clusterName })
      : await askAgent(
          reach,
          nodeNamed(reach, first.node),
          { target: accessPath.authority, schema: authorityMessage },
          signal,
        );
  const known = enrolled.reduce((all, { state }) => mergeRegisters(all, state.register), emptyRegister);
  let register = withoutLeft(withThisCluster(known, options), reach);

  const added = answering.filter(({ state }) => state.authority === undefined).map(({ node }) => node);
  // One after the other: when the first refuses, the others have nothing that they would have to forget.
  for (const node of added) {
    const state = await deliver(reach, node, { authority, register }, signal).catch((thrown: unknown) => {
      signal.throwIfAborted();
      if (!(thrown instanceof Failure)) throw thrown;
      failures.set(node, thrown);
    });
    if (state !== undefined) register = mergeRegisters(register, state.register);
  }
  // Now that every node has said where it is, all hear of all.
  const told = await askEach(
    { ...reach, nodes: reach.nodes.filter(({ name }) => !failures.has(name)) },
    { target: accessPath.register, schema: registerSchema, send: { method: 'PUT', json: register } },
    signal,
  );
  for (const [node, reply] of told) {
    if (reply instanceof Failure) failures.set(node, reply);
    else register = mergeRegisters(register, reply);
  }
  return { authority: authority.certificate, register, added: added.filter((node) => !failures.has(node)), failures };
}

async function deliver(
  reach: Reach,
  node: string,
  { authority, register }: { readonly authority: Credentials; readonly register: Register },
  signal: AbortSignal,
): Promise<AccessState> {
  const json = { certificate: authority.certificate, key: authority.key, register };
  const send = { method: 'PUT', json } as const;
  return askAgent(reach, nodeNamed(reach, node), { target: accessPath.authority, schema: accessState, send }, signal);
}

function withThisCluster(
  register: Register,
  { reach, clusterName: name, apiServer }: { reach: Reach; clusterName: string; apiServer: ApiServer | undefined },
): Register {
  const before = register.cluster;
  const others = (before?.apiServers ?? []).filter(({ url }) => url !== apiServer?.url);
  const apiServers = apiServer === undefined ? others : [...others, apiServer];
  const { uid } = reach.cluster;
  const wanted = { name, ...(uid === undefined ? {} : { uid }), apiServers };
  const same =
    before !== undefined && JSON.stringify({ ...before, version: 0 }) === JSON.stringify({ version: 0, ...wanted });
  return same ? register : withCluster(register, wanted);
}

/** Nodes that Kubernetes no longer knows: nobody is to wait for them. */
function withoutLeft(register: Register, reach: Reach): Register {
  const names = new Set(reach.nodes.map(({ name }) => name));
  return presentNodes(register)
    .filter(({ name }) => !names.has(name))
    .reduce((all, { name, addresses, port }) => withNode(all, { name, addresses, port, removed: true }), register);
}

function refuseTwoAuthorities(enrolled: readonly { readonly node: string; readonly state: AccessState }[]): void {
  const nodesOf = new Map<string, string[]>();
  for (const { node, state } of enrolled) {
    const fingerprint = state.authority?.fingerprint ?? '';
    nodesOf.set(fingerprint, [...(nodesOf.get(fingerprint) ?? []), node]);
  }
  if (nodesOf.size < 2) return;
  const groups = [...nodesOf].sort(([, one], [, other]) => one.length - other.length);
  throw new Failure({
    reason: 'two-authorities',
    what: 'the agents belong to different installations of kubectl-etcd',
    why: groups.map(([fingerprint, nodes]) => `${nodes.join(', ')}: authority ${fingerprint.slice(0, 16)}`).join('; '),
    next: `decide which one is to stay; on the other nodes delete /var/lib/kubectl-etcd/access and the agent's pod, then kubectl etcd install`,
    exit: exitCode.refused,
  });
}
