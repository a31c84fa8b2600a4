import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exitCode, Failure, systemCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { formatNames, formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { formatDuration, formatSize, formatStamp } from '../report/units.ts';
import { memberFrom } from './choose-member.ts';
import { saveSnapshot } from './save.ts';
import type { Saved } from './save.ts';

/** `snapshot save`: chooses the member, shows how far it is, and says what was saved. */
export async function runSave(options: {
  readonly file: string | undefined;
  readonly flags: { readonly from?: string; readonly force?: boolean; readonly output?: string };
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}): Promise<ExitCode> {
  const { flags, surroundings } = options;
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml', 'name']);
  const begunMs = performance.now();
  using progress = new Progress(terminal, 'reaching the cluster');
  const reach = await options.open();
  const file = await targetFile(options.file, reach.cluster.name);
  progress.wait('choosing a member');
  const node = await memberFrom(reach, flags.from, signal);

  const saved = await saveSnapshot({
    reach,
    node,
    file,
    replace: flags.force === true,
    signal,
    onSource: (source) => {
      const revision = source.confirmedRevision === undefined ? '' : `  revision ${source.confirmedRevision}`;
      progress.state(`${reach.cluster.name}  saving from ${node.name} (${source.role})${revision}`);
    },
    onBytes: (savedBytes, source) => progress.bytes(savedBytes, source.dbSizeBytes),
  });
  progress.end();

  if (format === 'json' || format === 'yaml')
    terminal.print(formatValue({ file: saved.file, ...saved.manifest }, format));
  else if (format === 'name') terminal.print(formatNames('snapshot', [saved.file]));
  else terminal.print(sentence(saved, performance.now() - begunMs));
  if ('unconfirmed' in saved.manifest.confirmed) terminal.note(warning(saved, saved.manifest.confirmed.unconfirmed));
  return exitCode.done;
}

function sentence({ file, manifest }: Saved, tookMs: number): string {
  const { sizeBytes, revision, sha256 } = manifest;
  return `Saved ${file}   ${formatSize(sizeBytes)}, revision ${revision}, sha256 ${sha256.slice(0, 6)}…   ${formatDuration(tookMs)}\n`;
}

/** Taken all the same, as in a disaster any snapshot is worth having; but it must not be taken for more than it is. */
function warning({ manifest }: Saved, why: string): string {
  return [
    `warning: ${manifest.node} could not confirm that it has every acknowledged write`,
    `  why   ${why}`,
    `  the snapshot holds what this member had applied, up to revision ${manifest.revision}`,
  ].join('\n');
}

/** FILE, or the default name here or in the directory FILE. */
async function targetFile(given: string | undefined, clusterName: string): Promise<string> {
  const name = `${clusterName}-${formatStamp(new Date())}.db`;
  if (given === undefined) return name;
  if (given === '' || given === '-')
    throw new Failure({
      reason: 'bad-file-name',
      what: `a snapshot needs a file, not "${given}"`,
      next: 'kubectl etcd snapshot save FILE; standard output carries results alone',
      exit: exitCode.usage,
    });
  const isDirectory = await stat(resolve(given)).then(
    (found) => found.isDirectory(),
    (thrown: unknown) => {
      // What else is wrong with the path is said when the file is made: ENOTDIR, EACCES.
      return systemCode(thrown) === 'ENOENT' && given.endsWith('/');
    },
  );
  return isDirectory ? join(given, name) : given;
}
