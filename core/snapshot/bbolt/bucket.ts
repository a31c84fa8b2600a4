import { Damage } from './damage.ts';
import { bucketHeadBytes, pageHeadBytes, readPageId } from './format.ts';
import { Page, readPageHead } from './page.ts';
import type { Pages } from './pages.ts';

/** Deeper than any tree of etcd's: with two children a branch, 2^32 leaves. */
export const deepest = 32;

/** A leaf, and the first of its elements that the caller wants. */
export interface LeafSpan {
  readonly page: Page;
  readonly first: number;
}

/** An element of a branch, whose key bounds others. */
interface Bound {
  readonly page: Page;
  readonly index: number;
}

/** Keys that a page may hold, from where it hangs in the tree: `from` inclusive, `below` exclusive. */
export interface Bounds {
  readonly from: Bound | undefined;
  readonly below: Bound | undefined;
}

export const unbounded: Bounds = { from: undefined, below: undefined };

interface Step {
  readonly page: Page;
  index: number;
  readonly bounds: Bounds;
}

/** A bucket of the database: keys in bytewise order, read page by page. */
export class Bucket {
  readonly name: string;
  /** Number of its root page; 0 where the bucket is small and lies inline in its parent's page. */
  readonly root: number;
  readonly sequence: bigint;
  readonly #pages: Pages;
  readonly #inline: Page | undefined;
  readonly #damage: (why: string) => Damage;

  /** The bucket of buckets. */
  static ofRoot(pages: Pages): Bucket {
    const offset = pages.offsetOf(pages.meta.page) + 32;
    const damage = (why: string) =>
      new Damage(pages.source.name, { page: pages.meta.page, offset }, `the root bucket ${why}`);
    return new Bucket(pages, '', { root: pages.meta.root, sequence: 0n, inline: undefined, damage });
  }

  /** The bucket whose head is the value of this element. */
  static ofElement(pages: Pages, page: Page, index: number): Bucket {
    const name = page.key(index).toString();
    const value = page.value(index);
    const damage = (why: string) => page.damageAt(index, `bucket ${JSON.stringify(name)} ${why}`);
    if (value.length < bucketHeadBytes) throw damage(`has ${value.length} bytes, fewer than a bucket's head`);
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    const root = readPageId(view, 0);
    const sequence = view.getBigUint64(8, true);
    if (root !== 0) {
      if (value.length > bucketHeadBytes)
        throw damage(`has ${value.length - bucketHeadBytes} bytes too many behind its head`);
      return new Bucket(pages, name, { root, sequence, inline: undefined, damage });
    }
    return new Bucket(pages, name, { root, sequence, inline: inlinePage(page, index, damage), damage });
  }

  private constructor(
    pages: Pages,
    name: string,
    of: { root: number; sequence: bigint; inline: Page | undefined; damage: (why: string) => Damage },
  ) {
    this.#pages = pages;
    this.name = name;
    this.root = of.root;
    this.sequence = of.sequence;
    this.#inline = of.inline;
    this.#damage = of.damage;
  }

  async rootPage(): Promise<Page> {
    return this.#inline ?? (await this.#pages.load(this.root, this.#damage));
  }

  /** The element of exactly this key, with its leaf; undefined where there is none. Reads one page a level. */
  async find(key: Uint8Array): Promise<LeafSpan | undefined> {
    for await (const leaf of this.leaves(key)) return leaf.page.hasKey(leaf.first, key) ? leaf : undefined;
    return undefined;
  }

  async get(key: Uint8Array): Promise<Buffer | undefined> {
    const found = await this.find(key);
    return found?.page.value(found.first);
  }

  /** The greatest key and its value; undefined where the bucket is empty. Reads one page a level. */
  async last(): Promise<{ readonly key: Buffer; readonly value: Buffer } | undefined> {
    let page = await this.rootPage();
    let bounds = unbounded;
    for (let depth = 0; page.kind === 'branch'; depth++) {
      if (depth > deepest)
        throw page.damage(
          0,
          'the tree is deeper than any that bbolt builds: its pages refer to each other in a circle',
        );
      bounds = childBounds(page, page.count - 1, bounds);
      page = await this.#child(page, page.count - 1, bounds);
    }
    if (page.count === 0) return undefined;
    return { key: page.key(page.count - 1), value: page.value(page.count - 1) };
  }

