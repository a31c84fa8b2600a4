/** How the objects that a snapshot would restore are encrypted at rest: by resource, provider and key. */
import { encryptionOf } from './encryption.ts';
import { parseKeyName } from './kubernetes/key-name.ts';
import { eachNewestFirst } from './newest-first.ts';
import type { MetRevision, ObjectScanOptions } from './newest-first.ts';
import { openDatabase } from './open-database.ts';
import type { RandomAccess } from './source.ts';

export interface StoredEncryption {
  /** The plural as in the key: `secrets`, `deployments`, `widgets.example.com`. */
  readonly resource: string;
  /** `identity` for what is not encrypted. */
  readonly provider: string;
  /** `v1` or `v2`; undefined for `identity`. */
  readonly version: string | undefined;
  /** The key's name in the configuration, for kms the plugin's; undefined for `identity` and where it cannot be told. */
  readonly keyName: string | undefined;
  /** Objects that exist at the snapshot's last revision. */
  readonly keys: number;
}

type Counted = { -readonly [Field in keyof StoredEncryption]: StoredEncryption[Field] };

/** A file may claim any names; no cluster has this many. */
const mostEntries = 10_000;

/**
 * Scans the newest state of every object; 16 bytes of memory a key. What the API server does not read (keys outside its prefix) is left out.
 * @throws {Failure} `not-a-database`, `snapshot-damaged`, `snapshot-changed`.
 */
export async function readStoredEncryption(
  source: RandomAccess,
  options: ObjectScanOptions = {},
): Promise<readonly StoredEncryption[]> {
  const database = await openDatabase(source);
  const entries = new Map<string, Counted>();
  await eachNewestFirst(database, {
    onRevision: (met) => {
      if (met.isLive) count(met);
    },
    onProgress: (doneBytes) => options.onProgress?.(doneBytes, database.sizeBytes),
    signal: options.signal,
  });
  await source.assertUnchanged();
  return [...entries.values()].sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));

  function count({ page, record }: MetRevision): void {
    const key = page.bytes.toString('latin1', record.keyStart, record.keyEnd);
    const resource = parseKeyName(key, options.etcdPrefix)?.resource;
    if (resource === undefined) return;
    const found = encryptionOf(page.bytes.subarray(record.valueStart, record.valueEnd));
    const { provider, version, keyName } = found ?? { provider: 'identity', version: undefined, keyName: undefined };
    const entry: Counted = { resource, provider, version, keyName, keys: 0 };
    const full = entries.size >= mostEntries && !entries.has(idOf(entry));
    const kept = full ? { ...entry, resource: 'others', provider: 'others' } : entry;
    const known = entries.get(idOf(kept)) ?? kept;
    known.keys += 1;
    entries.set(idOf(known), known);
  }
}

function idOf({ resource, provider, version, keyName }: StoredEncryption): string {
  return JSON.stringify([resource, provider, version ?? null, keyName ?? null]);
}
