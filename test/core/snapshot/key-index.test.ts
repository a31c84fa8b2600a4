import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Database } from '../../../core/snapshot/bbolt/database.ts';
import { indexedKey, indexedKeys } from '../../../core/snapshot/indexed-keys.ts';
import { KeyIndex, writeKeyIndex } from '../../../core/snapshot/key-index.ts';
import { readKey, readKeys } from '../../../core/snapshot/keyspace.ts';
import type { KeyRecord } from '../../../core/snapshot/keyspace.ts';
import { openFile } from '../../../core/snapshot/source.ts';
import { readFixture, temporaryFile } from './fixtures/fixtures.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'key-index-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function gathered(records: AsyncIterable<KeyRecord>): Promise<KeyRecord[]> {
  const found: KeyRecord[] = [];
  for await (const record of records) found.push(record);
  return found;
}

test('finds by halving what a list would have found', async () => {
  // Long enough for many blocks, and with keys that are prefixes of others.
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\u00ff', '"'), maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 300 }),
      key,
      fc.nat(2000),
      async (names, prefix, paddingBytes) => {
        const padding = 'x'.repeat(paddingBytes);
        const records = names
          .map((name) => `${name}${padding}`)
          .sort()
          .map((name, at): KeyRecord => ({
            ...{ key: name, createRevision: at, modRevision: at + 1, version: 1, valueBytes: at, sub: 0 },
            ...(at % 2 === 0 ? {} : { lease: 'abc' }),
          }));
        // eslint-disable-next-line @typescript-eslint/require-await -- as an index is written: as records come
        const come = async function* () {
          yield* records;
        };
        expect(await writeKeyIndex(directory, 'one', come)).toBe(true);
        await using index = await KeyIndex.open(directory, 'one');
        if (index === undefined) throw new Error('not there');
        expect(await gathered(index.range(prefix))).toEqual(records.filter((record) => record.key.startsWith(prefix)));
        for (const record of records.slice(0, 3)) expect(await index.get(record.key)).toEqual(record);
        expect(await index.get(`${prefix}none`)).toBeUndefined();
      },
    ),
    { numRuns: 60 },
  );
});

describe('the keys of a snapshot by its index', () => {
  const leastBytes = 1;

  test('are those of a scan, and the second time nothing is written', async () => {
    await using file = await temporaryFile(await readFixture('etcd35'));
    await using source = await openFile(file.path);
    const database = await Database.open(source);
    const indexDirectory = path.join(directory, 'deep', 'down');
    const options = { database, prefixes: ['/registry/key1', '/registry/big', '/registry/key1'] };
    const scanned = await gathered(readKeys(options));
    expect(await gathered(indexedKeys({ ...options, indexDirectory, leastBytes }))).toEqual(scanned);
    const [name = ''] = await readdir(indexDirectory);
    const written = await stat(path.join(indexDirectory, name));
    expect(written.mode & 0o777).toBe(0o600);
    expect((await stat(indexDirectory)).mode & 0o777).toBe(0o700);
    expect(await readFile(path.join(indexDirectory, name), 'utf8')).not.toContain('value 43');
    expect(await gathered(indexedKeys({ ...options, indexDirectory, leastBytes }))).toEqual(scanned);
    expect((await stat(path.join(indexDirectory, name))).mtimeMs).toBe(written.mtimeMs);
    for (const keys of [['/registry/key7'], ['/registry/key4'], ['/registry/a', '/registry/b']])
      expect(await indexedKey({ database, keys, indexDirectory, leastBytes })).toEqual(
        await readKey({ database, keys }),
      );
    // An older state is none of the index's.
    expect(await gathered(indexedKeys({ ...options, revision: 50, indexDirectory, leastBytes }))).toEqual(
      await gathered(readKeys({ ...options, revision: 50 })),
    );
  });

  test('of a file that is another by now are looked up anew', async () => {
    await using file = await temporaryFile(await readFixture('etcd35'));
    const identityNow = async () => {
      await using source = await openFile(file.path);
      return source.identity;
    };
    const before = await identityNow();
    // The same size, and the same time as far as anybody can set it.
    const { atime, mtime } = await stat(file.path);
    await writeFile(file.path, await readFixture('etcd35'));
    await utimes(file.path, atime, mtime);
    expect(await identityNow()).not.toBe(before);
  });

  test('are scanned for where no index can be written', async () => {
    await using file = await temporaryFile(await readFixture('etcd35'));
    await using source = await openFile(file.path);
    const database = await Database.open(source);
    const options = { database, prefixes: ['/registry/'] };
    // A file where the directory would be.
    const found = await gathered(indexedKeys({ ...options, indexDirectory: path.join(file.path, 'x'), leastBytes }));
    expect(found).toEqual(await gathered(readKeys(options)));
  });

  test('a damaged index says what to delete', async () => {
    await using file = await temporaryFile(await readFixture('etcd35'));
    await using source = await openFile(file.path);
    const database = await Database.open(source);
    const indexDirectory = path.join(directory, 'damaged');
    const options = { database, prefixes: ['/registry/'], indexDirectory, leastBytes };
    await gathered(indexedKeys(options));
    const [name = ''] = await readdir(indexDirectory);
    const index = path.join(indexDirectory, name);
    await writeFile(index, (await readFile(index, 'utf8')).replaceAll('["/registry', '[7,"/registry'));
    await expect(gathered(indexedKeys(options))).rejects.toMatchObject({ reason: 'key-index-damaged' });
  });

  test('no more than eight are kept', async () => {
    const kept = path.join(directory, 'kept');
    const none = async function* (): AsyncGenerator<KeyRecord> {};
    for (let at = 0; at < 12; at++) await writeKeyIndex(kept, String(at), none);
    expect(await readdir(kept)).toHaveLength(8);
    await using last = await KeyIndex.open(kept, '11');
    expect(last).toBeDefined();
  });
});
