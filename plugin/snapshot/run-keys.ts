import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { indexedKeys } from '../../core/snapshot/indexed-keys.ts';
import { readValue } from '../../core/snapshot/keyspace.ts';
import type { KeyRecord } from '../../core/snapshot/keyspace.ts';
import { openDatabase } from '../../core/snapshot/open-database.ts';
import { openFile } from '../../core/snapshot/source.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { oneLine } from '../report/text.ts';
import { indexFor, parseRevisionFlag } from './read-flags.ts';

/** `snapshot keys`: a line a key, as they are found. */
export async function runKeys(options: {
  readonly file: string;
  readonly prefix: string;
  readonly flags: {
    readonly values?: boolean;
    readonly revision?: string;
    readonly output?: string;
    readonly index: boolean;
  };
  readonly surroundings: Surroundings;
}): Promise<ExitCode> {
  const { file, flags, surroundings } = options;
  const { terminal, signal } = surroundings;
  const json = parseOutputFormat(flags.output, ['json']) === 'json';
  await using source = await openFile(file);
  const database = await openDatabase(source);
  const revision = parseRevisionFlag(flags.revision);
  let found = false;
  using progress = new Progress(terminal, `reading ${file}`);
  const prefix = Buffer.from(options.prefix, 'utf8').toString('latin1');
  for await (const record of indexedKeys({
    database,
    prefixes: [prefix],
    revision,
    signal,
    onProgress: (done, total) => progress.bytes(done, total),
    ...indexFor(flags, surroundings),
  })) {
    if (terminal.resultsClosed.aborted) return exitCode.done;
    found = true;
    progress.end();
    const value = flags.values === true ? shown(await readValue(database, record)) : undefined;
    terminal.print(json ? `${JSON.stringify(document(record, value))}\n` : `${line(record, value)}\n`);
  }
  progress.end();
  await source.assertUnchanged();
  if (found) return exitCode.done;
  throw new Failure({
    reason: 'nothing-found',
    what: `${file} has no keys${options.prefix === '' ? '' : ` that begin with ${JSON.stringify(options.prefix)}`}`,
    ...(options.prefix === '' ? {} : { next: `kubectl etcd snapshot keys ${file}` }),
  });
}

function keyText({ key }: KeyRecord): string {
  return Buffer.from(key, 'latin1').toString('utf8');
}

function line(record: KeyRecord, value: string | undefined): string {
  return value === undefined ? oneLine(keyText(record)) : `${oneLine(keyText(record))}\t${oneLine(value)}`;
}

function document(record: KeyRecord, value: string | undefined): object {
  const { createRevision, modRevision, version, lease, valueBytes } = record;
  return { key: keyText(record), createRevision, modRevision, version, lease, valueBytes, value };
}

/** Text where it is text; what is not, in base64 and marked so. */
function shown(value: Buffer): string {
  const text = value.toString('utf8');
  return /^[^\p{Cc}\ufffd]*$/u.test(text.replaceAll(/[\t\n\r]/g, '')) ? text : `base64:${value.toString('base64')}`;
}
