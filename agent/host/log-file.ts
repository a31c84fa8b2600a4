import { watch } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { Failure, messageOf } from '../../core/failure.ts';
import type { LineDecoder } from './log-lines.ts';

const blockBytes = 64 * 1024;
/** How often, while nothing comes, it is looked whether the log goes on in another file. */
const lookAgainMs = 1_000;

export interface LogReading {
  /** The file to read, as this process finds it. While following it is asked again: another path or another file there is the log's continuation. */
  readonly newest: () => Promise<string>;
  readonly decoder: () => LineDecoder;
  /** Lines of the file; a line that the kubelet has split in two counts twice. */
  readonly tailLines: number | undefined;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** A log as chunks (Buffers) of whole lines. Fails as `newest` does at the beginning; later it waits for a file that is not there yet. */
export function readLog(reading: LogReading): Readable {
  return Readable.from(chunks(reading), { objectMode: true, highWaterMark: 1 });
}

async function* chunks({
  newest,
  decoder,
  tailLines,
  follow,
  signal,
}: LogReading): AsyncGenerator<Buffer, void, undefined> {
  let from: number | undefined = tailLines;
  for (let path = await newest(); !signal.aborted;) {
    const following = follow ? { newest, signal } : undefined;
    const next = yield* oneFile({ path, decoder: decoder(), tailLines: from, following, signal });
    if (next === undefined) return;
    path = next;
    from = undefined;
  }
}

/** @returns where the log goes on; undefined when it is at its end or nobody wants more. */
async function* oneFile(options: {
  readonly path: string;
  readonly decoder: LineDecoder;
  readonly tailLines: number | undefined;
  readonly following: { readonly newest: () => Promise<string> } | undefined;
  readonly signal: AbortSignal;
}): AsyncGenerator<Buffer, string | undefined, undefined> {
  const { path, decoder, tailLines, following, signal } = options;
  await using file = await openLog(path);
  using changes = following === undefined ? undefined : new FolderChanges(dirname(path));
  let position = tailLines === undefined ? 0 : await startOfLastLines(file, tailLines);
  let next: string | undefined;
  let lookedMs = performance.now();
  while (!signal.aborted) {
    const block = await readBlock(file, position);
    position += block.length;
    const lines = decoder.push(block);
    if (lines.length > 0) yield lines;
    if (block.length > 0) continue;
    // What was written before the log moved on has been read by now: the end of the file was met once more after the move was seen.
    if (following === undefined || changes === undefined || next !== undefined) {
      const rest = decoder.end();
      if (rest.length > 0) yield rest;
      return next;
    }
    if ((await file.stat()).size < position) position = 0;
    else if (performance.now() - lookedMs < lookAgainMs) await changes.wait(lookAgainMs, signal);
    else {
      lookedMs = performance.now();
      next = await continuation(file, path, following.newest);
    }
  }
  return undefined;
}

async function openLog(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw new Failure({ reason: 'no-log', what: `cannot read etcd's log ${path}`, why: messageOf(cause), cause });
  }
}

async function continuation(
  file: FileHandle,
  path: string,
  newest: () => Promise<string>,
): Promise<string | undefined> {
  try {
    const now = await newest();
    const [there, ours] = [await stat(now), await file.stat()];
    return now !== path || there.ino !== ours.ino || there.dev !== ours.dev ? now : undefined;
  } catch {
    // Between two containers, and while the runtime is restarted, there is no newest: this one is as good as any until there is.
    return undefined;
  }
}

async function readBlock(file: FileHandle, position: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(blockBytes), 0, blockBytes, position);
  return buffer.subarray(0, bytesRead);
}

/** Reads backwards, block by block, to the line feed before the last `lines` lines. */
async function startOfLastLines(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  if (lines === 0) return size;
  let wanted = lines;
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - blockBytes);
    const block = (await readBlock(file, start)).subarray(0, end - start);
    // The line feed that ends the file ends its last line, and begins none.
    for (let at = start + block.length === size ? block.length - 2 : block.length - 1; at >= 0; at -= 1) {
      at = block.lastIndexOf(10, at);
      if (at === -1) break;
      wanted -= 1;
      if (wanted === 0) return start + at + 1;
    }
    end = start;
  }
  return 0;
}

/** Says when something changes in a folder. Where the kernel does not tell (a network file system), waiting ends by time alone. */
class FolderChanges implements Disposable {
  readonly #ended = new AbortController();
  #wake: (() => void) | undefined;
  #changed = false;

  constructor(folder: string) {
    try {
      const watcher = watch(folder, { signal: this.#ended.signal, persistent: false }, () => {
        this.#changed = true;
        this.#wake?.();
      });
      watcher.on('error', () => undefined);
    } catch {
      // No more inotify watches on this node: slower, not wrong.
    }
  }

  /** Returns at once when something has changed since the last time. Never fails. */
  async wait(longestMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#changed && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          this.#wake = undefined;
          resolve();
        };
        const timer = setTimeout(done, longestMs);
        signal.addEventListener('abort', done);
        this.#wake = done;
      });
    }
    this.#changed = false;
  }

  [Symbol.dispose](): void {
    this.#ended.abort();
  }
}
