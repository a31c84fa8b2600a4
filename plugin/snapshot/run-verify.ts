import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { verifySnapshot } from '../../core/snapshot/verify.ts';
import type { SnapshotVerdict } from '../../core/snapshot/verify.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { formatSize } from '../report/units.ts';
import { readSnapshotFile } from './open-snapshot.ts';

/** `snapshot verify`: reads the whole file and says whether it is what etcd wrote, and what its manifest says it is. */
export async function runVerify(options: {
  readonly file: string;
  readonly flags: { readonly output?: string };
  readonly surroundings: Surroundings;
}): Promise<ExitCode> {
  const { file, flags, surroundings } = options;
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const verdict = await readSnapshotFile(file, 'verifying', surroundings, async ({ source, manifest, progress }) =>
    verifySnapshot({
      ...{ source, manifest, signal },
      onProgress: (done, total) => progress.bytes(done, total),
      onPages: () => progress.wait(`checking every page of ${file}`),
    }),
  );
  if (format === 'json' || format === 'yaml') terminal.print(formatValue(verdict, format));
  else
    terminal.print(
      sentences(verdict)
        .map((line) => `${line}\n`)
        .join(''),
    );
  return verdict.sound ? exitCode.done : exitCode.failed;
}

function sentences(verdict: SnapshotVerdict): string[] {
  const { name, sound, problems, problemsNotListed, summary, sizeBytes, sha256 } = verdict;
  if (!sound)
    return [
      `${name} is not sound`,
      ...problems.map((problem) => `  ${problemText(problem)}`),
      ...(problemsNotListed === 0 ? [] : [`  and ${problemsNotListed} more`]),
    ];
  const revision = summary === undefined ? '' : `, revision ${summary.revision}`;
  return [
    `${name} is whole${verdict.trailer === 'matches' ? ' and unaltered' : ''}: ${formatSize(sizeBytes)}${revision}, sha256 ${sha256}`,
    ...provenBy(verdict),
  ];
}

/** Most say the page themselves. */
function problemText({ text, page }: SnapshotVerdict['problems'][number]): string {
  return page === undefined || text.startsWith(`page ${page}`) ? text : `page ${page}: ${text}`;
}

/** What the verdict stands on: a person must not take "no checksum" for "checked". */
function provenBy({ trailer, manifest }: SnapshotVerdict): string[] {
  return [
    trailer === 'matches'
      ? "  etcd's checksum agrees"
      : "  it carries no checksum of etcd (as a member's own database file): alterations of values would not be noticed",
    manifest === 'agrees' ? '  its manifest agrees' : '  there is no manifest beside it',
  ];
}
