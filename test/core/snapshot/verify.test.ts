import { appendFile, mkdir, open, truncate } from 'node:fs/promises';
import * as path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../core/failure.ts';
import { manifestFormat, readManifest, writeManifest } from '../../../core/snapshot/manifest.ts';
import type { SnapshotManifest } from '../../../core/snapshot/manifest.ts';
import { openFile } from '../../../core/snapshot/source.ts';
import type { RandomAccess } from '../../../core/snapshot/source.ts';
import { verifySnapshot } from '../../../core/snapshot/verify.ts';
import { fixtures, flipped, inMemory, readFixture, resealed, temporaryFile } from './fixtures/fixtures.ts';

async function verify(bytes: Uint8Array, manifest?: SnapshotManifest) {
  await using file = await temporaryFile(bytes);
  await using source = await openFile(file.path);
  return await verifySnapshot({ source, manifest });
}

describe('a sound snapshot', () => {
  test.each(['etcd34', 'etcd35'] as const)('of %s is sound', async (name) => {
    const verdict = await verify(await readFixture(name));
    expect(verdict).toMatchObject({
      sound: true,
      problems: [],
      trailer: 'matches',
      manifest: 'absent',
      summary: { revision: 67 },
    });
  });

  test('without its trailing checksum is sound, and the verdict says that there is none', async () => {
    const snapshot = await readFixture('etcd35');
    const member = Buffer.concat([snapshot.subarray(0, -32), Buffer.alloc(65_536)]);
    expect(await verify(member)).toMatchObject({ sound: true, trailer: 'absent' });
  });

  test('progress reaches the end and never goes back', async () => {
    await using source = await openFile(fixtures.etcd34);
    const seen: number[] = [];
    await verifySnapshot({
      source,
      onProgress: (done, total) => (expect(total).toBe(source.sizeBytes), seen.push(done)),
    });
    expect(seen.at(-1)).toBe(source.sizeBytes);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });
});

describe('bad input', () => {
  test.each<[what: string, change: (snapshot: Buffer) => Uint8Array, text: RegExp]>([
    ['empty', () => Buffer.alloc(0), /^the file is empty$/],
    ['text', () => Buffer.from('no backup today\n'), /looks like text/],
    ['JSON', () => Buffer.from('{"error":"forbidden"}'), /looks like JSON/],
    ['a web page', () => Buffer.from('<!DOCTYPE html><html></html>'), /looks like a web page/],
    ['zeros', () => Buffer.alloc(10_000), /looks like zeros/],
    ['gzip', (snapshot) => gzipSync(snapshot), /looks like gzip: .*gunzip/],
    ['zstd', (snapshot) => zstdCompressSync(snapshot), /looks like zstd: .*zstd -d/],
    ['age', () => Buffer.from('age-encryption.org/v1\n-> X25519 abc\n'), /encrypted with age/],
    [
      'a shifted snapshot',
      (snapshot) => Buffer.concat([Buffer.from([7]), snapshot]),
      /page 0, offset 0x10: the magic number/,
    ],
    ['cut to a page', (snapshot) => snapshot.subarray(0, 4096), /truncated: 4096 bytes of 65568; 61472 are missing/],
    [
      'cut inside the checksum',
      (snapshot) => snapshot.subarray(0, -7),
      /truncated inside etcd's checksum: 65561 bytes of 65568/,
    ],
    ['cut to look like a snapshot', (snapshot) => snapshot.subarray(0, 8192 + 32), /truncated: 8224 bytes of 65568/],
    ['too long', (snapshot) => Buffer.concat([snapshot, Buffer.from('tail')]), /too long: 65572 bytes, 4 more/],
    [
      'an altered value',
      (snapshot) => flipped(snapshot, 40_000),
      /altered after etcd wrote it: its sha256 is [0-9a-f]{64}/,
    ],
    ['an altered checksum', (snapshot) => flipped(snapshot, snapshot.length - 1), /altered after etcd wrote it/],
    [
      'another version',
      (snapshot) => resealed(flipped(snapshot, 20)),
      /page 0, offset 0x14: the format's version is 3, not 2/,
    ],
    [
      'a damaged meta 1',
      (snapshot) => resealed(flipped(snapshot, 4096 + 60)),
      /page 1, offset 0x1048: the meta's checksum/,
    ],
  ])('%s', async (_what, change, text) => {
    const verdict = await verify(change(await readFixture('etcd35')));
    expect(verdict.sound).toBe(false);
    expect(verdict.problems.map((problem) => problem.text).join('\n')).toMatch(text);
  });

  test('truncated anywhere, it is never sound, unless just the checksum is gone', async () => {
    const snapshot = await readFixture('etcd35');
    const reasonsAt = async (length: number) => {
      const verdict = await verifySnapshot({ source: inMemory(snapshot.subarray(0, length)) });
      return verdict.problems.map(({ reason }) => reason);
    };
    for (let length = 0; length < snapshot.length; length += 509)
      expect([length, await reasonsAt(length)]).not.toEqual([length, []]);
    for (const missing of [1, 31, 33, 512, 544]) expect(await reasonsAt(snapshot.length - missing)).not.toEqual([]);
    expect(await reasonsAt(snapshot.length - 32)).toEqual([]);
  }, 60_000);

  test.each<[what: string, file: (directory: string) => Promise<string>, reason: string]>([
    [
      'a directory',
      async (directory) => (await mkdir(path.join(directory, 'd')), path.join(directory, 'd')),
      'not-a-file',
    ],
    ['a missing file', (directory) => Promise.resolve(path.join(directory, 'none')), 'snapshot-not-found'],
    ['a device', () => Promise.resolve('/dev/zero'), 'not-a-file'],
  ])('%s cannot be opened', async (_what, file, reason) => {
    await using made = await temporaryFile(Buffer.alloc(1));
    const target = await file(path.dirname(made.path));
    await expect(openFile(target)).rejects.toMatchObject({ name: 'Failure', reason } satisfies Partial<Failure>);
  });

  test.each([
    ['grows', async (file: string) => await appendFile(file, 'more')],
    ['shrinks', async (file: string) => await truncate(file, 10_000)],
  ])('a file that %s while it is read is said to have changed', async (_what, change) => {
    await using file = await temporaryFile(await readFixture('etcd35'));
    await using source = await openFile(file.path);
    await change(file.path);
    await expect(verifySnapshot({ source })).rejects.toMatchObject({ reason: 'snapshot-changed' });
  });
});

