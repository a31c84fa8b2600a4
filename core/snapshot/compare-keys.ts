import { DifferenceCounter } from './difference.ts';
import type { Difference } from './difference.ts';
import { OneHistory } from './one-history.ts';
import type { Written } from './one-history.ts';

/** A key's state, as both sides tell it: one character a byte. */
export interface KeyState extends Written {
  readonly key: string;
}

export interface KeyComparison {
  readonly liveKeys: number;
  readonly snapshotKeys: number;
  readonly inBoth: number;
  /** There now, and not in the snapshot: a restore would lose them. */
  readonly onlyLive: Difference;
  /** In the snapshot, and not there now: a restore would bring them back. */
  readonly onlySnapshot: Difference;
  /** In both, last written at different revisions: a restore would set them back. What that is worth is for `whyUnknown` to say. */
  readonly changed: Difference;
  /** Why `changed` says nothing, given the revision of the running etcd; undefined where it holds. */
  readonly whyUnknown: (liveRevision: number) => string | undefined;
}

/**
 * Joins the keys of a running etcd with those of a snapshot. Both come ascending by their bytes; one of each is held at a time. The snapshot's are asked
 * for first: reading them may begin with a long scan, and what is there now should be from behind it.
 * @throws what the two throw, after both were told to end.
 */
export async function compareKeys(options: {
  readonly live: AsyncIterable<KeyState>;
  readonly snapshot: AsyncIterable<KeyState>;
  /** The last revision of the snapshot's history, compacted or not. */
  readonly snapshotRevision: number;
  readonly etcdPrefix?: string | undefined;
}): Promise<KeyComparison> {
  const { etcdPrefix } = options;
  const counter = () => new DifferenceCounter(etcdPrefix === undefined ? {} : { etcdPrefix });
  const [onlyLive, onlySnapshot, changed] = [counter(), counter(), counter()];
  const history = new OneHistory(options.snapshotRevision);
  const keys = { live: 0, snapshot: 0, both: 0 };
  await using snapshot = new Keys(options.snapshot);
  await using live = new Keys(options.live);

  let then = await snapshot.next();
  let now = await live.next();
  for (;;) {
    if (then !== undefined && (now === undefined || then.key < now.key)) {
      keys.snapshot += 1;
      onlySnapshot.add(then.key);
      then = await snapshot.next();
    } else if (now !== undefined && (then === undefined || now.key < then.key)) {
      keys.live += 1;
      onlyLive.add(now.key);
      history.onlyLive(now);
      now = await live.next();
    } else if (now !== undefined && then !== undefined) {
      keys.both += 1;
      history.both(now, then);
      if (now.modRevision !== then.modRevision) changed.add(now.key);
      [then, now] = [await snapshot.next(), await live.next()];
    } else break;
  }
  return {
    liveKeys: keys.live + keys.both,
    snapshotKeys: keys.snapshot + keys.both,
    inBoth: keys.both,
    onlyLive: onlyLive.finish(),
    onlySnapshot: onlySnapshot.finish(),
    changed: changed.finish(),
    whyUnknown: (liveRevision) => history.whyNot(liveRevision),
  };
}

class Keys implements AsyncDisposable {
  readonly #keys: AsyncIterator<KeyState>;

  constructor(keys: AsyncIterable<KeyState>) {
    this.#keys = keys[Symbol.asyncIterator]();
  }

  async next(): Promise<KeyState | undefined> {
    for (;;) {
      const next = await this.#keys.next();
      if (next.done === true) return undefined;
      // The key of no bytes is nobody's: etcdutl writes it when it restores with a bumped revision, and no request can name it.
      if (next.value.key !== '') return next.value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keys.return?.();
  }
}
