import { describe, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { Arriving } from '../../../core/protocol/arriving.ts';

/** A stream whose owner takes its end for the end, and its closing before that for a failure. */
function arrivingOn(stream: PassThrough): { readonly arriving: Arriving; readonly left: () => number } {
  let left = 0;
  const arriving = new Arriving(stream, () => {
    left += 1;
    stream.destroy();
  });
  stream.once('end', () => arriving.end());
  stream.once('error', (error) => arriving.fail(error));
  return { arriving, left: () => left };
}

async function bytesOf(arriving: Arriving, pause: () => Promise<void> = turn): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of arriving) {
    pieces.push(piece);
    await pause();
  }
  return Buffer.concat(pieces);
}

describe('what arrives on a stream', () => {
  test('is read in order and whole, however writer and reader take turns', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }), waits: fc.boolean() })),
        fc.array(fc.boolean(), { minLength: 1 }),
        async (writes, readerWaits) => {
          const stream = new PassThrough();
          const { arriving } = arrivingOn(stream);
          let read = 0;
          const reading = bytesOf(arriving, () =>
            readerWaits[read++ % readerWaits.length] ? turn() : Promise.resolve(),
          );
          for (const { bytes, waits } of writes) {
            stream.write(bytes);
            if (waits) await turn();
          }
          stream.end();
          expect(await reading).toEqual(Buffer.concat(writes.map(({ bytes }) => bytes)));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('a reader that is slow holds the stream back, and gets everything all the same', async () => {
    const stream = new PassThrough({ highWaterMark: 16 * 1024 });
    const { arriving } = arrivingOn(stream);
    const piece = Buffer.alloc(8 * 1024, 'a');
    let writtenBytes = 0;
    while (stream.write(piece)) {
      writtenBytes += piece.length;
      if (writtenBytes > 64 * 1024 * 1024) throw new Error('nothing holds it back');
      await turn();
    }
    writtenBytes += piece.length;
    expect(writtenBytes).toBeLessThan(512 * 1024);
    stream.end();
    expect((await bytesOf(arriving)).length).toBe(writtenBytes);
  });

  test('what had come before a failure is read first; the failure is also told to who waits for something else', async () => {
    const stream = new PassThrough();
    const { arriving } = arrivingOn(stream);
    const failed = expect(arriving.failed).rejects.toThrow('cut');
    stream.write('one');
    await turn();
    stream.destroy(new Error('cut'));
    await failed;
    expect(await arriving.next()).toEqual({ done: false, value: Buffer.from('one') });
    await expect(arriving.next()).rejects.toThrow('cut');
  });

  test('a reader that waits hears of the failure, and the first outcome counts', async () => {
    const stream = new PassThrough();
    const { arriving } = arrivingOn(stream);
    const reading = bytesOf(arriving);
    await turn();
    arriving.fail(new Error('cut'));
    arriving.end();
    await expect(reading).rejects.toThrow('cut');
  });

  test('leaving the loop tells the sender to stop, once, and keeps nothing', async () => {
    const stream = new PassThrough();
    const { arriving, left } = arrivingOn(stream);
    stream.write('one');
    stream.write('two');
    for await (const piece of arriving) {
      expect(piece.toString()).toBe('one');
      break;
    }
    expect(left()).toBe(1);
    expect(await arriving.next()).toEqual({ done: true, value: undefined });
  });
});
