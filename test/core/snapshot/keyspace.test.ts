import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Database } from '../../../core/snapshot/bbolt/database.ts';
import { readKey, readKeys, readValue } from '../../../core/snapshot/keyspace.ts';
import { SortedRuns } from '../../../core/snapshot/sorted-runs.ts';
import { readStatus } from '../../../core/snapshot/status.ts';
import { fixtures, inMemory, readFixture } from './fixtures/fixtures.ts';

const databaseOf = async (name: keyof typeof fixtures) => await Database.open(inMemory(await readFixture(name)));

async function keysAt(
  options: Omit<Parameters<typeof readKeys>[0], 'prefixes'> & { prefixes?: readonly string[] },
): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of readKeys({ prefixes: [''], ...options })) keys.push(key);
  return keys;
}

/** As make-plain.sh wrote it: key0 to key19 in turns up to revision 61, then a deletion, a large value, a leased key, and so on. */
describe.each(['etcd34', 'etcd35'] as const)('the keyspace of %s', (name) => {
  test('the newest state has every key that exists, in order, and none that was deleted', async () => {
    const keys = await keysAt({ database: await databaseOf(name) });
    expect(keys).toEqual([...keys].sort());
    expect(keys).toHaveLength(23);
    expect(keys).toEqual(
      expect.arrayContaining(['/registry/a', '/registry/big', '/registry/key3', '/registry/leased']),
    );
    expect(keys).not.toContain('/registry/key4');
  });

  test.each([
    [61, { big: false, key3: 'value 43', key4: true }],
    [62, { big: false, key3: undefined, key4: true }],
    [63, { big: true, key3: undefined, key4: true }],
    [65, { big: true, key3: 'again', key4: true }],
    [66, { big: true, key3: 'again', key4: false }],
    [67, { big: true, key3: 'again', key4: false }],
  ])('at revision %i it is as it was then', async (revision, expected) => {
    const database = await databaseOf(name);
    const keys = await keysAt({ database, revision });
    expect({ big: keys.includes('/registry/big'), key4: keys.includes('/registry/key4') }).toEqual({
      big: expected.big,
      key4: expected.key4,
    });
    const key3 = await readKey({ database, keys: ['/registry/key3'], revision });
    const value = key3 && (await readValue(database, key3)).toString();
    expect(value?.slice(0, expected.key3?.length ?? 0)).toBe(expected.key3);
  });

  test('a key says when it was created, how often it changed and how long its value is', async () => {
    const database = await databaseOf(name);
    expect(await readKey({ database, keys: ['/registry/key7'] })).toMatchObject({
      createRevision: 8,
      modRevision: 48,
      version: 3,
      valueBytes: 109,
    });
    expect(await readKey({ database, keys: ['/registry/big'] })).toMatchObject({ version: 1, valueBytes: 9000 });
    expect(await readKey({ database, keys: ['/registry/b'] })).toMatchObject({ modRevision: 67, sub: 1 });
    expect((await readKey({ database, keys: ['/registry/leased'] }))?.lease).toMatch(/^[0-9a-f]{15,16}$/);
  });

  test('a value over several pages comes back whole', async () => {
    const database = await databaseOf(name);
    const record = await readKey({ database, keys: ['/registry/big'] });
    if (record === undefined) throw new Error('not found');
    expect((await readValue(database, record)).toString()).toBe('x'.repeat(9000));
  });

  test.each([
    [29, 'revision-compacted', '--revision 30'],
    [68, 'revision-future', 'leave out --revision for the newest state'],
  ])('revision %i: %s', async (revision, reason, next) => {
    const database = await databaseOf(name);
    await expect(keysAt({ database, revision })).rejects.toMatchObject({ reason, next });
    await expect(readKey({ database, keys: ['/registry/a'], revision })).rejects.toMatchObject({ reason });
  });

  test('prefixes choose', async () => {
    const database = await databaseOf(name);
    expect(await keysAt({ database, prefixes: ['/registry/key1'] })).toHaveLength(11);
    expect(await keysAt({ database, prefixes: ['/registry/key1', '/registry/big'] })).toHaveLength(12);
    expect(await keysAt({ database, prefixes: ['none'] })).toEqual([]);
    expect(await keysAt({ database, prefixes: [] })).toEqual([]);
  });

  test('what does not fit in memory is the same', async () => {
    const database = await databaseOf(name);
    expect(await keysAt({ database, runBytes: 500 })).toEqual(await keysAt({ database }));
  });

  test('status counts the same live keys', async () => {
    const source = inMemory(await readFile(fixtures[name]));
    expect((await readStatus(source)).liveKeys).toBe((await keysAt({ database: await Database.open(source) })).length);
  });
});

test('sorted runs are a map in order, however little fits in memory', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.nat()), { maxLength: 200 }),
      fc.integer({ min: 1, max: 5000 }),
      async (puts, runBytes) => {
        await using runs = new SortedRuns<{ key: string; value: number }>(runBytes);
        const expected = new Map<string, number>();
        for (const [key, value] of puts) {
          await runs.put(key, { key, value });
          expected.set(key, value);
        }
        const found: [string, number][] = [];
        for await (const { key, value } of runs.sorted()) found.push([key, value]);
        expect(found).toEqual([...expected].sort(([a], [b]) => (a < b ? -1 : 1)));
      },
    ),
    { numRuns: 60 },
  );
});
