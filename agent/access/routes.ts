import * as v from 'valibot';
import { authorityMessage, certificateRequest, passRequest, revocationRequest } from '../../core/access/messages.ts';
import type { CertificateReply, FanOutReply, PassReply, RevocationReply } from '../../core/access/messages.ts';
import { accessPath, allPrefix, nodesPrefix } from '../../core/access/paths.ts';
import { presentNodes, register } from '../../core/access/register.ts';
import { exitCode, Failure } from '../../core/failure.ts';
import { snapshotSourceHeader } from '../../core/protocol/paths.ts';
import { notByPeople, onlyOnSocket } from '../serve/asked.ts';
import type { Asked } from '../serve/asked.ts';
import type { Reply, Routes } from '../serve/server.ts';
import type { AgentAccess } from './access.ts';
import type { Peers } from './peers.ts';
import { spread } from './spread.ts';

export interface AccessParts {
  readonly access: AgentAccess;
  readonly peers: Peers;
  /** Puts this node into its register. */
  readonly announce: () => Promise<boolean>;
  readonly listener: () => { readonly listening: boolean; readonly problem: Failure | undefined };
}

/** What an agent answers about access, and on behalf of the others. `own` is what it answers for itself. */
export function accessRoutes(parts: AccessParts, own: Routes): Routes {
  const { access } = parts;
  const state = () => access.state(parts.listener());
  const mine: Routes = {
    ...own,
    [accessPath.state]: () => Promise.resolve({ json: state() }),

    [accessPath.authority]: (asked) => {
      onlyOnSocket(asked);
      return Promise.resolve({ json: { ...access.authority(), register: access.register } });
    },

    [`PUT ${accessPath.authority}`]: async (asked) => {
      onlyOnSocket(asked);
      await access.adopt(await asked.json(authorityMessage));
      await parts.announce();
      return { json: state() };
    },

    [`PUT ${accessPath.register}`]: async (asked) => {
      notByPeople(asked);
      await access.merge(await asked.json(register));
      return { json: access.register };
    },

    [`POST ${accessPath.certificates}`]: async (asked) => {
      const request = await asked.json(certificateRequest);
      const { certificate, record } = await access.issue(request, askerOf(asked, access.node, request.by));
      const { cluster } = access.register;
      if (cluster === undefined) throw new Error('an authority without a cluster');
      const { unreached } = await spread(parts, asked.signal);
      const json: CertificateReply = {
        certificate,
        record,
        authority: access.authority().certificate,
        cluster,
        nodes: presentNodes(access.register),
        unreached,
      };
      return { json };
    },

    [`POST ${accessPath.pass}`]: async (asked) => {
      onlyOnSocket(asked);
      const { publicKey } = await asked.json(passRequest);
      const json: PassReply = { certificate: access.pass(publicKey), authority: access.authority().certificate };
      return { json };
    },

    [`POST ${accessPath.revocations}`]: async (asked) => {
      const { name, by } = await asked.json(revocationRequest);
      return { json: await revokeEverywhere(parts, { name, by: askerOf(asked, access.node, by) }, asked.signal) };
    },
  };
  return {
    ...mine,
    [nodesPrefix]: (asked) => forward(parts, mine, asked),
    [allPrefix]: async (asked) => ({ json: await fanOut(parts, mine, asked) }),
  };
}

async function revokeEverywhere(
  parts: AccessParts,
  { name, by }: { readonly name: string; readonly by: string },
  signal: AbortSignal,
): Promise<RevocationReply> {
  const { access } = parts;
  // One that another agent has issued while this one was away.
  if (access.named(name).length === 0) await spread(parts, signal);
  let revoked = await access.revoke(name, by);
  if (revoked.length === 0)
    throw new Failure({
      reason: 'unknown-certificate',
      what: `there is no access file "${name}"`,
      next: 'kubectl etcd access list shows those that there are',
      exit: exitCode.usage,
    });
  let reached = await spread(parts, signal);
  // Another agent may have known of more under this name.
  if (access.named(name).some(({ serial }) => !access.isRevoked(serial))) {
    revoked = await access.revoke(name, by);
    reached = await spread(parts, signal);
  }
  const names = new Set(revoked.map(({ certificate }) => certificate.name));
  const nowMs = Date.now();
  return {
    revoked,
    issuedByThem: access.register.certificates.filter(
      ({ serial, issuedBy, expiresAt }) =>
        names.has(issuedBy) && !access.isRevoked(serial) && Date.parse(expiresAt) > nowMs,
    ),
    told: [access.node, ...reached.told],
    unreached: reached.unreached,
  };
}

/** Whom a record names: the owner of the certificate; on a node's socket whoever he says he is, and where. */
function askerOf({ caller }: Asked, node: string, by: string | undefined): string {
  return caller.by === 'network' ? caller.name : (by ?? `root on ${node}`);
}

/** `/v1/nodes/NAME/...`: to that node's agent and back, as it comes. One that is for the socket alone does not become one for the network. */
async function forward({ access, peers }: AccessParts, mine: Routes, asked: Asked): Promise<Reply> {
  const [, name = '', path = ''] = /^([^/]+)(\/.*)$/.exec(asked.rest) ?? [];
  const node = decodeURIComponent(name);
  if (node === access.node) {
    const route = mine[path.replace(/\?.*$/, '')];
    if (route === undefined || asked.method !== 'GET') throw notForwarded(path);
    return await route(asked);
  }
  if (asked.method !== 'GET') throw notForwarded(path);
  const { status, headers, bytes } = await peers.request(node, { method: 'GET', path }, asked.signal);
  const passed = Object.entries(headers).filter(([key]) => key === 'content-type' || key === snapshotSourceHeader);
  return { status, headers: Object.fromEntries(passed.map(([key, value]) => [key, String(value)])), bytes };
}

/** `/v1/all/...`: every node's answer in JSON, this one's among them. */
async function fanOut({ access, peers }: AccessParts, mine: Routes, asked: Asked): Promise<FanOutReply> {
  const path = `/${asked.rest}`;
  const route = asked.method === 'GET' ? mine[path.replace(/\?.*$/, '')] : undefined;
  if (route === undefined) throw notForwarded(path);
  const [own, others] = await Promise.all([
    route(asked),
    peers.askAll({ method: 'GET', path }, v.unknown(), asked.signal),
  ]);
  if (!('json' in own)) throw notForwarded(path);
  return {
    answers: [{ node: access.node, reply: own.json }, ...others.answers].sort((one, other) =>
      one.node < other.node ? -1 : 1,
    ),
    unreached: others.unreached,
  };
}

function notForwarded(path: string): Failure {
  return new Failure({ reason: 'unknown-request', what: `the request ${path.slice(0, 100)} cannot be passed on` });
}