describe('the manifest', () => {
  const member = {
    id: '1',
    name: 'one',
    learner: false,
    peerUrls: ['http://10.0.0.1:2380'],
    clientUrls: ['http://10.0.0.1:2379'],
  };
  async function manifestOf(name: keyof typeof fixtures): Promise<SnapshotManifest> {
    const { sha256, sizeBytes, summary } = await verify(await readFixture(name));
    return {
      format: manifestFormat,
      sha256,
      sizeBytes,
      revision: summary?.revision ?? 0,
      raftIndex: summary?.consistentIndex ?? 0,
      raftTerm: summary?.term ?? 2,
      etcdVersion: '3.5.16',
      cluster: { name: 'prod-eu1', uid: '91fe22b0-0000-0000-0000-000000000000', etcdClusterId: 'cdf818194e3a8c32' },
      members: [member],
      time: '2026-11-21T10:15:02.000Z',
      node: 'cp1',
      memberId: '1',
      pluginVersion: '0.1.0',
      confirmed: { revision: 67 },
    };
  }

  test('comes back as it was written, and agrees with its snapshot', async () => {
    await using file = await temporaryFile(await readFixture('etcd35'));
    const manifest = await manifestOf('etcd35');
    await writeManifest(file.path, manifest);
    const read = await readManifest(file.path);
    expect(read).toEqual(manifest);
    await using source = await openFile(file.path);
    expect(await verifySnapshot({ source, manifest: read })).toMatchObject({ sound: true, manifest: 'agrees' });
  });

  test('is absent where there is none, and a failure where it is damaged', async () => {
    await using file = await temporaryFile(await readFixture('etcd35'));
    expect(await readManifest(file.path)).toBeUndefined();
    await appendFile(`${file.path}.json`, '{"format":"kubectl-etcd.snapshot/v1","sha256":7}');
    await expect(readManifest(file.path)).rejects.toMatchObject({
      reason: 'manifest-unreadable',
      why: expect.stringContaining('sha256'),
    });
  });

  test('of another snapshot names every field that differs, with both values', async () => {
    const verdict = await verify(await readFixture('etcd34'), await manifestOf('etcd35'));
    expect(verdict).toMatchObject({ sound: false, manifest: 'differs' });
    expect(verdict.problems.map(({ reason }) => reason)).toEqual(verdict.problems.map(() => 'differs-from-manifest'));
    expect(verdict.problems[0]?.text).toBe('the manifest says sizeBytes 65568, and it is 69664');
  });
});

