import { revocationReply } from '../../core/access/messages.ts';
import { accessPath } from '../../core/access/paths.ts';
import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { usualHolder } from './access-directory.ts';
import { askAny } from './ask-agents.ts';
import { noteUnreached } from './unreached.ts';

/** Withdraws access files on all nodes at once: one agent tells the others. 3 where one was not told yet. */
export async function runAccessRevoke(options: {
  readonly name: string;
  readonly flags: { readonly output?: string };
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}): Promise<ExitCode> {
  const { name, flags, surroundings, open } = options;
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  using progress = new Progress(terminal, 'reaching the cluster');
  const reach = await open();
  progress.wait(`telling ${reach.nodes.length} nodes`);
  const send = { method: 'POST', json: { name, by: usualHolder() } } as const;
  const reply = await askAny(reach, { target: accessPath.revocations, schema: revocationReply, send }, signal);
  progress.end();
  const { revoked, told, unreached, issuedByThem } = reply;
  if (format === 'json' || format === 'yaml') terminal.print(formatValue(reply, format));
  else
    for (const { certificate } of revoked)
      terminal.print(`revoked ${certificate.name} (${certificate.serial.slice(0, 8)}) on ${told.join(', ')}\n`);
  noteUnreached(terminal, unreached, 'does not know it yet, and goes on accepting it');
  if (unreached.length > 0)
    terminal.note(
      `These nodes hear of it from the others when they are back. Next, to be sure: kubectl etcd access revoke ${name}`,
    );
  for (const { name: other, issuedAt } of issuedByThem)
    terminal.note(
      `warning: ${other} was issued at the request of who is revoked now (${issuedAt.slice(0, 10)}): kubectl etcd access revoke ${other}`,
    );
  return unreached.length === 0 ? exitCode.done : exitCode.degraded;
}
