/**
 * Where a snapshot's bytes come from: a file now, compressed, encrypted and remote snapshots later. Readers ask for ranges and never for a
 * path.
 */
import { readSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { asFailure, Failure, systemCode } from '../failure.ts';

export interface RandomAccess {
  /** What a person knows it by: a path, an address. */
  readonly name: string;
  /** As it was when opened. */
  readonly sizeBytes: number;
  /**
   * Differs as soon as its content may: for what is kept about it between commands. Absent where nothing tells that, and where nothing about the
   * content may be kept in the clear.
   */
  readonly identity?: string;
  /** Of a plain file: what another thread of this process may read it by while it is open, from offset 0 on. */
  readonly descriptor?: number;
  /**
   * Exactly `lengthBytes` bytes from `offset`, in a buffer of the caller's own: the beginning of `into` where it gives one to use again.
   * @throws {Failure} `snapshot-changed` when it has become shorter; `snapshot-unreadable` for every other error of the medium. A range
   * beyond `sizeBytes` is the caller's defect (RangeError): what a file says about itself is checked before it is followed.
   */
  read(offset: number, lengthBytes: number, into?: Buffer): Promise<Buffer>;
  /**
   * @throws {Failure} `snapshot-changed` when it is no longer what was opened: grown, shrunk or written to.
   */
  assertUnchanged(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** File systems keep times by the second or two at worst. */
const defaultSettledMs = 2_000;

/**
 * Opens a file for reading. Every file system error is a sentence.
 * @param options.settledMs a file changed later than so long ago has no identity: the next change may leave its times as they are. Tests lower it.
 * @throws {Failure} `snapshot-not-found`, `not-a-file` (a directory, a device, a pipe), `snapshot-unreadable`.
 */
export async function openFile(
  path: string,
  { settledMs = defaultSettledMs }: { readonly settledMs?: number } = {},
): Promise<RandomAccess> {
  let handle: FileHandle | undefined;
  try {
    // Looked at first: opening a pipe would wait for a writer.
    const kind = await stat(path);
    if (!kind.isFile())
      throw notAFile(path, kind.isDirectory() ? 'it is a directory' : 'it is a device, a pipe or a socket');
    handle = await open(path, 'r');
    return new FileAccess(path, handle, await handle.stat({ bigint: true }), settledMs);
  } catch (thrown) {
    await handle?.close();
    if (systemCode(thrown) === 'ENOENT')
      throw new Failure({
        reason: 'snapshot-not-found',
        what: `cannot read ${path}`,
        why: 'there is no such file',
        next: `give the path of a snapshot; what there is: ls -l ${dirname(path)}`,
        cause: thrown,
      });
    throw asFailure(thrown, { reason: 'snapshot-unreadable', what: `cannot read ${path}` });
  }
}

function notAFile(path: string, why: string): Failure {
  return new Failure({ reason: 'not-a-file', what: `${path} is not a snapshot`, why });
}

/** A long scan lets timers and signals have their turn so often: progress, Ctrl-C. */
const turnMs = 20;

class FileAccess implements RandomAccess {
  readonly name: string;
  readonly sizeBytes: number;
  readonly #handle: FileHandle;
  readonly identity?: string;
  readonly #mtimeNs: bigint;
  #turnMs = 0;

  constructor(name: string, handle: FileHandle, stats: BigIntStats, settledMs: number) {
    const { dev, ino, size, mtimeNs, ctimeNs } = stats;
    this.name = name;
    this.sizeBytes = Number(size);
    this.#handle = handle;
    this.#mtimeNs = mtimeNs;
    // The time of change cannot be set by anybody: touch(1) and cp -p set the other one.
    if (Date.now() - Number(stats.ctimeMs) >= settledMs) this.identity = [dev, ino, size, mtimeNs, ctimeNs].join('-');
  }

  /** Asked for each time: once the file is closed the number may be another's. */
  get descriptor(): number {
    return this.#handle.fd;
  }

  async read(offset: number, lengthBytes: number, into?: Buffer): Promise<Buffer> {
    if (offset < 0 || lengthBytes < 0 || offset + lengthBytes > this.sizeBytes)
      throw new RangeError(`${lengthBytes} bytes at ${offset} of ${this.sizeBytes} were asked for`);
    const bytes = into === undefined ? Buffer.allocUnsafe(lengthBytes) : into.subarray(0, lengthBytes);
    let filled = 0;
    while (filled < lengthBytes) {
      const bytesRead = this.#read(bytes, filled, lengthBytes - filled, offset + filled);
      if (bytesRead === 0)
        throw this.#changed(`it ends at ${offset + filled}, and had ${this.sizeBytes} bytes when it was opened`);
      filled += bytesRead;
    }
    if (performance.now() - this.#turnMs >= turnMs) {
      await nextTurn();
      this.#turnMs = performance.now();
    }
    return bytes;
  }

  /**
   * Reads at once: handing each piece to another thread and back costs several times what reading it costs where the file is in memory, and
   * the kernel reads ahead where it is not.
   */
  #read(into: Buffer, at: number, lengthBytes: number, offset: number): number {
    try {
      return readSync(this.#handle.fd, into, at, lengthBytes, offset);
    } catch (thrown) {
      throw asFailure(thrown, { reason: 'snapshot-unreadable', what: `cannot read ${this.name} at offset ${offset}` });
    }
  }

  async assertUnchanged(): Promise<void> {
    const { size, mtimeNs } = await this.#handle.stat({ bigint: true });
    if (Number(size) !== this.sizeBytes)
      throw this.#changed(`it had ${this.sizeBytes} bytes when it was opened, and has ${size} now`);
    if (mtimeNs !== this.#mtimeNs) throw this.#changed('it was written to');
  }

  #changed(why: string): Failure {
    return new Failure({
      reason: 'snapshot-changed',
      what: `${this.name} changed while it was read`,
      why,
      next: 'wait until whatever writes it is done, then run the command again',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}
