import { Failure } from '../../core/failure.ts';
import { memberPath, memberRequest } from '../../core/operation/member-requests.ts';
import type { MemberRequest } from '../../core/operation/member-requests.ts';
import { MemberClient } from '../etcd/member-client.ts';
import type { MemberEndpoint } from '../etcd/member-client.ts';
import { GrpcError } from '../grpc/session.ts';
import type { Routes } from '../serve/server.ts';
import { shownToOthers } from '../steps/check.ts';
import { answerWithinMs, changedWithinMs, membersNow } from '../steps/membership.ts';

interface MemberParts {
  readonly node: string;
  readonly etcd: () => Promise<MemberEndpoint>;
}

/** What this agent changes through its own member, with the quorum that it is part of. */
export function memberRoutes(parts: MemberParts): Routes {
  return {
    [`POST ${memberPath.leader}`]: async (asked) => ({
      json: { changed: await lead(await asked.json(memberRequest), parts) },
    }),
    [`POST ${memberPath.promote}`]: async (asked) => ({
      json: { changed: await promote(await asked.json(memberRequest), parts) },
    }),
  };
}

/** Only the one that leads can give that away: it is asked over the address that it serves its clients at. */
async function lead({ id, name }: MemberRequest, { node, etcd }: MemberParts): Promise<boolean> {
  const own = await etcd();
  using client = new MemberClient(own);
  const members = await membersNow(client, { node });
  const { leader } = await client.status(answerWithinMs);
  if (leader === id) return false;
  const url = members.find((member) => member.id === leader)?.clientUrls[0];
  if (url === undefined) throw refused(`${name} cannot lead now`, node, 'no member leads just now');
  try {
    using leading = new MemberClient({ url, credentials: shownToOthers(own.credentials) });
    await leading.moveLeader(id, changedWithinMs);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof GrpcError)) throw thrown;
    throw refused(`the leadership was not given to ${name}`, node, thrown.message);
  }
}

async function promote({ id, name }: MemberRequest, { node, etcd }: MemberParts): Promise<boolean> {
  using client = new MemberClient(await etcd());
  const member = (await membersNow(client, { node })).find((each) => each.id === id);
  if (member?.learner === false) return false;
  try {
    await client.promoteMember(id, changedWithinMs);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof GrpcError)) throw thrown;
    throw refused(`${name} was not promoted`, node, thrown.message);
  }
}

function refused(what: string, node: string, why: string): Failure {
  return new Failure({
    reason: 'membership-refused',
    what,
    node,
    why,
    next: 'kubectl etcd member list',
    exit: 5,
  });
}
