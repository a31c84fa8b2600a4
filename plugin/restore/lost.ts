/** What a restore of a snapshot would change, looked up before anything is touched: the snapshot's keys beside those of the running etcd. */
import { Failure } from '../../core/failure.ts';
import { decodeJson } from '../../core/protocol/decode.ts';
import { failureToRecord } from '../../core/protocol/failure-record.ts';
import { readKeyStream } from '../../core/protocol/key-records.ts';
import type { LiveKey } from '../../core/protocol/key-records.ts';
import { keysSource } from '../../core/protocol/messages.ts';
import type { FailureRecord, KeysSource } from '../../core/protocol/messages.ts';
import { keysSourceHeader, path } from '../../core/protocol/paths.ts';
import { compareKeys } from '../../core/snapshot/compare-keys.ts';
import type { KeyComparison } from '../../core/snapshot/compare-keys.ts';
import type { Difference } from '../../core/snapshot/difference.ts';
import { indexedKeys } from '../../core/snapshot/indexed-keys.ts';
import { readManifest } from '../../core/snapshot/manifest.ts';
import type { SnapshotManifest } from '../../core/snapshot/manifest.ts';
import { openDatabase } from '../../core/snapshot/open-database.ts';
import { openFile } from '../../core/snapshot/source.ts';
import { summarize } from '../../core/snapshot/summary.ts';
import type { AgentSession } from '../link/agent-session.ts';

/** For `-o json`: every field but `namespaces`, `groups` and `examples` counts all keys, whatever their number. */
export type LostDocument = Compared | NotCompared;

export interface Compared {
  readonly snapshot: { readonly file: string; readonly revision: number; readonly keys: number };
  readonly live: KeysSource & { readonly keys: number };
  /** There now, not in the snapshot. */
  readonly lost: Difference;
  /** In the snapshot, not there now. */
  readonly broughtBack: Difference;
  /** In both, and written since. */
  readonly setBack: Difference | null;
  /** Why `setBack` is null. */
  readonly setBackUnknown?: string;
}

export interface NotCompared {
  readonly snapshot: { readonly file: string; readonly revision: number };
  readonly live: null;
  /** Why the running etcd's keys cannot be had. */
  readonly unreadable: FailureRecord;
}

export interface CompareOptions {
  /** To the agent beside the member that is compared with. */
  readonly session: AgentSession;
  readonly snapshotFile: string;
  readonly signal: AbortSignal;
  /** UID of its kube-system namespace, where it is known. */
  readonly clusterUid?: string | undefined;
  readonly etcdPrefix?: string | undefined;
  /** Where indexes of large snapshots are kept (read-flags.ts); none without it. */
  readonly indexDirectory?: string | undefined;
  /** How far the snapshot has been read. */
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  /** The snapshot has been read: now the running etcd is asked. */
  readonly onLive?: (() => void) | undefined;
}

/** A compaction ends a listing, and comes every five minutes where an API server runs. */
const mostAttempts = 3;

/**
 * Compares a snapshot with the running etcd. Reads only, needs no quorum, and holds a few MiB whatever the number of keys.
 * @returns also where the running etcd cannot be read, which is often why somebody restores: then `live` is null, and it says why.
 * @throws {Failure} what is wrong with the snapshot's file or its manifest; the signal's reason.
 */
export async function compareWithLive(options: CompareOptions): Promise<LostDocument> {
  const { session, snapshotFile: file, signal } = options;
  const manifest = await readManifest(file);
  await using source = await openFile(file);
  const database = await openDatabase(source);
  const { revision: last, compactedRevision = 0 } = await summarize(database);
  // Where the last revisions were deletions and are compacted away, the compaction is the newest trace of them.
  const revision = Math.max(last, compactedRevision);
  for (let attempt = 1; ; attempt += 1) {
    const live = new LiveKeys(options);
    try {
      const compared = await compareKeys({
        live,
        snapshot: indexedKeys({
          ...{ database, prefixes: [''], signal, onProgress: options.onProgress },
          indexDirectory: options.indexDirectory,
        }),
        snapshotRevision: revision,
        etcdPrefix: options.etcdPrefix,
      });
      await source.assertUnchanged();
      return documentOf({ file, revision, compared, live: live.source, manifest, clusterUid: options.clusterUid });
    } catch (thrown) {
      signal.throwIfAborted();
      if (live.failure === undefined) throw thrown;
      if (live.failure.reason === 'keys-compacted' && attempt < mostAttempts) continue;
      return { snapshot: { file, revision }, live: null, unreadable: failureToRecord(live.failure, session.node) };
    }
  }
}

/** Asks the agent when the first key is wanted. */
class LiveKeys implements AsyncIterable<LiveKey> {
  readonly #options: CompareOptions;
  #source: KeysSource | undefined;
  /** What ended the listing before its end. */
  failure: Failure | undefined;

  constructor(options: CompareOptions) {
    this.#options = options;
  }

  /** Known once a key has been asked for. */
  get source(): KeysSource {
    if (this.#source === undefined) throw new Error('no key has been asked for');
    return this.#source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LiveKey, void, undefined> {
    const { session, signal, onLive } = this.#options;
    onLive?.();
    const from = { what: 'the list of keys', node: session.node };
    try {
      const { headers, bytes } = await session.stream(path.keys, signal);
      this.#source = decodeJson(keysSource, String(headers[keysSourceHeader]), from);
      yield* readKeyStream(bytes, from);
    } catch (thrown) {
      if (thrown instanceof Failure) this.failure = thrown;
      throw thrown;
    }
  }
}

function documentOf(of: {
  readonly file: string;
  readonly revision: number;
  readonly compared: KeyComparison;
  readonly live: KeysSource;
  readonly manifest: SnapshotManifest | undefined;
  readonly clusterUid: string | undefined;
}): Compared {
  const { file, revision, compared, live, manifest, clusterUid } = of;
  const { uid, name } = manifest?.cluster ?? {};
  const isAnothers = uid !== undefined && clusterUid !== undefined && uid !== clusterUid;
  const unknown = isAnothers
    ? `the snapshot is of another cluster, ${name ?? uid}`
    : compared.whyUnknown(live.revision);
  return {
    snapshot: { file, revision, keys: compared.snapshotKeys },
    live: { ...live, keys: compared.liveKeys },
    lost: compared.onlyLive,
    broughtBack: compared.onlySnapshot,
    setBack: unknown === undefined ? compared.changed : null,
    ...(unknown === undefined ? {} : { setBackUnknown: unknown }),
  };
}
