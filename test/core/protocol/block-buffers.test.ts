import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { givingBack, piecesOf } from '../../../core/protocol/block-buffers.ts';

describe('the chunks of a stream', () => {
  test('each is whole when it is given; the memory of a read goes back when a chunk of the next one comes', async () => {
    const reads = ['first', 'second', 'third'].map((word) => Buffer.from(word.repeat(40_960)));
    const chunks = reads.flatMap((read) => [read.subarray(0, 5), read.subarray(5)]);
    const wanted = chunks.map((chunk) => chunk.toString());
    // eslint-disable-next-line @typescript-eslint/require-await -- a stream
    async function* stream() {
      yield* chunks;
    }
    const seen: string[] = [];
    const heldBytes: number[][] = [];
    for await (const chunk of givingBack(stream())) {
      seen.push(chunk.toString());
      heldBytes.push(reads.map(({ length }) => length));
    }
    expect(seen).toEqual(wanted);
    const [one, two, three] = [204_800, 245_760, 204_800];
    expect(heldBytes).toEqual([
      [one, two, three],
      [one, two, three],
      [0, two, three],
      [0, two, three],
      [0, 0, three],
      [0, 0, three],
    ]);
  });
});

describe('a file in pieces', () => {
  let directory: string;
  beforeAll(async () => (directory = await mkdtemp(join(tmpdir(), 'pieces-'))));
  afterAll(() => rm(directory, { recursive: true }));

  test.each([0, 1, 1_048_576, 1_048_577, 2_500_000])('%i bytes', async (sizeBytes) => {
    const content = Buffer.from(Uint8Array.from({ length: sizeBytes }, (_, at) => (at * 31) % 251));
    const path = join(directory, `${sizeBytes}`);
    await writeFile(path, content);
    const pieces: Buffer[] = [];
    for await (const piece of piecesOf(path)) pieces.push(Buffer.from(piece));
    expect(Buffer.concat(pieces).equals(content)).toBe(true);
    expect(pieces).toHaveLength(Math.ceil(sizeBytes / 1_048_576));
  });
});
