import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareKeys } from '../../../core/snapshot/compare-keys.ts';
import type { KeyComparison, KeyState } from '../../../core/snapshot/compare-keys.ts';
import { DifferenceCounter } from '../../../core/snapshot/difference.ts';
import type { Difference } from '../../../core/snapshot/difference.ts';

/** etcd's keyspace as far as revisions go: each write counts one up, and a key that comes anew is created anew. */
class Keyspace {
  revision: number;
  readonly keys: Map<string, KeyState & { readonly write: number }>;
  /** Tells writes apart that happen at one revision of two histories. */
  static #writes = 0;

  constructor(from?: Keyspace, bump = 0) {
    this.revision = (from?.revision ?? 1) + bump;
    this.keys = new Map(from?.keys);
  }

  put(...keys: string[]): this {
    for (const key of keys) {
      this.revision += 1;
      const createRevision = this.keys.get(key)?.createRevision ?? this.revision;
      this.keys.set(key, { key, createRevision, modRevision: this.revision, write: (Keyspace.#writes += 1) });
    }
    return this;
  }

  delete(...keys: string[]): this {
    for (const key of keys) if (this.keys.delete(key)) this.revision += 1;
    return this;
  }

  async *listed(): AsyncGenerator<KeyState, void, undefined> {
    for (const key of [...this.keys.keys()].sort()) {
      const state = this.keys.get(key);
      if (state !== undefined) yield await Promise.resolve(state);
    }
  }
}

async function compared(snapshot: Keyspace, live: Keyspace): Promise<KeyComparison & { why: string | undefined }> {
  const found = await compareKeys({
    live: live.listed(),
    snapshot: snapshot.listed(),
    snapshotRevision: snapshot.revision,
  });
  return { ...found, why: found.whyUnknown(live.revision) };
}

/** Each of these keys is a resource of its own: so the groups tell all keys, not the first three. */
const keyNumber = fc.integer({ min: 0, max: 14 }).map((number) => `/registry/r${number}/x`);
const resources = ({ groups }: Difference) => groups.map(({ resource }) => resource);
const resourceOf = (key: string) => key.split('/')[2] ?? '';

const operations = fc.array(fc.record({ key: keyNumber, what: fc.constantFrom('put', 'put', 'delete') }), {
  maxLength: 30,
});
function apply(to: Keyspace, list: readonly { readonly key: string; readonly what: string }[]): Keyspace {
  for (const { key, what } of list)
    if (what === 'put') to.put(key);
    else to.delete(key);
  return to;
}

describe('keys that are compared', () => {
  test('of any two histories: only in one, only in the other, in both; as sets would have it', async () => {
    await fc.assert(
      fc.asyncProperty(operations, operations, operations, async (common, then, since) => {
        const past = apply(new Keyspace(), common);
        const snapshot = apply(new Keyspace(past), then);
        const live = apply(new Keyspace(past), since);
        const found = await compared(snapshot, live);
        const only = (one: Keyspace, other: Keyspace) =>
          [...one.keys.keys()].filter((key) => !other.keys.has(key)).sort();
        expect(resources(found.onlyLive)).toEqual(only(live, snapshot).map(resourceOf));
        expect(resources(found.onlySnapshot)).toEqual(only(snapshot, live).map(resourceOf));
        expect(found.onlyLive.keys).toBe(only(live, snapshot).length);
        expect(found).toMatchObject({
          liveKeys: live.keys.size,
          snapshotKeys: snapshot.keys.size,
          inBoth: [...live.keys.keys()].filter((key) => snapshot.keys.has(key)).length,
        });
      }),
      { numRuns: 300 },
    );
  });

  test('of one history, gone on or forked with a bump: what changed is known, and is what was written anew', async () => {
    await fc.assert(
      fc.asyncProperty(operations, operations, operations, fc.boolean(), async (common, then, since, forked) => {
        const past = apply(new Keyspace().put('/registry/anchor/x'), common);
        const snapshot = apply(new Keyspace(past), then);
        const live = apply(forked ? new Keyspace(past, 1000) : new Keyspace(snapshot), since);
        const { why, changed } = await compared(snapshot, live);
        expect(why).toBeUndefined();
        const written = [...live.keys.values()].filter(({ key, write }) => {
          const before = snapshot.keys.get(key);
          return before !== undefined && before.write !== write;
        });
        expect(resources(changed).sort()).toEqual(written.map(({ key }) => resourceOf(key)).sort());
      }),
      { numRuns: 300 },
    );
  });

  const [a, b, c] = ['/registry/pods/n/a', '/registry/pods/n/b', '/registry/pods/n/c'];
  const past = new Keyspace().put(a, b, c);
  const snapshot = new Keyspace(past).put(a, b).put(c);
  const hundred = Array.from({ length: 100 }, () => a);
  test.each<[what: string, live: Keyspace, why: RegExp | undefined]>([
    ['the snapshot as it is', new Keyspace(snapshot), undefined],
    ['one that has gone on', new Keyspace(snapshot).put(a).delete(b), undefined],
    ['one restored from an older state with a bump', new Keyspace(past, 1000).put(b), undefined],
    [
      'one restored from an older state with a bump, where all was written anew',
      new Keyspace(past, 1000).put(a, b, c),
      undefined,
    ],
    ['one that is behind the snapshot', past, /etcd is at revision 4, and the snapshot at 7/],
    ['one restored from an older state without a bump', new Keyspace(past).put(b, c, a, b), /other writes/],
    [
      'one that used few revisions anew, which nothing shows and makes nothing wrong',
      new Keyspace(past).put(b, ...hundred),
      undefined,
    ],
    ['another, much older cluster', new Keyspace().put(c, b, ...hundred), /other writes/],
    ['another, much newer one', new Keyspace(undefined, 1000).put(a, b), /no key that both have/],
    ['one in which nothing is left', new Keyspace(snapshot).delete(a, b, c), undefined],
  ])('with %s', async (_what, live, why) => {
    const found = await compared(snapshot, live);
    expect(found.why).toEqual(why === undefined ? undefined : expect.stringMatching(why));
  });

  test('the key of no bytes, which a restore with a bump leaves, is none', async () => {
    const bumped = new Keyspace(snapshot).put('');
    expect(await compared(bumped, new Keyspace(snapshot, 1000))).toMatchObject({
      onlySnapshot: { keys: 0 },
      snapshotKeys: 3,
    });
  });

  test('the snapshot is read before etcd is asked; what one of them throws ends the other', async () => {
    const events: string[] = [];
    async function* told(name: string, fails: boolean): AsyncGenerator<KeyState, void, undefined> {
      try {
        events.push(`${name} begins`);
        for (const key of ['a', 'b', 'c']) {
          yield await Promise.resolve({ key, createRevision: 1, modRevision: 1 });
          if (fails) throw new Error('cut');
        }
      } finally {
        events.push(`${name} ends`);
      }
    }
    const comparing = compareKeys({ live: told('live', true), snapshot: told('snapshot', false), snapshotRevision: 1 });
    await expect(comparing).rejects.toThrow('cut');
    expect(events.slice(0, 2)).toEqual(['snapshot begins', 'live begins']);
    expect(events.sort()).toEqual(['live begins', 'live ends', 'snapshot begins', 'snapshot ends']);
  });
});

describe('differences', () => {
  test('are counted by resource and namespace, with the first names; what is no object, apart', () => {
    const counter = new DifferenceCounter();
    const keys = [
      ...['compact_rev_key', '/registry', '\u00ff\u00fe'],
      ...['/registry/configmaps/shop/a', '/registry/configmaps/shop/b', '/registry/configmaps/web/a'],
      ...['1', '2', '3', '4'].map((name) => `/registry/minions/w${name}`),
      ...['/registry/namespaces/legacy', '/registry/example.com/widgets/shop/w', '/registry/services/specs/shop/cart'],
    ];
    for (const key of keys) counter.add(key);
    expect(counter.finish()).toEqual({
      keys: keys.length,
      groups: [
        { resource: 'configmaps', namespace: 'shop', keys: 2, examples: ['a', 'b'] },
        { resource: 'configmaps', namespace: 'web', keys: 1, examples: ['a'] },
        { resource: 'nodes', keys: 4, examples: ['w1', 'w2', 'w3'] },
        { resource: 'namespaces', keys: 1, examples: ['legacy'] },
        { resource: 'widgets.example.com', namespace: 'shop', keys: 1, examples: ['w'] },
        { resource: 'services', namespace: 'shop', keys: 1, examples: ['cart'] },
      ],
      others: { keys: 3, examples: ['compact_rev_key', '/registry', '\ufffd\ufffd'] },
      namespaces: ['legacy'],
    });
  });

  test('with another prefix of the API server', () => {
    const counter = new DifferenceCounter({ etcdPrefix: '/other' });
    counter.add('/other/pods/shop/a');
    counter.add('/registry/pods/shop/a');
    expect(counter.finish()).toMatchObject({ groups: [{ resource: 'pods' }], others: { keys: 1 } });
  });

  test('more groups than there is room for are counted by resource, then apart; no key is lost', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 200 }),
        fc.integer({ min: 2, max: 12 }),
        (names, mostGroups) => {
          const counter = new DifferenceCounter({ mostGroups });
          for (const [resource, namespace] of names) counter.add(`/registry/r${resource}/n${namespace}/x`);
          const { keys, groups, others } = counter.finish();
          expect(keys).toBe(names.length);
          expect(groups.length).toBeLessThanOrEqual(mostGroups);
          expect(groups.reduce((sum, group) => sum + group.keys, others.keys)).toBe(names.length);
        },
      ),
    );
  });
});
