import type { Bucket } from './bucket.ts';
import { assertWithin } from './bucket.ts';
import { Arena } from './arena.ts';
import { Damage } from './damage.ts';
import { elementBytes, pageHeadBytes } from './format.ts';
import { LeafWalk } from './leaf-walk.ts';
import type { Reference, WalkOptions } from './leaf-walk.ts';
import { Page } from './page.ts';
import type { Pages } from './pages.ts';

export interface ScanOptions extends WalkOptions {
  /** Called with what is damaged; the scan then goes on with the next page. Without it the damage is thrown. */
  readonly onDamage?: ((damage: Damage) => void) | undefined;
  /** Of large leaves the beginning is enough: values that go on over many pages are not read. Such a leaf says so (`isWhole`). */
  readonly heads?: boolean | undefined;
}

/** Leaves whose first pages are read together. */
const leavesInWindow = 64;
/** Two pages no further apart than this are read in one go: copying costs less than asking twice. Overflow most often lies between. */
const gapBytes = 32 * 1024;
const largestRunBytes = 1024 * 1024;
/** Leaves read by themselves are given out when they make up so much. */
const batchBytes = 1024 * 1024;

/**
 * Every leaf of a bucket in the order of its keys (or the other way round), some at a time: for whole scans. Leaves are the caller's until it
 * asks for the next ones. Holds some MiB, whatever the size of the bucket; every page is checked against its place in the tree.
 */
export async function* scanLeaves(
  pages: Pages,
  bucket: Bucket,
  options: ScanOptions = {},
): AsyncGenerator<readonly Page[], void, undefined> {
  const { onDamage, onPage } = options;
  const tolerate = (thrown: unknown): void => {
    if (!(thrown instanceof Damage) || onDamage === undefined) throw thrown;
    onDamage(thrown);
  };
  // Either the page is wrong or the reference to it is: both are named.
  const onBelow = (thrown: unknown, { parent, index, id }: Reference): void => {
    tolerate(thrown);
    if (thrown instanceof Damage && thrown.page !== parent.id)
      tolerate(parent.damageAt(index, `refers to page ${id}, which is no part of this tree, or damaged`));
  };
  let root: Page;
  try {
    root = await bucket.rootPage();
    if (bucket.root !== 0 && onPage?.(root, (why) => root.damage(0, why)) === false) return;
  } catch (thrown) {
    tolerate(thrown);
    return;
  }
  if (root.kind === 'leaf') {
    if (root.count > 0) yield [root];
    return;
  }
  const walk = new LeafWalk(pages, root, { ...options, onBelow });
  const runs = new Arena(largestRunBytes);
  const single = new Arena(batchBytes);
  for (;;) {
    const window = await walk.take(leavesInWindow);
    if (window.length === 0) return;
    runs.reset();
    const read = await readRuns(pages, window, runs);
    let batch: Page[] = [];
    for (const reference of window) {
      const { id, parent, index, bounds } = reference;
      const from = (why: string) => parent.damageAt(index, why);
      try {
        pages.assertInRange(id, from);
        const run = read.get(id) ?? nowhere;
        const page = wholePage(id, run) ?? (await leafPage(id, run));
        if (page.kind !== 'leaf') throw from(`refers to page ${id}, a branch where its siblings are leaves`);
        if (onPage?.(page, from) === false) continue;
        assertWithin(page, bounds);
        batch.push(page);
      } catch (thrown) {
        onBelow(thrown, reference);
      }
      if (single.takenBytes < batchBytes) continue;
      yield batch;
      batch = [];
      single.reset();
    }
    yield batch;
    single.reset();
  }

  /** The page where all of it was read along: of most there is nothing to wait for. */
  function wholePage(id: number, { bytes, from }: Run): Page | undefined {
    const { pageBytes } = pages.meta;
    const start = (id - from) * pageBytes;
    const end = start + (pages.checkedOverflow(id, bytes, start) + 1) * pageBytes;
    return end > bytes.length ? undefined : new Page(pages.placeOf(id), bytes.subarray(start, end));
  }

  async function leafPage(id: number, { bytes, from }: Run): Promise<Page> {
    const { pageBytes } = pages.meta;
    const start = (id - from) * pageBytes;
    const wholeBytes = (pages.checkedOverflow(id, bytes, start) + 1) * pageBytes;
    const tableBytes = pageHeadBytes + bytes.readUInt16LE(start + 10) * elementBytes;
    if (options.heads === true && start + tableBytes <= bytes.length)
      return new Page(pages.placeOf(id), bytes.subarray(start), wholeBytes);
    const whole = await pages.source.read(pages.offsetOf(id), wholeBytes, single.take(wholeBytes));
    return new Page(pages.placeOf(id), whole);
  }
}

/** Pages that were read in one piece. */
interface Run {
  readonly bytes: Buffer;
  /** The first of them. */
  readonly from: number;
}

const nowhere: Run = { bytes: Buffer.alloc(0), from: 0 };

/** Reads the first pages of leaves in as few pieces as their places allow, and what lies between them. */
async function readRuns(pages: Pages, window: readonly Reference[], arena: Arena): Promise<Map<number, Run>> {
  const { pageBytes } = pages.meta;
  const last = Math.floor(pages.source.sizeBytes / pageBytes) - 1;
  const ids = window.map(({ id }) => id).filter((id) => id >= 2 && id <= last);
  ids.sort((a, b) => a - b);
  const found = new Map<number, Run>();
  for (let at = 0; at < ids.length;) {
    const begin = at;
    const from = ids[begin] ?? 0;
    let to = from;
    for (; at < ids.length; at++) {
      const id = ids[at] ?? 0;
      if ((id - to - 1) * pageBytes > gapBytes || (id - from) * pageBytes >= largestRunBytes) break;
      to = id;
    }
    const lengthBytes = (to - from + 1) * pageBytes;
    const bytes = await pages.source.read(pages.offsetOf(from), lengthBytes, arena.take(lengthBytes));
    const run = { bytes, from };
    for (let index = begin; index < at; index++) found.set(ids[index] ?? 0, run);
  }
  return found;
}
