/** What is done at once, with one request: it destroys nothing, and is no operation. */
import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { memberChanged, memberPath } from '../../core/operation/member-requests.ts';
import { askAgent } from '../access/ask-agents.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { nodeNamed } from '../link/reach.ts';
import type { Reach } from '../link/reach.ts';
import { membersOf, readMembership } from './membership.ts';
import type { PlacedMember } from './membership.ts';
import { looked } from './run-rejoin.ts';

interface OfNode {
  readonly node: string;
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}

/** `member move-leader` */
export async function runMoveLeader(options: OfNode): Promise<ExitCode> {
  const { member, ask } = await found(options);
  if (member.learner) throw refusal('not-a-voter', options.node, `${member.name} is a learner, and cannot lead`);
  if (!member.isWell)
    throw refusal('member-not-well', options.node, `${member.name} is not well, and cannot lead`, member.error);
  const changed = await ask(memberPath.leader);
  options.surroundings.terminal.print(changed ? `${member.name} leads.\n` : `${member.name} leads already.\n`);
  return exitCode.done;
}

/** `member promote` */
export async function runPromote(options: OfNode): Promise<ExitCode> {
  const { member, ask } = await found(options);
  const changed = await ask(memberPath.promote);
  options.surroundings.terminal.print(changed ? `${member.name} votes.\n` : `${member.name} votes already.\n`);
  return exitCode.done;
}

async function found({ node, surroundings, open }: OfNode) {
  const { reach, look } = await looked(open, surroundings, (at) => nodeNamed(at, node));
  const { members, through } = readMembership(look);
  const [member] = membersOf(members, node);
  if (member === undefined) throw refusal('no-member-here', node, 'no member is listed for this node');
  const ask = async (target: string) => {
    const send = { method: 'POST', json: { id: member.id, name: member.name || node } } as const;
    const request = { target, schema: memberChanged, send };
    return (await askAgent(reach, nodeNamed(reach, through.node), request, surroundings.signal)).changed;
  };
  return { member: nameOr(member, node), ask };
}

function nameOr(member: PlacedMember, node: string): PlacedMember {
  return { ...member, name: member.name || node };
}

function refusal(reason: string, node: string, what: string, why?: string): Failure {
  return new Failure({ reason, node, what, why, next: 'kubectl etcd member list', exit: exitCode.refused });
}