describe('the sha256 by a thread beside the walk', () => {
  /** Both ways of the same file. */
  async function bothWays(bytes: Uint8Array) {
    await using file = await temporaryFile(bytes);
    await using source = await openFile(file.path);
    return [await verifySnapshot({ source, leastBytesBeside: 1 }), await verifySnapshot({ source })] as const;
  }

  test.each<[what: string, change: (snapshot: Buffer) => Uint8Array]>([
    ['a sound snapshot', (snapshot) => snapshot],
    ['an altered value', (snapshot) => flipped(snapshot, 40_000)],
    ['an altered checksum', (snapshot) => flipped(snapshot, snapshot.length - 1)],
    ['a damaged page', (snapshot) => flipped(snapshot, 4096 * 2 + 8)],
    ['a damaged page, resealed', (snapshot) => resealed(flipped(snapshot, 4096 * 2 + 8))],
    ['noise behind the metas', (snapshot) => Buffer.concat([snapshot.subarray(0, 8192), Buffer.alloc(57_376, 0xa5)])],
    ['no checksum', (snapshot) => Buffer.concat([snapshot.subarray(0, -32), Buffer.alloc(65_536)])],
    ['cut to a page', (snapshot) => snapshot.subarray(0, 4096)],
    ['cut to look like a snapshot', (snapshot) => snapshot.subarray(0, 8192 + 32)],
    ['cut inside the checksum', (snapshot) => snapshot.subarray(0, -7)],
    ['too long', (snapshot) => Buffer.concat([snapshot, Buffer.from('tail')])],
    ['no database', () => Buffer.alloc(5_000_000, 'no backup today\n')],
    ['hardly anything', () => Buffer.alloc(33, 'x')],
    ['less than a checksum', () => Buffer.alloc(31, 'x')],
    ['nothing', () => Buffer.alloc(0)],
  ])('tells of %s what it tells without', async (_what, change) => {
    const [beside, alone] = await bothWays(change(await readFixture('etcd35')));
    expect(beside).toEqual(alone);
  });

  test('tells how far it is, to the end, and then of pages', async () => {
    await using file = await temporaryFile(
      Buffer.concat([await readFixture('etcd35'), Buffer.alloc(64 * 1024 * 1024)]),
    );
    await using source = await openFile(file.path);
    const seen: number[] = [];
    await verifySnapshot({ source, leastBytesBeside: 1, onProgress: (done) => seen.push(done) });
    expect(seen.length).toBeGreaterThan(10);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBeGreaterThan(source.sizeBytes - 5 * 1024 * 1024);
  });

  test.each([
    ['grows', async (file: string) => await appendFile(file, 'more')],
    ['shrinks', async (file: string) => await truncate(file, 10_000)],
  ])('says that a file that %s while it is read has changed', async (_what, change) => {
    await using file = await temporaryFile(await readFixture('etcd35'));
    await using source = await openFile(file.path);
    await change(file.path);
    await expect(verifySnapshot({ source, leastBytesBeside: 1 })).rejects.toMatchObject({ reason: 'snapshot-changed' });
  });

  test('says why a file cannot be read, in the words of reading it here', async () => {
    await using file = await temporaryFile(await readFixture('etcd35'));
    await using source = await openFile(file.path);
    // Open for writing alone: the thread's reads fail as those of a broken disk do.
    await using unreadable = await open(file.path, 'a');
    const broken: RandomAccess = {
      ...{ name: file.path, sizeBytes: source.sizeBytes, descriptor: unreadable.fd },
      read: async (...asked) => await source.read(...asked),
      assertUnchanged: async () => await source.assertUnchanged(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    expect(await verifySnapshot({ source: broken, leastBytesBeside: 1 })).toMatchObject({
      sound: true,
      trailer: 'matches',
    });
    const reason = new Failure({ reason: 'snapshot-unreadable', what: 'cannot read it' });
    let reads = 0;
    const failing = {
      ...broken,
      read: async (at: number, length: number) => {
        // The walk of this small file is through by then.
        if (length > 60_000) throw reason;
        reads += 1;
        return await source.read(at, length);
      },
    };
    await expect(verifySnapshot({ source: failing, leastBytesBeside: 1 })).rejects.toBe(reason);
    expect(reads).toBeGreaterThan(0);
  });

  test('stops with its caller, whatever it is doing', async () => {
    // Sparse: a second of hashing, and nothing to walk.
    await using file = await temporaryFile(Buffer.from('no database'));
    await truncate(file.path, 4 * 1024 ** 3);
    await using source = await openFile(file.path);
    const stop = new AbortController();
    const begunMs = performance.now();
    const verified = verifySnapshot({ source, signal: stop.signal, onProgress: () => stop.abort(new Error('Ctrl-C')) });
    await expect(verified).rejects.toThrow('Ctrl-C');
    expect(performance.now() - begunMs).toBeLessThan(2_000);
  });
});
