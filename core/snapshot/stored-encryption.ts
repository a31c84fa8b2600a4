/** How the objects that a snapshot would restore are encrypted at rest: by resource, provider and key. */
import type { Page } from './bbolt/page.ts';
import { scanLeaves } from './bbolt/scan.ts';
import { encryptionOf } from './encryption.ts';
import { KeySet } from './key-set.ts';
import { KeyValueParser } from './key-value.ts';
import { parseKeyName } from './kubernetes/key-name.ts';
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
  options: {
    readonly etcdPrefix?: string | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  } = {},
): Promise<readonly StoredEncryption[]> {
  const database = await openDatabase(source);
  const entries = new Map<string, Counted>();
  const seen = new KeySet();
  const parser = new KeyValueParser();
  const keys = await database.bucket('key');
  let doneBytes = 0;
  // The newest revision first: what is met first of a key is what is restored.
  for await (const leaves of keys === undefined ? [] : scanLeaves(database.pages, keys, { reverse: true })) {
    options.signal?.throwIfAborted();
    for (const page of leaves) {
      for (let index = page.count - 1; index >= 0; index--) count(page, index);
      doneBytes += page.bytes.length;
    }
    options.onProgress?.(doneBytes, database.sizeBytes);
  }
  await source.assertUnchanged();
  return [...entries.values()].sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));

  function count(page: Page, index: number): void {
    const keyBytes = page.keyEnd(index) - page.keyStart(index);
    if (!parser.parse(page.bytes, page.keyEnd(index), page.valueEnd(index)))
      throw page.damageAt(index, 'its value is no KeyValue');
    // 18 bytes are a deletion: older states of the key are gone with it.
    if (!seen.add(page.bytes, parser.keyStart, parser.keyEnd) || keyBytes !== 17) return;
    const key = page.bytes.toString('latin1', parser.keyStart, parser.keyEnd);
    const resource = parseKeyName(key, options.etcdPrefix)?.resource;
    if (resource === undefined) return;
    const found = encryptionOf(page.bytes.subarray(parser.valueStart, parser.valueEnd));
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
