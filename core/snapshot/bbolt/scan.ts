import type { Bucket, Bounds } from './bucket.ts';
import { assertWithin, childBounds, deepest } from './bucket.ts';
import { Arena } from './arena.ts';
import { Damage } from './damage.ts';
import type { Page } from './page.ts';
import type { Pages } from './pages.ts';

export interface ScanOptions {
  /** From the last leaf to the first. */
  readonly reverse?: boolean | undefined;
  /** Called with what is damaged; the scan then goes on with the next page. Without it the damage is thrown. */
  readonly onDamage?: ((damage: Damage) => void) | undefined;
  /** Called with each page, branches too, when it has been found sound by itself; false leaves out the page and what is below it. */
  readonly onPage?: ((page: Page, from: (why: string) => Damage) => boolean) | undefined;
}

/** Where a page is referred to, and what it may hold. */
interface Reference {
  readonly id: number;
  readonly parent: Page;
  readonly index: number;
  readonly bounds: Bounds;
}

/** First pages read together, and with them overflow up to this. */
const windowBytes = 1024 * 1024;
const mostInWindow = 512;
/** Windows being read while one is consumed. */
const windowsAhead = 2;
/** Two pages no further apart than this are read in one go: cheaper than asking twice. */
const gapBytes = 16 * 1024;

/**
 * Every leaf of a bucket in the order of its keys (or the other way round), read ahead in large pieces: for whole scans. A leaf is the caller's until it asks for the
 * next. Holds some MiB, whatever the size of the bucket; every page is checked against its place in the tree.
 */
export async function* scanLeaves(
  pages: Pages,
  bucket: Bucket,
  options: ScanOptions = {},
): AsyncGenerator<Page, void, undefined> {
  const { onDamage } = options;
  const tolerate = (thrown: unknown): void => {
    if (!(thrown instanceof Damage) || onDamage === undefined) throw thrown;
    onDamage(thrown);
  };
  // Either the page is wrong or the reference to it is: both are named.
  const tolerateBelow = (thrown: unknown, { parent, index, id }: Omit<Reference, 'bounds'>): void => {
    tolerate(thrown);
    if (thrown instanceof Damage && thrown.page !== parent.id)
      tolerate(parent.damageAt(index, `refers to page ${id}, which is no part of this tree, or damaged`));
  };
  let root: Page;
  try {
    root = await bucket.rootPage();
    if (bucket.root !== 0 && options.onPage?.(root, (why) => root.damage(0, why)) === false) return;
  } catch (thrown) {
    tolerate(thrown);
    return;
  }
  if (root.kind === 'leaf') {
    if (root.count > 0) yield root;
    return;
  }
  const references = leafReferences(pages, root, options, tolerateBelow);
  const ahead: { readonly arena: Arena; readonly reading: Promise<Slot[]> }[] = [];
  const arenas = Array.from({ length: windowsAhead + 1 }, () => new Arena(2 * windowBytes));
  let meanBytes = pages.meta.pageBytes;
  let ended = false;
  for (;;) {
    for (let arena; !ended && (arena = arenas.pop()) !== undefined;) {
      const wanted = Math.max(1, Math.min(mostInWindow, Math.floor(windowBytes / meanBytes)));
      const window = await take(references, wanted);
      ended = window.length < wanted;
      const reading = readWindow(pages, window, arena);
      // Awaited below in its turn.
      reading.catch(() => undefined);
      ahead.push({ arena, reading });
    }
    const next = ahead.shift();
    if (next === undefined) return;
    const slots = await next.reading;
    let sumBytes = 0;
    for (const { reference, first, whole } of slots) {
      const { parent, index, bounds, id } = reference;
      const from = (why: string) => parent.damageAt(index, why);
      let page: Page;
      try {
        pages.assertInRange(id, from);
        page = await pages.parse(id, whole ?? first);
        if (page.kind !== 'leaf') throw from(`refers to page ${id}, a branch where its siblings are leaves`);
        if (options.onPage?.(page, from) === false) continue;
        assertWithin(page, bounds);
      } catch (thrown) {
        tolerateBelow(thrown, reference);
        continue;
      }
      sumBytes += page.bytes.length;
      yield page;
    }
    next.arena.reset();
    arenas.push(next.arena);
    if (slots.length > 0) meanBytes = Math.max(pages.meta.pageBytes, sumBytes / slots.length);
  }
}

