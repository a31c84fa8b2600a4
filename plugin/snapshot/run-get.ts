import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { Database } from '../../core/snapshot/bbolt/database.ts';
import { indexedKey } from '../../core/snapshot/indexed-keys.ts';
import { readValue } from '../../core/snapshot/keyspace.ts';
import type { KeyRecord } from '../../core/snapshot/keyspace.ts';
import type { Json } from '../../core/snapshot/kubernetes/decode-message.ts';
import { defaultPrefix, keysOf, parseKeyName } from '../../core/snapshot/kubernetes/key-name.ts';
import { decodeObject, isObject } from '../../core/snapshot/kubernetes/object.ts';
import { openDatabase } from '../../core/snapshot/open-database.ts';
import { openFile } from '../../core/snapshot/source.ts';
import type { GetFlags } from '../commands/snapshot-read.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { indexFor, parseRevisionFlag } from './read-flags.ts';

interface GetOptions {
  readonly file: string;
  readonly resource: string;
  readonly name: string;
  readonly flags: GetFlags;
  readonly surroundings: Surroundings;
}

/** `snapshot get`: one object, as kubectl would have printed it then. */
export async function runGet(options: GetOptions): Promise<ExitCode> {
  const { file, resource, name, flags, surroundings } = options;
  const { terminal } = surroundings;
  const format = parseOutputFormat(flags.output, ['yaml', 'json', 'raw']);
  await using source = await openFile(file);
  const database = await openDatabase(source);
  const record = await find(database, options);
  const value = await readValue(database, record);
  await source.assertUnchanged();
  if (format === 'raw') {
    terminal.print(value);
    return exitCode.done;
  }
  const stored = decodeObject(value);
  if (stored.form === 'encrypted') {
    const { provider, version, keyName, sealedBytes } = stored.encryption;
    throw new Failure({
      reason: 'value-encrypted',
      what: `${resource}/${name} is encrypted at rest`,
      why: `by ${provider} ${version} with the key ${JSON.stringify(keyName ?? 'unknown')} of the API server's encryption configuration, ${sealedBytes} bytes`,
      next: `restore the snapshot where that key is configured; ${asStored(options)}`,
    });
  }
  if (stored.form === 'other')
    throw new Failure({
      reason: 'value-undecodable',
      what: `cannot decode ${resource}/${name}`,
      why: stored.why,
      next: asStored(options),
    });
  const { object: whole, unknown } = flags.viaServer === true ? await viaServer(stored) : stored;
  const object = asServed(whole, record, flags.showManagedFields === true);
  terminal.print(formatValue(object, format === 'json' ? 'json' : 'yaml'));
  if (unknown.length > 0) {
    const further = flags.viaServer === true ? '' : '; --via-server asks an API server';
    terminal.note(`warning: not known to this program, shown by number: ${unknown.join(', ')}${further}`);
  }
  return exitCode.done;

  async function viaServer(decoded: Exclude<typeof stored, { form: 'encrypted' | 'other' }>) {
    const key = parseKeyName(Buffer.from(record.key, 'latin1').toString('utf8'), flags.etcdPrefix);
    if (key === undefined) return decoded;
    // It loads client-node, which nobody else here needs.
    const { decodeViaServer } = await import('./decode-via-server.ts');
    const { environment, signal } = surroundings;
    return await decodeViaServer(decoded, value, { name: key, flags, environment, signal });
  }
}

function asStored({ file, resource, name, flags }: GetOptions): string {
  const { namespace, revision, etcdPrefix } = flags;
  const words = [
    ...[file, resource, name],
    ...(namespace === undefined ? [] : ['-n', namespace]),
    ...(revision === undefined ? [] : ['--revision', revision]),
    ...(etcdPrefix === defaultPrefix ? [] : ['--etcd-prefix', etcdPrefix]),
  ];
  return `the bytes as stored: kubectl etcd snapshot get ${words.join(' ')} -o raw`;
}

async function find(database: Database, { file, resource, name, flags, surroundings }: GetOptions): Promise<KeyRecord> {
  const { signal, terminal } = surroundings;
  const revision = parseRevisionFlag(flags.revision);
  using progress = new Progress(terminal, `reading ${file}`);
  const keys = keysOf({ typed: resource, name, namespace: flags.namespace, prefix: flags.etcdPrefix });
  const record = await indexedKey({
    database,
    keys,
    revision,
    signal,
    onProgress: (done, total) => progress.bytes(done, total),
    ...indexFor(flags, surroundings),
  });
  progress.end();
  if (record !== undefined) return record;
  throw new Failure({
    reason: 'nothing-found',
    what: `${file} has no ${resource} ${JSON.stringify(name)}${flags.namespace === undefined ? ' in the namespace default' : ` in the namespace ${flags.namespace}`}`,
    next: `kubectl etcd snapshot ls ${file} ${resource}`,
  });
}

/** With the resource version, which etcd keeps beside the value; in the order of names, as kubectl prints YAML; without managedFields, as kubectl. */
function asServed(object: Readonly<Record<string, Json>>, record: KeyRecord, showManagedFields: boolean): object {
  const metadata = isObject(object['metadata'])
    ? { ...object['metadata'], resourceVersion: String(record.modRevision) }
    : undefined;
  if (metadata !== undefined && !showManagedFields) delete (metadata as Record<string, Json>)['managedFields'];
  return Object(sorted(metadata === undefined ? { ...object } : { ...object, metadata })) as object;
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const result = Object.create(null) as Record<string, Json>;
  for (const key of Object.keys(value).sort()) result[key] = sorted(value[key] ?? null);
  return result;
}
