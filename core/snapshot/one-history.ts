/**
 * Whether a revision means the same write in a snapshot and in a running etcd. Only then a key that both have at one revision is unchanged, and
 * one that they have at two has changed. Nothing in a database says whose history it holds: its cluster id changes with every restore, and restoring
 * twice with the same token gives the same one. So it is told from the keys that both have.
 *
 * **Where it is so.** The running etcd has gone on from the snapshot; or both have gone on from a common past and the running one has, since, only
 * written at revisions that the snapshot's history never reached: it was restored with its revision bumped.
 *
 * **How that shows.** Let S be the snapshot's last revision. What the running etcd still shows from revisions up to S (creations and changes) is then
 * all of the common past: call the newest of it P. A key that shows such an old revision has it in the snapshot too, or was written there after
 * the histories parted, and then at a revision behind P. So: it is so when the running etcd is at S or beyond, when some key agrees on an old
 * revision, and when no key that disagrees on one has a revision up to P in the snapshot.
 *
 * **What it refuses.** A cluster that was restored without a bump wrote anew at revisions that the snapshot's history used: P is one of those, and what
 * the snapshot has from the same revisions disagrees. Another cluster's early objects disagree at once. What could pass for one history and is
 * none would have to agree wherever both show the same revision, so that what is said of unchanged keys is right for all keys but those which two
 * histories happen to have written at the very same revision.
 */
export interface Written {
  readonly createRevision: number;
  readonly modRevision: number;
}

export class OneHistory {
  readonly #snapshotRevision: number;
  #inBoth = 0;
  #agreeing = 0;
  /** P. */
  #newestOld = 0;
  #earliestDisagreeing = Infinity;

  constructor(snapshotRevision: number) {
    this.#snapshotRevision = snapshotRevision;
  }

  /** A key that is there now and not in the snapshot. */
  onlyLive(live: Written): void {
    this.#note(live.createRevision);
    this.#note(live.modRevision);
  }

  both(live: Written, snapshot: Written): void {
    this.#inBoth += 1;
    this.#compare(live.createRevision, snapshot.createRevision);
    this.#compare(live.modRevision, snapshot.modRevision);
  }

  #compare(live: number, snapshot: number): void {
    this.#note(live);
    if (live > this.#snapshotRevision) return;
    if (live === snapshot) this.#agreeing += 1;
    else this.#earliestDisagreeing = Math.min(this.#earliestDisagreeing, snapshot);
  }

  #note(live: number): void {
    if (live <= this.#snapshotRevision) this.#newestOld = Math.max(this.#newestOld, live);
  }

  /** When all keys have been seen: why revisions tell nothing; undefined where they do. */
  whyNot(liveRevision: number): string | undefined {
    if (liveRevision < this.#snapshotRevision)
      return `etcd is at revision ${liveRevision}, and the snapshot at ${this.#snapshotRevision}: it does not go on from there`;
    if (this.#earliestDisagreeing <= this.#newestOld)
      return 'revisions of the snapshot are of other writes than those of etcd: it is of another cluster, or one of the two was restored without a bump of its revision';
    if (this.#inBoth > 0 && this.#agreeing === 0)
      return 'no key that both have was last written before the snapshot: nothing shows that they are of one cluster';
    return undefined;
  }
}
