import { accessState } from '../../core/access/messages.ts';
import { accessPath } from '../../core/access/paths.ts';
import type { Register } from '../../core/access/register.ts';
import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { renderTable } from '../report/table.ts';
import { askAny } from './ask-agents.ts';

interface Listed {
  readonly name: string;
  readonly serial: string;
  readonly status: 'good' | 'revoked' | 'expired';
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly issuedBy: string;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
}

/** The access files that were ever issued, as the first agent that answers knows them; they all know the same. */
export async function runAccessList(options: {
  readonly flags: { readonly output?: string };
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}): Promise<ExitCode> {
  const { flags, surroundings, open } = options;
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml', 'name']);
  using progress = new Progress(terminal, 'reaching the cluster');
  const { register } = await askAny(await open(), { target: accessPath.state, schema: accessState }, signal);
  progress.end();
  const listed = listOf(register, Date.now());
  if (format === 'json' || format === 'yaml') terminal.print(formatValue({ certificates: listed }, format));
  else if (format === 'name') terminal.print(listed.map(({ name }) => `${name}\n`).join(''));
  else if (listed.length === 0) terminal.print('no access file was issued\n');
  else {
    const columns = [
      { header: 'NAME', cell: ({ name }: Listed) => name },
      { header: 'STATUS', cell: ({ status }: Listed) => status },
      { header: 'ISSUED', cell: ({ issuedAt }: Listed) => issuedAt.slice(0, 10) },
      { header: 'EXPIRES', cell: ({ expiresAt }: Listed) => expiresAt.slice(0, 10) },
      { header: 'BY', cell: ({ issuedBy }: Listed) => issuedBy, givesWay: true },
      { header: 'SERIAL', cell: ({ serial }: Listed) => serial, givesWay: true },
    ];
    const lines = renderTable(columns, listed, { widthColumns: terminal.widthColumns, paint: terminal.paint });
    terminal.print(lines.map((line) => `${line}\n`).join(''));
  }
  return exitCode.done;
}

/** The newest first. */
export function listOf(register: Register, nowMs: number): Listed[] {
  const revocations = new Map(register.revocations.map((each) => [each.serial, each]));
  return register.certificates
    .map(({ name, serial, issuedAt, expiresAt, issuedBy }): Listed => {
      const revocation = revocations.get(serial);
      const status = revocation !== undefined ? 'revoked' : Date.parse(expiresAt) < nowMs ? 'expired' : 'good';
      const { revokedAt = null, by: revokedBy = null } = revocation ?? {};
      return { name, serial, status, issuedAt, expiresAt, issuedBy, revokedAt, revokedBy };
    })
    .sort((one, other) => (one.issuedAt < other.issuedAt ? 1 : -1));
}