  /**
   * The leaves in the order of their keys, beginning with the one that holds the first key not less than `from`. Every page is checked
   * against its place in the tree before it is given out, so that keys ascend over the whole bucket, and a circle ends in a Damage.
   */
  async *leaves(from?: Uint8Array): AsyncGenerator<LeafSpan, void, undefined> {
    const root = await this.rootPage();
    if (root.kind === 'leaf') {
      const first = from === undefined ? 0 : root.lowerBound(from);
      if (first < root.count) yield { page: root, first };
      return;
    }
    const path: Step[] = [{ page: root, index: branchIndex(root, from), bounds: unbounded }];
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      if (step.index >= step.page.count) {
        path.pop();
        continue;
      }
      const bounds = childBounds(step.page, step.index, step.bounds);
      const page = await this.#child(step.page, step.index, bounds);
      step.index += 1;
      if (page.kind === 'branch') {
        if (path.length > deepest || path.some((above) => above.page.id === page.id))
          throw step.page.damageAt(step.index - 1, `refers to page ${page.id}, which lies above it: a circle`);
        path.push({ page, index: branchIndex(page, from), bounds });
      } else {
        const first = from === undefined ? 0 : page.lowerBound(from);
        if (first < page.count) yield { page, first };
      }
    }
  }

  async #child(parent: Page, index: number, bounds: Bounds): Promise<Page> {
    const page = await this.#pages.load(parent.child(index), (why) => parent.damageAt(index, why));
    assertWithin(page, bounds);
    return page;
  }
}

/** The child of a branch in which `from` would be: the last whose first key is not greater. */
function branchIndex(page: Page, from: Uint8Array | undefined): number {
  if (from === undefined) return 0;
  const index = page.lowerBound(from);
  return page.hasKey(index, from) ? index : Math.max(0, index - 1);
}

export function childBounds(page: Page, index: number, bounds: Bounds): Bounds {
  return { from: { page, index }, below: index + 1 < page.count ? { page, index: index + 1 } : bounds.below };
}

/** A child's keys lie from its own key in the branch up to the next one's, as far as they are in memory: as bbolt's own check has it. */
export function assertWithin(page: Page, bounds: Bounds): void {
  if (page.count === 0) throw page.damage(10, 'an empty page inside a tree');
  const { from, below } = bounds;
  if (from !== undefined && page.holds(0, 0) && page.compareKey(0, from.page, from.index) < 0)
    throw page.damageAt(0, "its key is less than the page's key in the branch above");
  const last = page.count - 1;
  if (below !== undefined && page.holds(last, 0) && page.compareKey(last, below.page, below.index) >= 0)
    throw page.damageAt(last, 'its key is not less than the next key in the branch above');
}

function inlinePage(page: Page, index: number, damage: (why: string) => Damage): Page {
  const start = page.keyEnd(index) + bucketHeadBytes;
  const value = page.value(index);
  if (value.length < bucketHeadBytes + pageHeadBytes)
    throw damage(`lies inline, and its ${value.length} bytes hold no page`);
  // A copy, as the page's own bytes need not be aligned here.
  const bytes = Buffer.from(value.subarray(bucketHeadBytes));
  const head = readPageHead(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  if (head.id !== 0) throw damage(`lies inline, and says that it is page ${head.id}`);
  if (head.overflow !== 0) throw damage(`lies inline, and goes on over ${head.overflow} pages`);
  const inline = new Page({ ...page.place, offset: page.place.offset + start }, bytes);
  if (inline.kind !== 'leaf') throw damage('lies inline, and is no leaf');
  if (inline.usedBytes !== bytes.length)
    throw damage(`lies inline, and uses ${inline.usedBytes} of its ${bytes.length} bytes`);
  return inline;
}
