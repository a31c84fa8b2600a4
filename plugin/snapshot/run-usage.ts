import { open } from 'node:fs/promises';
import { asFailure, exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { openFile } from '../../core/snapshot/source.ts';
import { readUsage } from '../../core/snapshot/usage.ts';
import type { Usage, UsageEntry } from '../../core/snapshot/usage.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { renderTable } from '../report/table.ts';
import type { Column } from '../report/table.ts';
import { formatShare, formatSize } from '../report/units.ts';
import { usagePage } from './usage-page.ts';

const barColumns = 20;
/** More rows than this say nothing to a person; JSON has them all. */
const mostRows = 40;

/** `snapshot usage`. */
export async function runUsage(options: {
  readonly file: string;
  readonly flags: { readonly html?: string; readonly output?: string; readonly etcdPrefix: string };
  readonly surroundings: Surroundings;
}): Promise<ExitCode> {
  const { file, flags, surroundings } = options;
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  await using source = await openFile(file);
  const usage = await scan();
  if (flags.html !== undefined) await writePage(flags.html, usagePage(file, usage));
  if (format === 'json' || format === 'yaml') terminal.print(formatValue(usage, format));
  else terminal.print(text(usage, terminal));
  return exitCode.done;

  async function scan(): Promise<Usage> {
    using progress = new Progress(terminal, `reading ${file}`);
    const onProgress = (done: number, total: number) => progress.bytes(done, total);
    return await readUsage(source, { etcdPrefix: flags.etcdPrefix, signal, onProgress });
  }
}

/** Names of objects are no secrets, yet nobody else's business: 0600, as the snapshot. */
async function writePage(file: string, html: string): Promise<void> {
  try {
    await using handle = await open(file, 'w', 0o600);
    await handle.writeFile(html);
  } catch (thrown) {
    throw asFailure(thrown, { reason: 'page-unwritable', what: `cannot write ${file}` });
  }
}

function text(usage: Usage, terminal: Surroundings['terminal']): string {
  const { entries, databaseBytes, freeBytes, overheadBytes } = usage;
  const sum = (pick: (entry: UsageEntry) => number) => entries.reduce((total, entry) => total + pick(entry), 0);
  const live = sum(({ liveBytes }) => liveBytes);
  const old = sum(({ oldBytes }) => oldBytes);
  const part = (name: string, bytes: number) => `${formatSize(bytes)} ${name} (${formatShare(bytes, databaseBytes)})`;
  const head = `${formatSize(databaseBytes)}: ${part('live', live)}, ${part('history', old)}, ${part('free', freeBytes)}, ${part('overhead', overheadBytes)}`;
  const largest = Math.max(1, ...entries.map(({ liveBytes, oldBytes }) => liveBytes + oldBytes));
  const columns: Column<UsageEntry>[] = [
    { header: 'resource', cell: (row) => row.resource },
    { header: 'namespace', cell: (row) => row.namespace ?? '' },
    { header: 'keys', cell: (row) => String(row.liveKeys) },
    { header: 'live', cell: (row) => formatSize(row.liveBytes) },
    { header: 'old revisions', cell: (row) => String(row.oldRevisions) },
    { header: 'history', cell: (row) => formatSize(row.oldBytes) },
    { header: 'live █ history ░', cell: (row) => bar(row, largest) },
  ];
  const rows = entries.slice(0, mostRows);
  const more = entries.length - rows.length;
  return [head, '', ...renderTable(columns, rows, terminal), ...(more > 0 ? [`and ${more} more: -o json`] : [])]
    .map((line) => `${line}\n`)
    .join('');
}

function bar({ liveBytes, oldBytes }: UsageEntry, largest: number): string {
  const live = Math.round((liveBytes / largest) * barColumns);
  return '█'.repeat(live) + '░'.repeat(Math.max(0, Math.round(((liveBytes + oldBytes) / largest) * barColumns) - live));
}
