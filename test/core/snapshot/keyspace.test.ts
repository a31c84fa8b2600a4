import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Database } from '../../../core/snapshot/bbolt/database.ts';
import { readKey, readKeys, readValue } from '../../../core/snapshot/keyspace.ts';
import type { KeyRecord } from '../../../core/snapshot/keyspace.ts';
import { KeyRun } from '../../../core/snapshot/key-run.ts';
import { mergeRuns } from '../../../core/snapshot/run-file.ts';
import { SpilledRuns } from '../../../core/snapshot/spilled-runs.ts';
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

test('runs of keys are a map in order, however little fits in memory, and what an earlier one says holds', async () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\u00ff', '\0'), maxLength: 4 });
  const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  const state = fc.record({
    ...{ key, createRevision: number, modRevision: number, sub: fc.nat(), version: fc.nat(2), valueBytes: fc.nat() },
    lease: fc.option(
      fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((id) => id.toString(16)),
      { nil: undefined },
    ),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uniqueArray(state, { maxLength: 60, selector: (each) => each.key }), { maxLength: 6 }),
      key,
      fc.constantFrom(0, 300, 40_000),
      async (runs, prefix, paddingBytes) => {
        // Long keys make many blocks of few, and blocks of one.
        const padded = runs.map((run) => run.map((each) => ({ ...each, key: each.key + 'x'.repeat(paddingBytes) })));
        const expected = new Map<string, KeyRecord>();
        await using spilled = new SpilledRuns();
        const run = new KeyRun(1000);
        for (const states of padded) {
          run.clear();
          for (const { lease, ...each } of states) {
            const record = { ...each, ...(lease === undefined ? {} : { lease }) };
            run.add(record);
            if (!expected.has(each.key)) expected.set(each.key, record);
          }
          expect([...run.sorted()].map((each) => each.key)).toEqual(states.map((each) => each.key).sort());
          await spilled.write(run);
        }
        for (const wanted of ['', prefix]) {
          const found: KeyRecord[] = [];
          for await (const record of mergeRuns(spilled.read(wanted))) found.push(record);
          expect(found).toEqual(
            [...expected.values()]
              .filter((each) => each.version > 0 && each.key.startsWith(wanted))
              .sort((a, b) => (a.key < b.key ? -1 : 1)),
          );
        }
      },
    ),
    { numRuns: 60 },
  );
});
