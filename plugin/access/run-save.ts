import { relative } from 'node:path';
import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { NetworkAccess } from '../../core/access/access-file.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { usualAccessPath, usualHolder } from './access-directory.ts';
import { issueAccess, refuseExisting, writeAccessFile } from './issue-access.ts';
import { lifeFlag } from './life-flag.ts';
import { noteUnreached } from './unreached.ts';

export interface SaveFlags {
  readonly name?: string;
  readonly life: string;
  readonly force?: boolean;
  readonly output?: string;
}

/** Has an access file issued and writes it. */
export async function runAccessSave(options: {
  readonly file: string | undefined;
  readonly flags: SaveFlags;
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}): Promise<ExitCode> {
  const { file, flags, surroundings } = options;
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const lifeSeconds = lifeFlag(flags.life);
  using progress = new Progress(terminal, 'reaching the cluster');
  const reach = await options.open();
  const { apiServer } = reach;
  const replace = flags.force === true ? 'always' : 'never';
  // Before a certificate is issued that nobody would have.
  await refuseExisting(file ?? usualAccessPath(reach.cluster.name), replace);
  progress.wait('asking for a certificate');
  const holder = flags.name ?? usualHolder();
  const { access, unreached } = await issueAccess({ reach, holder, lifeSeconds, apiServer, signal });
  const path = file ?? usualAccessPath(access.cluster.name);
  await writeAccessFile(path, access, replace);
  progress.end();

  if (format === 'json' || format === 'yaml') terminal.print(formatValue({ file: path, ...described(access) }, format));
  else terminal.print(`${file === undefined ? path : relative('', file) || file}: ${summary(access)}\n`);
  terminal.note(whatItIs(access));
  noteUnreached(terminal, unreached, 'does not list it yet, and accepts it all the same');
  return exitCode.done;
}

/** What may be shown of an access file: all but its key. */
export function described({ cluster, nodes, holder, issuedAt, expiresAt }: NetworkAccess) {
  return { cluster, holder, issuedAt, expiresAt, nodes };
}

export function summary({ cluster, holder, expiresAt, nodes }: NetworkAccess): string {
  return `${cluster.name}, ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}, for ${holder}, until ${expiresAt.slice(0, 10)}`;
}

export function whatItIs({ holder }: NetworkAccess): string {
  return [
    'Whoever holds this file is root on the control plane. It is used by itself when the API server does not answer.',
    `When it gets lost: kubectl etcd access revoke ${holder}`,
  ].join('\n');
}
