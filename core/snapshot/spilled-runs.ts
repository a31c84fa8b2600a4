import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { KeyRun } from './key-run.ts';
import type { KeyRecord } from './revision-match.ts';
import { endOf, readRun, writeRun } from './run-file.ts';
import type { StoredRun } from './run-file.ts';

/** Runs that do not fit in memory: in a temporary file (0600) that has no name, so that nothing is left however the program ends. */
export class SpilledRuns implements AsyncDisposable {
  readonly #runs: StoredRun[] = [];
  #handle: FileHandle | undefined;

  async write(run: KeyRun): Promise<void> {
    this.#handle ??= await openNameless();
    const stored = await writeRun(this.#handle, endOf(this.#runs.at(-1) ?? []), run);
    if (stored.length > 0) this.#runs.push(stored);
  }

  /** One for each that was written, in that order: its keys that begin with `prefix`. */
  read(prefix = ''): AsyncGenerator<KeyRecord, void, undefined>[] {
    const read = async (offset: number, lengthBytes: number) => await this.#readAt(offset, lengthBytes);
    return this.#runs.map((run) => readRun(read, run, prefix));
  }

  async #readAt(offset: number, lengthBytes: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(lengthBytes);
    const read = await this.#handle?.read(bytes, 0, lengthBytes, offset);
    return bytes.subarray(0, read?.bytesRead ?? 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
  }
}

async function openNameless(): Promise<FileHandle> {
  const file = path.join(tmpdir(), `kubectl-etcd-keys-${randomUUID()}`);
  const handle = await open(file, 'wx+', 0o600);
  await rm(file);
  return handle;
}
