import type { Bounds } from './bucket.ts';
import { assertWithin, childBounds, deepest, unbounded } from './bucket.ts';
import { Damage } from './damage.ts';
import type { Page } from './page.ts';
import type { Pages } from './pages.ts';

/** Where a page is referred to, and what it may hold. */
export interface Reference {
  readonly id: number;
  readonly parent: Page;
  readonly index: number;
  readonly bounds: Bounds;
}

export interface WalkOptions {
  /** From the last leaf to the first. */
  readonly reverse?: boolean | undefined;
  /** Called with each page, branches too, when it has been found sound by itself; false leaves out the page and what is below it. */
  readonly onPage?: ((page: Page, from: (why: string) => Damage) => boolean) | undefined;
}

/** The references to all leaves below a branch, in order: a walk over the branches alone. Leaves lie at one depth, that of the first. */
export class LeafWalk {
  readonly #pages: Pages;
  readonly #options: WalkOptions;
  readonly #onBelow: (thrown: unknown, reference: Reference) => void;
  readonly #path: { readonly page: Page; next: number; readonly bounds: Bounds }[];
  #height: number | undefined;

  /** @param onBelow called with what is wrong with a branch, and how it was come to. */
  constructor(
    pages: Pages,
    root: Page,
    options: WalkOptions & { readonly onBelow: (thrown: unknown, reference: Reference) => void },
  ) {
    this.#pages = pages;
    this.#options = options;
    this.#onBelow = options.onBelow;
    this.#path = [{ page: root, next: 0, bounds: unbounded }];
  }

  /** The next `count`; fewer, or none, at the end. */
  async take(count: number): Promise<Reference[]> {
    const taken: Reference[] = [];
    for (let step = this.#path.at(-1); step !== undefined && taken.length < count; step = this.#path.at(-1)) {
      const { page: parent } = step;
      if (step.next >= parent.count) {
        this.#path.pop();
        continue;
      }
      this.#height ??= await branchLevels(this.#pages, parent);
      const index = this.#options.reverse === true ? parent.count - 1 - step.next : step.next;
      step.next += 1;
      const reference = { id: parent.child(index), parent, index, bounds: childBounds(parent, index, step.bounds) };
      if (this.#path.length === this.#height) taken.push(reference);
      else await this.#descend(reference);
    }
    return taken;
  }

  async #descend(reference: Reference): Promise<void> {
    const { id, parent, index, bounds } = reference;
    const from = (why: string) => parent.damageAt(index, why);
    try {
      const page = await this.#pages.load(id, from);
      if (page.kind !== 'branch') throw from(`refers to page ${id}, a leaf where its siblings are branches`);
      if (this.#options.onPage?.(page, from) === false) return;
      assertWithin(page, bounds);
      this.#path.push({ page, next: 0, bounds });
    } catch (thrown) {
      this.#onBelow(thrown, reference);
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
