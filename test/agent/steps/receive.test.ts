import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { receiveStep, takeIn } from '../../../agent/steps/receive.ts';
import type { StepContext } from '../../../agent/steps/step.ts';

const snapshot = readFileSync(resolve(import.meta.dirname, '../../core/snapshot/fixtures/etcd-3.5.db'));
const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const step = { kind: 'receive', file: 'snapshot.db', sizeBytes: snapshot.length, sha256: sha256Of(snapshot) } as const;

const work = mkdtempSync('/tmp/receive-');
afterAll(() => rmSync(work, { recursive: true, force: true }));
let count = 0;
let folder = '';
let asked = 0;
beforeEach(() => {
  folder = join(work, String((count += 1)));
  mkdirSync(folder);
  asked = 0;
});

/** In pieces whose memory is used again for the next one, as that of the blocks is. */
async function* sent(bytes: Buffer, { broken = false } = {}): AsyncGenerator<Buffer, void, undefined> {
  const piece = Buffer.alloc(1000);
  for (let at = 0; at < bytes.length; at += piece.length) {
    const length = bytes.copy(piece, 0, at);
    asked += 1;
    yield piece.subarray(0, length);
    await new Promise(setImmediate);
  }
  if (broken) throw new Error('the connection was lost');
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[bytes.length >> 1] = (copy[bytes.length >> 1] ?? 0) ^ 1;
  return copy;
}

describe('taken in', () => {
  test('as it was sent, readable by root alone, and nothing beside it', async () => {
    const seen: number[] = [];
    await takeIn(step, sent(snapshot), { folder, node: 'n1' }, (done) => seen.push(done));
    expect(readdirSync(folder)).toEqual(['snapshot.db']);
    expect(readFileSync(join(folder, 'snapshot.db'))).toEqual(snapshot);
    expect(statSync(join(folder, 'snapshot.db')).mode & 0o777).toBe(0o600);
    expect(seen.at(-1)).toBe(snapshot.length);
  });

  test.each<[what: string, bytes: AsyncIterable<Buffer>, thrown: object]>([
    ['truncated', sent(snapshot.subarray(0, -1)), { reason: 'stream-damaged' }],
    ['nothing at all', sent(Buffer.alloc(0)), { reason: 'stream-damaged' }],
    ['altered', sent(flipped(snapshot)), { reason: 'stream-damaged' }],
    ['too long by a byte', sent(Buffer.concat([snapshot, Buffer.from('x')])), { reason: 'stream-damaged' }],
    ['broken off at its very end', sent(snapshot, { broken: true }), { message: 'the connection was lost' }],
  ])('%s: there is nothing under its name', async (_what, bytes, thrown) => {
    await expect(takeIn(step, bytes, { folder, node: 'n1' }, () => undefined)).rejects.toMatchObject(thrown);
    expect(existsSync(join(folder, 'snapshot.db'))).toBe(false);
  });

  test('without an end: no more is taken than was announced', async () => {
    const endless = Buffer.concat([snapshot, Buffer.alloc(100_000)]);
    await expect(takeIn(step, sent(endless), { folder, node: 'n1' }, () => undefined)).rejects.toMatchObject({
      reason: 'stream-damaged',
    });
    expect(asked).toBe(Math.floor(snapshot.length / 1000) + 1);
  });

  test('a full disk: its own words, and nothing under its name', async () => {
    symlinkSync('/dev/full', join(folder, 'snapshot.db.part'));
    await expect(takeIn(step, sent(snapshot), { folder, node: 'n1' }, () => undefined)).rejects.toThrow('ENOSPC');
    expect(existsSync(join(folder, 'snapshot.db'))).toBe(false);
  });

  test('a folder that has gone', async () => {
    const gone = join(folder, 'gone');
    await expect(takeIn(step, sent(snapshot), { folder: gone, node: 'n1' }, () => undefined)).rejects.toThrow('ENOENT');
  });

  test('what an earlier one has left is not joined to it', async () => {
    writeFileSync(join(folder, 'snapshot.db.part'), Buffer.alloc(snapshot.length + 5000, 1));
    await takeIn(step, sent(snapshot), { folder, node: 'n1' }, () => undefined);
    expect(readFileSync(join(folder, 'snapshot.db'))).toEqual(snapshot);
  });
});

describe('the step', () => {
  const context = (bytes?: Buffer) =>
    ({
      ...{ node: 'n1', folder, progress: () => undefined, signal: new AbortController().signal },
      fetch: (from: string, file: string) => {
        expect([from, file]).toEqual(['n2', 'snapshot.db']);
        return sent(bytes ?? Buffer.alloc(0));
      },
    }) as Partial<StepContext> as StepContext;

  test('what was sent to this node is verified; nothing was sent: said so', async () => {
    await expect(receiveStep.apply(step, context())).rejects.toMatchObject({ reason: 'file-not-sent' });
    writeFileSync(join(folder, 'snapshot.db'), snapshot);
    await receiveStep.apply(step, context());
    expect(readFileSync(join(folder, 'snapshot.db'))).toEqual(snapshot);
  });

  test('from another node', async () => {
    await receiveStep.apply({ ...step, from: 'n2' }, context(snapshot));
    expect(readFileSync(join(folder, 'snapshot.db'))).toEqual(snapshot);
  });

  test.each([
    ['a bit has turned over on the disk', flipped(snapshot)],
    ['a page is missing', snapshot.subarray(0, -4096)],
  ])('%s: it is taken away, so that it is asked for again', async (_what, stored) => {
    writeFileSync(join(folder, 'snapshot.db'), stored);
    await expect(receiveStep.apply(step, context())).rejects.toMatchObject({ reason: 'snapshot-damaged', node: 'n1' });
    expect(existsSync(join(folder, 'snapshot.db'))).toBe(false);
  });

  test('a sound snapshot, but another', async () => {
    writeFileSync(join(folder, 'snapshot.db'), snapshot);
    await expect(receiveStep.apply({ ...step, sha256: '0'.repeat(64) }, context())).rejects.toMatchObject({
      reason: 'snapshot-damaged',
      why: 'its sha256 is another',
    });
  });

  test('undone, nothing is left of it', async () => {
    writeFileSync(join(folder, 'snapshot.db'), snapshot);
    writeFileSync(join(folder, 'snapshot.db.part'), snapshot);
    await receiveStep.undo(step, context());
    expect(readdirSync(folder)).toEqual([]);
  });
});
