import { appendFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Database } from '../../../core/snapshot/bbolt/database.ts';
import { indexedKey, indexedKeys } from '../../../core/snapshot/indexed-keys.ts';
import { KeyIndex, writeKeyIndex } from '../../../core/snapshot/key-index.ts';
import { KeyRun } from '../../../core/snapshot/key-run.ts';
import { readKey, readKeys } from '../../../core/snapshot/keyspace.ts';
import type { KeyRecord } from '../../../core/snapshot/keyspace.ts';
import { openFile } from '../../../core/snapshot/source.ts';
import { SeededRandom } from '../../bench/seeded-random.ts';
import { flipped, readFixture, temporaryFile } from './fixtures/fixtures.ts';

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

/** In runs of a few. */
async function* runsOf(records: readonly KeyRecord[], each: number): AsyncGenerator<KeyRun> {
  const run = new KeyRun(1000);
  for (let at = 0; at < records.length; at += each) {
    run.clear();
    for (const record of records.slice(at, at + each)) run.add(record);
    yield await Promise.resolve(run);
  }
}
const assertValid = () => Promise.resolve();

test('finds in its runs what a list would have found', async () => {
  // Long enough for many blocks, and with keys that are prefixes of others.
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\u00ff', '"'), maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 300 }),
      key,
      fc.integer({ min: 1, max: 300 }),
      fc.nat(2000),
      async (names, prefix, inRun, paddingBytes) => {
        const padding = 'x'.repeat(paddingBytes);
        const records = names.map((name, at): KeyRecord => ({
          ...{
            key: `${name}${padding}`,
            createRevision: at,
            modRevision: at + 1,
            version: at % 7,
            valueBytes: at,
            sub: 0,
          },
          ...(at % 2 === 0 ? {} : { lease: 'abc' }),
        }));
        expect(await writeKeyIndex(directory, 'one', { runs: () => runsOf(records, inRun), assertValid })).toBe(true);
        await using index = await KeyIndex.open(directory, 'one');
        if (index === undefined) throw new Error('not there');
        const there = records.filter((record) => record.version > 0).sort((a, b) => (a.key < b.key ? -1 : 1));
        expect(await gathered(index.range(prefix))).toEqual(there.filter((record) => record.key.startsWith(prefix)));
        for (const record of there.slice(0, 3)) expect(await index.get(record.key)).toEqual(record);
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
    await using source = await openFile(file.path, { settledMs: 0 });
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
      await using source = await openFile(file.path, { settledMs: 0 });
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
    await using source = await openFile(file.path, { settledMs: 0 });
    const database = await Database.open(source);
    const options = { database, prefixes: ['/registry/'] };
    // A file where the directory would be.
    const found = await gathered(indexedKeys({ ...options, indexDirectory: path.join(file.path, 'x'), leastBytes }));
    expect(found).toEqual(await gathered(readKeys(options)));
  });

  /** A snapshot with an index of many small runs, and what its keys are. */
  async function indexed(name: string) {
    const file = await temporaryFile(await readFixture('kubernetes'));
    const source = await openFile(file.path, { settledMs: 0 });
    const options = {
      ...{ database: await Database.open(source), prefixes: ['/registry/'] },
      ...{ indexDirectory: path.join(directory, name), leastBytes, runBytes: 500 },
    };
    const scanned = await gathered(readKeys(options));
    expect(await gathered(indexedKeys(options))).toEqual(scanned);
    const [index = ''] = await readdir(options.indexDirectory);
    const indexPath = path.join(options.indexDirectory, index);
    const whole = await readFile(indexPath);
    expect(
      whole.toString('latin1').split('[["/').length + whole.toString('latin1').split('],[[').length,
    ).toBeGreaterThan(5);
    const dispose = async () => {
      await source[Symbol.asyncDispose]();
      await file[Symbol.asyncDispose]();
    };
    return { options, scanned, indexPath, whole, [Symbol.asyncDispose]: dispose };
  }

  test('are never wrong, whatever bit of the index turns over, and it is made anew', async () => {
    await using made = await indexed('flipped');
    const { options, scanned, indexPath, whole } = made;
    const key = scanned[scanned.length >> 1]?.key ?? '';
    const expected = await readKey({ ...options, keys: [key] });
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length * 8 - 1), async (bit) => {
        await writeFile(indexPath, flipped(whole, bit >>> 3, bit & 7));
        expect(await indexedKey({ ...options, keys: [key] })).toEqual(expected);
        expect(await gathered(indexedKeys(options))).toEqual(scanned);
        expect(await gathered(indexedKeys(options))).toEqual(scanned);
        expect((await readFile(indexPath)).equals(whole)).toBe(true);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test.each<[what: string, change: (whole: Buffer) => Buffer]>([
    ['empty', () => Buffer.alloc(0)],
    ['only its tail', (whole) => whole.subarray(-8)],
    ['cut at the end', (whole) => whole.subarray(0, -1)],
    ['cut in the middle', (whole) => whole.subarray(0, whole.length >> 1)],
    ['without its beginning', (whole) => whole.subarray(1)],
    ['with something before it', (whole) => Buffer.concat([Buffer.from('x'), whole])],
    ['zeros, as after a loss of power', (whole) => Buffer.alloc(whole.length)],
    ['with a hole of zeros', (whole) => Buffer.from(whole).fill(0, 1000, 1600)],
    ['with its first blocks in the wrong order', (whole) => swapped(whole)],
    ['of another format', (whole) => Buffer.from(whole.toString('latin1').replace('keys 2', 'keys 9'), 'latin1')],
    [
      'of the format before',
      () => Buffer.from('{"format":"kubectl-etcd keys 1","identity":"1-2"}\n["/registry/a",1,1,0,1,1,null]\n'),
    ],
    ['noise', (whole) => new SeededRandom('noise').bytes(whole.length)],
  ])('are never wrong with an index that is %s', async (what, change) => {
    await using made = await indexed(what);
    const { options, scanned, indexPath, whole } = made;
    expect(change(whole).equals(whole)).toBe(false);
    for (const ask of [
      async () => expect(await gathered(indexedKeys(options))).toEqual(scanned),
      async () => expect(await indexedKey({ ...options, keys: [scanned[3]?.key ?? ''] })).toEqual(scanned[3]),
    ]) {
      await writeFile(indexPath, change(whole));
      await ask();
    }
  });

  test('are never those of an index that was made for another file', async () => {
    await using made = await indexed('another');
    const { options, scanned, indexPath } = made;
    const none = { runs: () => runsOf([], 1), assertValid };
    await writeKeyIndex(path.dirname(indexPath), 'another', none);
    const [other = ''] = (await readdir(path.dirname(indexPath))).filter((name) => name !== path.basename(indexPath));
    // As if their names were the same.
    await rename(path.join(path.dirname(indexPath), other), indexPath);
    expect(await gathered(indexedKeys(options))).toEqual(scanned);
  });

  test('have no index of a file that changes meanwhile', async () => {
    await using file = await temporaryFile(await readFixture('etcd35'));
    await using source = await openFile(file.path, { settledMs: 0 });
    const options = { database: await Database.open(source), prefixes: [''], leastBytes };
    const indexDirectory = path.join(directory, 'changing');
    const asked = indexedKeys({ ...options, indexDirectory, onProgress: () => appendFileSync(file.path, 'more') });
    await expect(gathered(asked)).rejects.toMatchObject({ reason: 'snapshot-changed' });
    expect(await readdir(indexDirectory)).toEqual([]);
  });

  test('have no index of a file that was written to a moment ago: its times may not tell the next change', async () => {
    await using file = await temporaryFile(await readFixture('etcd35'));
    await using young = await openFile(file.path);
    expect(young.identity).toBeUndefined();
    await using settled = await openFile(file.path, { settledMs: 0 });
    expect(settled.identity).toBeDefined();
  });

  test('no more than eight are kept, and nothing that a killed program left', async () => {
    const kept = path.join(directory, 'kept');
    const none = { runs: () => runsOf([], 1), assertValid };
    await writeKeyIndex(kept, '0', none);
    const parts = ['abandoned.part', 'of-somebody-else.part'].map((name) => path.join(kept, name));
    for (const part of parts) await writeFile(part, '');
    await utimes(parts[0] ?? '', 1, 1);
    for (let at = 1; at < 12; at++) await writeKeyIndex(kept, String(at), none);
    expect(await readdir(kept)).toHaveLength(9);
    expect(await readdir(kept)).toContain('of-somebody-else.part');
    await using last = await KeyIndex.open(kept, '11');
    expect(last).toBeDefined();
  });
});

/** Two pieces of the same length in each other's place. */
function swapped(whole: Buffer): Buffer {
  const changed = Buffer.from(whole);
  whole.copy(changed, 0, 500, 1000);
  whole.copy(changed, 500, 0, 500);
  return changed;
}