async function take(references: AsyncGenerator<Reference>, count: number): Promise<Reference[]> {
  const taken: Reference[] = [];
  while (taken.length < count) {
    const next = await references.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

interface Slot {
  readonly reference: Reference;
  readonly first: Buffer;
  /** The page with its overflow, where it was read along. */
  whole?: Buffer;
}

const nothing = Buffer.alloc(0);

/** Reads the first pages of a window in as few pieces as their places allow, then overflow as far as the window's size goes. */
async function readWindow(pages: Pages, window: readonly Reference[], arena: Arena): Promise<Slot[]> {
  const { pageBytes } = pages.meta;
  const last = Math.floor(pages.source.sizeBytes / pageBytes) - 1;
  const ids = window.map(({ id }) => id).filter((id) => id >= 2 && id <= last);
  ids.sort((a, b) => a - b);
  const firsts = new Map<number, Buffer>();
  const reads: Promise<void>[] = [];
  for (let at = 0; at < ids.length;) {
    const begin = at;
    const from = ids[begin] ?? 0;
    let to = from;
    for (; at < ids.length; at++) {
      const id = ids[at] ?? 0;
      if ((id - to - 1) * pageBytes > gapBytes || (id - from) * pageBytes > windowBytes) break;
      to = id;
    }
    reads.push(readRun(pages, ids.slice(begin, at), { firsts, arena }));
  }
  await Promise.all(reads);
  const slots = window.map((reference): Slot => ({ reference, first: firsts.get(reference.id) ?? nothing }));
  await readOverflow(pages, slots, arena);
  return slots;
}

async function readRun(
  pages: Pages,
  ids: readonly number[],
  { firsts, arena }: { readonly firsts: Map<number, Buffer>; readonly arena: Arena },
): Promise<void> {
  const { pageBytes } = pages.meta;
  const from = ids[0] ?? 0;
  const lengthBytes = ((ids.at(-1) ?? from) - from + 1) * pageBytes;
  const bytes = await pages.source.read(pages.offsetOf(from), lengthBytes, arena.take(lengthBytes));
  for (const id of ids) firsts.set(id, bytes.subarray((id - from) * pageBytes, (id - from + 1) * pageBytes));
}

async function readOverflow(pages: Pages, slots: readonly Slot[], arena: Arena): Promise<void> {
  const { pageBytes } = pages.meta;
  const reads: Promise<void>[] = [];
  let sumBytes = 0;
  for (const slot of slots) {
    if (slot.first.length === 0) continue;
    const overflow = slot.first.readUInt32LE(12);
    const { id } = slot.reference;
    // What makes no sense is left to the parser, which says why.
    if (
      overflow === 0 ||
      id + overflow >= pages.meta.pageCount ||
      pages.offsetOf(id + overflow + 1) > pages.source.sizeBytes
    )
      continue;
    sumBytes += (overflow + 1) * pageBytes;
    if (sumBytes > windowBytes + pageBytes) break;
    const read = async () => {
      const lengthBytes = (overflow + 1) * pageBytes;
      slot.whole = await pages.source.read(pages.offsetOf(id), lengthBytes, arena.take(lengthBytes));
    };
    reads.push(read());
  }
  await Promise.all(reads);
}

/** The references to all leaves, in order: a walk over the branches alone. Leaves lie at one depth, that of the first. */
async function* leafReferences(
  pages: Pages,
  root: Page,
  options: ScanOptions,
  tolerateBelow: (thrown: unknown, reference: Omit<Reference, 'bounds'>) => void,
): AsyncGenerator<Reference, void, undefined> {
  const height = await branchLevels(pages, root);
  const path: { page: Page; index: number; bounds: Bounds }[] = [
    { page: root, index: 0, bounds: { from: undefined, below: undefined } },
  ];
  for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
    if (step.index >= step.page.count) {
      path.pop();
      continue;
    }
    const { page: parent } = step;
    const index = options.reverse === true ? parent.count - 1 - step.index : step.index;
    step.index += 1;
    const bounds = childBounds(parent, index, step.bounds);
    const id = parent.child(index);
    if (path.length === height) {
      yield { id, parent, index, bounds };
      continue;
    }
    try {
      const from = (why: string) => parent.damageAt(index, why);
      const page = await pages.load(id, from);
      if (page.kind !== 'branch') throw from(`refers to page ${id}, a leaf where its siblings are branches`);
      if (options.onPage?.(page, from) === false) continue;
      assertWithin(page, bounds);
      path.push({ page, index: 0, bounds });
    } catch (thrown) {
      tolerateBelow(thrown, { id, parent, index });
    }
  }
}

/**
 * How many levels of branches there are, by the most frequent answer of a few ways down: one damaged page must not make all others look
 * wrong.
 */
async function branchLevels(pages: Pages, root: Page): Promise<number> {
  const votes = new Map<number, number>();
  const ways = [0, 1, 2, root.count - 1].filter((index) => index < root.count);
  for (const way of ways) {
    const levels = await levelsBelow(pages, root, way);
    if (levels !== undefined) votes.set(levels, (votes.get(levels) ?? 0) + 1);
  }
  const [best] = [...votes].sort(([, a], [, b]) => b - a);
  return best?.[0] ?? 1;
}

async function levelsBelow(pages: Pages, root: Page, way: number): Promise<number | undefined> {
  let page = root;
  let index = way;
  for (let levels = 1; levels <= deepest; levels++) {
    const parent = page;
    const at = index;
    try {
      page = await pages.load(parent.child(at), (why) => parent.damageAt(at, why));
    } catch (thrown) {
      if (thrown instanceof Damage) return undefined;
      throw thrown;
    }
    if (page.kind === 'leaf') return levels;
    index = 0;
  }
  return undefined;
}
