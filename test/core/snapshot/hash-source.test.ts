import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { hashInThread, hashSource } from '../../../core/snapshot/hash-source.ts';
import { openFile } from '../../../core/snapshot/source.ts';
import { SeededRandom } from '../../bench/seeded-random.ts';
import { temporaryFile } from './fixtures/fixtures.ts';

const mebibyte = 1024 * 1024;
const never = new AbortController().signal;

describe('a thread hashes a file', () => {
  test.each([32, 33, 512 + 32, mebibyte, mebibyte + 31, mebibyte + 32, 9 * mebibyte + 32])(
    'of %d bytes as it is hashed here',
    async (sizeBytes) => {
      const bytes = new SeededRandom(String(sizeBytes)).bytes(sizeBytes);
      createHash('sha256')
        .update(bytes.subarray(0, -32))
        .digest()
        .copy(bytes, sizeBytes - 32);
      await using file = await temporaryFile(bytes);
      await using source = await openFile(file.path);
      const seen: number[] = [];
      const hashes = await hashInThread({
        ...{ descriptor: source.descriptor ?? -1, sizeBytes, signal: never },
        onProgress: (done) => seen.push(done),
      });
      expect(hashes).toEqual(await hashSource({ source }));
      expect(hashes).toMatchObject({ sizeBytes, sha256: createHash('sha256').update(bytes).digest('hex') });
      expect(seen).toEqual(sizeBytes > 9 * mebibyte ? [4 * mebibyte, 8 * mebibyte] : []);
    },
  );

  test('and has no answer where the file ends early or cannot be read', async () => {
    await using file = await temporaryFile(Buffer.alloc(100_000));
    await using shorter = await open(file.path, 'r');
    await using unreadable = await open(file.path, 'a');
    for (const [descriptor, sizeBytes] of [
      [shorter.fd, 100_001],
      [unreadable.fd, 100_000],
      [1_000_000, 100_000],
    ] as const)
      expect(await hashInThread({ descriptor, sizeBytes, signal: never, onProgress: () => undefined })).toBeUndefined();
  });

  test('and stops when it is told to, with the reason it was given', async () => {
    await using file = await temporaryFile(Buffer.alloc(64));
    await using large = await open(file.path, 'r+');
    await large.truncate(4 * 1024 ** 3);
    const stop = new AbortController();
    const told = new Error('enough');
    const hashing = hashInThread({
      ...{ descriptor: large.fd, sizeBytes: 4 * 1024 ** 3, signal: stop.signal },
      onProgress: () => stop.abort(told),
    });
    await expect(hashing).rejects.toBe(told);
    await expect(
      hashInThread({ descriptor: large.fd, sizeBytes: 64, signal: stop.signal, onProgress: () => undefined }),
    ).rejects.toBe(told);
  });
});
