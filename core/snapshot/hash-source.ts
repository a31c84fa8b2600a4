/** A snapshot's sha256: here, or by a thread of its own while this one looks into the pages, as hashing takes longer than all else that verify does. */
import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { fileHashes, SnapshotHash, trailerBytes } from './checksum.ts';
import type { FileHashes } from './checksum.ts';
import type { RandomAccess } from './source.ts';

/** Read and hashed at once. */
const chunkBytes = 1024 * 1024;

/** Hashes a source from end to end, reading ahead by one chunk. @throws as `source.read`; the signal's reason. */
export async function hashSource(options: {
  readonly source: RandomAccess;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<FileHashes> {
  const { source, onProgress, signal } = options;
  const hash = new SnapshotHash();
  // Two buffers in turns: one is hashed while the other is filled.
  const buffers = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
  const readAt = (offset: number) => {
    buffers.reverse();
    return source.read(offset, Math.min(chunkBytes, source.sizeBytes - offset), buffers[0]);
  };
  let next = readAt(0);
  while (hash.sizeBytes < source.sizeBytes) {
    const chunk = await next;
    signal?.throwIfAborted();
    next = readAt(hash.sizeBytes + chunk.length);
    // It is awaited in the next round, or not at all when hashing fails.
    next.catch(() => undefined);
    hash.update(chunk);
    onProgress?.(hash.sizeBytes, source.sizeBytes);
  }
  await next;
  return hash.finish();
}

/** A thread costs some 30 ms and 15 MB: what is smaller is hashed before it would have begun. */
export const worthAThreadBytes = 64 * 1024 * 1024;
/** Of every so many bytes a message tells. */
const toldBytes = 4 * 1024 * 1024;

/**
 * What the thread runs. Text, so that it needs no file beside the program, and nothing of ours. It says how far it is by numbers, then the hash of
 * all but the last 32 bytes, of everything, and these bytes; nothing when it was not able to read them.
 */
const script = `
const { createHash } = require('node:crypto');
const { readSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const { descriptor, sizeBytes, heldBytes, chunkBytes, toldBytes } = workerData;
const buffer = Buffer.allocUnsafeSlow(chunkBytes);
const hash = createHash('sha256');
let at = 0;
function read(lengthBytes) {
  const bytesRead = readSync(descriptor, buffer, 0, lengthBytes, at);
  if (bytesRead === 0) throw new Error('it ends at ' + at);
  at += bytesRead;
  return buffer.subarray(0, bytesRead);
}
for (let told = toldBytes; at < sizeBytes - heldBytes; ) {
  hash.update(read(Math.min(chunkBytes, sizeBytes - heldBytes - at)));
  if (at < told) continue;
  parentPort.postMessage(at);
  told += toldBytes;
}
const content = hash.copy().digest();
const held = [];
while (at < sizeBytes) held.push(Buffer.from(read(sizeBytes - at)));
for (const bytes of held) hash.update(bytes);
parentPort.postMessage({ content, all: hash.digest(), held: Buffer.concat(held) });
`;

/** A message of the script. */
type Said = number | { readonly content: Uint8Array; readonly all: Uint8Array; readonly held: Uint8Array };

/**
 * Hashes what an open file holds from its beginning on. The file must stay open until this has settled.
 * @returns undefined when the thread could not: it had no memory, or could not read the file. Whoever reads it again finds out why.
 * @throws the signal's reason.
 */
export async function hashInThread(options: {
  readonly descriptor: number;
  /** At least 32. */
  readonly sizeBytes: number;
  readonly onProgress: (doneBytes: number) => void;
  readonly signal: AbortSignal;
}): Promise<FileHashes | undefined> {
  const { descriptor, sizeBytes, onProgress, signal } = options;
  let worker: Worker | undefined;
  try {
    worker = startThread({ descriptor, sizeBytes, heldBytes: trailerBytes, chunkBytes, toldBytes });
    const messages = on(worker, 'message', { signal, close: ['exit'] }) as AsyncIterable<[Said]>;
    for await (const [said] of messages) {
      if (typeof said === 'number') onProgress(said);
      else return fileHashes({ sizeBytes, ...said });
    }
  } catch {
    // Told by what is missing.
  } finally {
    await worker?.terminate();
  }
  signal.throwIfAborted();
  return undefined;
}

function startThread(workerData: Readonly<Record<string, number>>): Worker {
  return new Worker(script, {
    eval: true,
    workerData,
    name: 'sha256',
    // What this process was started with is not for it: flags of V8's would be refused, and preloaded modules run twice.
    ...{ execArgv: [], env: {} },
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, codeRangeSizeMb: 8, stackSizeMb: 1 },
  });
}
