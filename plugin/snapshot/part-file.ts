import { constants } from 'node:fs';
import { link, lstat, open, rename, statfs, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exitCode, Failure, messageOf, systemCode } from '../../core/failure.ts';

/**
 * So much is brought onto the disk at once while more arrives. Left to itself the system begins after 30 s, or with a tenth of the memory: the
 * disk would idle while the database comes, and have all of it to do after the last byte, while a person waits.
 */
const syncedEveryBytes = 32 * 1024 ** 2;

/**
 * A file on its way: written as FILE.part (0600, nobody else's), and under its name only when it is complete and on the disk. Disposing of it
 * before `commit` takes the part away.
 */
export class PartFile implements AsyncDisposable {
  readonly path: string;
  readonly partPath: string;
  readonly #handle: FileHandle;
  #committed = false;
  #writtenBytes = 0;
  #syncedBytes = 0;
  #syncing: Promise<void> | undefined;
  /** Why what was written is not on the disk. The system tells it to one sync alone, and the next would succeed. */
  #syncFailure: { readonly cause: unknown } | undefined;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.partPath = `${path}.part`;
    this.#handle = handle;
  }

  /**
   * @param expectedBytes what will be written: refused at once where the disk has no room for it.
   * @throws {Failure} `file-exists`, `part-exists`, `directory-missing`, `disk-full`, `file-unwritable`; exit code 5, nothing was touched.
   */
  static async create(
    path: string,
    options: { readonly expectedBytes: number; readonly replace: boolean },
  ): Promise<PartFile> {
    if (!options.replace && (await exists(path)))
      throw refused('file-exists', `${path} exists`, 'name another file, or overwrite it with --force');
    await requireRoom(path, options.expectedBytes);
    try {
      return new PartFile(
        path,
        await open(`${path}.part`, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600),
      );
    } catch (cause) {
      if (systemCode(cause) === 'EEXIST')
        throw refused(
          'part-exists',
          `${path}.part exists: another save is writing it, or one was killed`,
          `when none is running: rm ${path}.part`,
        );
      throw unwritable(`${path}.part`, cause, exitCode.refused);
    }
  }

  /** Waits for the system to take the bytes: this is where back-pressure begins. */
  async write(bytes: Buffer): Promise<void> {
    try {
      if (this.#syncFailure !== undefined) throw this.#syncFailure.cause;
      let at = 0;
      while (at < bytes.length) at += (await this.#handle.write(bytes, at)).bytesWritten;
    } catch (cause) {
      throw unwritable(this.partPath, cause, exitCode.failed, this.#writtenBytes);
    }
    this.#writtenBytes += bytes.length;
    if (this.#syncing === undefined && this.#writtenBytes - this.#syncedBytes >= syncedEveryBytes)
      this.#syncing = this.#syncBeside();
  }

  /**
   * Makes the file appear: data on the disk, then the name, then the directory on the disk. Without `replace` a file that has come up
   * meanwhile is left alone (a hard link, unlike a rename, does not replace).
   */
  async commit(options: { readonly replace: boolean }): Promise<void> {
    try {
      await this.#syncing;
      if (this.#syncFailure !== undefined) throw this.#syncFailure.cause;
      await this.#handle.sync();
      await this.#handle.close();
      if (options.replace) await rename(this.partPath, this.path);
      else await nameOnce(this.partPath, this.path);
      this.#committed = true;
      await syncDirectory(dirname(this.path));
    } catch (cause) {
      if (cause instanceof Failure) throw cause;
      throw unwritable(this.path, cause, exitCode.failed, this.#writtenBytes);
    }
  }

  /** Never rejects: a failure is kept for whoever writes next, or commits. */
  async #syncBeside(): Promise<void> {
    const writtenBytes = this.#writtenBytes;
    try {
      await this.#handle.datasync();
      this.#syncedBytes = writtenBytes;
      this.#syncing = undefined;
    } catch (cause) {
      this.#syncFailure = { cause };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#committed) return;
    await this.#handle.close().catch(() => undefined);
    await unlink(this.partPath).catch(() => undefined);
  }
}

/** Gives a file its name only where nothing has it. File systems without hard links get the check and the rename instead. */
async function nameOnce(partPath: string, path: string): Promise<void> {
  try {
    await link(partPath, path);
    await unlink(partPath);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'EEXIST')
      throw refused('file-exists', `${path} has come up meanwhile`, 'name another file, or overwrite it with --force');
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw cause;
    if (await exists(path))
      throw refused('file-exists', `${path} has come up meanwhile`, 'name another file, or overwrite it with --force');
    await rename(partPath, path);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    // The directory itself missing is said by requireRoom.
    if (systemCode(cause) === 'ENOENT') return false;
    throw unwritable(path, cause, exitCode.refused);
  }
}

async function requireRoom(path: string, expectedBytes: number): Promise<void> {
  const directory = dirname(path);
  const { bavail, bsize } = await statfs(directory).catch((cause: unknown) => {
    if (systemCode(cause) === 'ENOENT')
      throw refused(
        'directory-missing',
        `there is no directory ${directory}`,
        `mkdir -p ${directory}, or name another file`,
      );
    throw unwritable(directory, cause, exitCode.refused);
  });
  const freeBytes = bavail * bsize;
  if (freeBytes < expectedBytes)
    throw refused(
      'disk-full',
      `${directory} has no room for the snapshot`,
      'free some space, or name a file on another disk',
      `${mebibytes(expectedBytes)} are needed and ${mebibytes(freeBytes)} are free`,
    );
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unwritable(path: string, cause: unknown, exit: 1 | 5, writtenBytes = 0): Failure {
  const full = systemCode(cause) === 'ENOSPC' || systemCode(cause) === 'EDQUOT';
  return new Failure({
    reason: full ? 'disk-full' : 'file-unwritable',
    what: full ? `the disk is full after ${mebibytes(writtenBytes)} of ${path}` : `cannot write ${path}`,
    why: messageOf(cause),
    next: full
      ? 'what was written has been taken away again; name a file on another disk'
      : 'name a file that you may write',
    exit,
    cause,
  });
}

function refused(reason: string, what: string, next: string, why?: string): Failure {
  return new Failure({ reason, what, why, next, exit: exitCode.refused });
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MiB`;
}
