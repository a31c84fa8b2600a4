import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { Database } from '../../core/snapshot/bbolt/database.ts';
import { readValue } from '../../core/snapshot/keyspace.ts';
import { indexedKeys } from '../../core/snapshot/indexed-keys.ts';
import type { KeyRecord } from '../../core/snapshot/keyspace.ts';
import { creationTimeOf } from '../../core/snapshot/kubernetes/creation-time.ts';
import { keyPrefixesOf, parseKeyName, resourcesMeant } from '../../core/snapshot/kubernetes/key-name.ts';
import type { KeyName } from '../../core/snapshot/kubernetes/key-name.ts';
import { openDatabase } from '../../core/snapshot/open-database.ts';
import { openFile } from '../../core/snapshot/source.ts';
import type { ReadFlags } from '../commands/snapshot-read.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { formatNames, formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { renderTable } from '../report/table.ts';
import type { Column } from '../report/table.ts';
import { indexFor, parseRevisionFlag } from './read-flags.ts';

interface Row extends KeyName {
  readonly revision: number;
  /** RFC 3339; for what is encrypted or no object, why it cannot be told. */
  readonly created: string;
}

interface LsOptions {
  readonly file: string;
  readonly resource: string | undefined;
  readonly flags: ReadFlags;
  readonly surroundings: Surroundings;
}

/** `snapshot ls`. */
export async function runLs(options: LsOptions): Promise<ExitCode> {
  const { file, resource, flags, surroundings } = options;
  const { terminal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml', 'name']);
  await using source = await openFile(file);
  const database = await openDatabase(source);
  if (resource === undefined) return await listResources(database, options);
  const rows = await find(database, resource, options);
  await source.assertUnchanged();
  if (format === 'json' || format === 'yaml') terminal.print(formatValue(rows, format));
  else if (format === 'name') terminal.print(rows.map((row) => formatNames(row.resource, [row.name])).join(''));
  else
    terminal.print(
      renderTable(columnsFor(rows), rows, terminal)
        .map((line) => `${line}\n`)
        .join(''),
    );
  return exitCode.done;
}

async function find(database: Database, resource: string, options: LsOptions): Promise<Row[]> {
  const { flags, file } = options;
  const meant = new Set(resourcesMeant(resource));
  const rows: Row[] = [];
  const prefixes = keyPrefixesOf({ typed: resource, namespace: flags.namespace, prefix: flags.etcdPrefix });
  for await (const [record, name] of namedKeys(database, prefixes, options)) {
    if (!meant.has(name.resource) || (flags.namespace !== undefined && name.namespace !== flags.namespace)) continue;
    rows.push({ ...name, revision: record.modRevision, created: createdText(await readValue(database, record)) });
  }
  if (rows.length > 0) return rows;
  throw new Failure({
    reason: 'nothing-found',
    what: `${file} has no ${resource}${flags.namespace === undefined ? '' : ` in the namespace ${flags.namespace}`}`,
    next: `kubectl etcd snapshot ls ${file}${flags.namespace === undefined ? '' : ` ${resource}`}`,
  });
}

async function* namedKeys(
  database: Database,
  prefixes: readonly string[],
  { file, flags, surroundings }: LsOptions,
): AsyncGenerator<[KeyRecord, KeyName], void, undefined> {
  const revision = parseRevisionFlag(flags.revision);
  using progress = new Progress(surroundings.terminal, `reading ${file}`);
  for await (const record of indexedKeys({
    database,
    prefixes,
    revision,
    signal: surroundings.signal,
    onProgress: (done, total) => progress.bytes(done, total),
    ...indexFor(flags, surroundings),
  })) {
    const name = parseKeyName(Buffer.from(record.key, 'latin1').toString('utf8'), flags.etcdPrefix);
    if (name !== undefined) yield [record, name];
  }
}

/** Without RESOURCE: what there is. */
async function listResources(database: Database, options: LsOptions): Promise<ExitCode> {
  const { file, flags, surroundings } = options;
  const counts = new Map<string, number>();
  for await (const [, { resource }] of namedKeys(database, [`${flags.etcdPrefix}/`], options))
    counts.set(resource, (counts.get(resource) ?? 0) + 1);
  if (counts.size === 0)
    throw new Failure({
      reason: 'nothing-found',
      what: `${file} has no objects of Kubernetes under ${flags.etcdPrefix}/`,
      next: `kubectl etcd snapshot keys ${file}; --etcd-prefix is for API servers that use another prefix`,
    });
  // Custom resources lie among the others by their group.
  const rows = [...counts]
    .map(([resource, objects]) => ({ resource, objects }))
    .sort((one, other) => (one.resource < other.resource ? -1 : 1));
  const { terminal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml', 'name']);
  if (format === 'json' || format === 'yaml') terminal.print(formatValue(rows, format));
  else if (format === 'name') terminal.print(rows.map(({ resource }) => `${resource}\n`).join(''));
  else {
    const columns: Column<(typeof rows)[number]>[] = [
      { header: 'resource', cell: (row) => row.resource },
      { header: 'objects', cell: (row) => String(row.objects) },
    ];
    terminal.print(
      renderTable(columns, rows, terminal)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }
  return exitCode.done;
}

function columnsFor(rows: readonly Row[]): Column<Row>[] {
  return [
    ...(rows.some(({ namespace }) => namespace !== undefined)
      ? [{ header: 'namespace', cell: (row: Row) => row.namespace ?? '' }]
      : []),
    { header: 'name', cell: (row) => row.name },
    { header: 'revision', cell: (row) => String(row.revision) },
    { header: 'created', cell: (row) => row.created },
  ];
}

function createdText(value: Buffer): string {
  const created = creationTimeOf(value);
  if (typeof created !== 'object') return created ?? '';
  if (created.form === 'other') return created.why;
  return `encrypted by ${created.encryption.provider} with key ${created.encryption.keyName ?? 'unknown'}`;
}
