import { constants } from 'node:fs';
import { open, readdir, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Failure, messageOf, systemCode } from '../../core/failure.ts';

/** As many as the kernel follows before it says ELOOP (path_resolution(7)). */
const mostLinks = 40;
/** Configuration, certificates and manifests are a few KiB; what is larger is none. */
export const defaultFileLimitBytes = 1024 * 1024;

/**
 * The host's file system as seen from here: at `/host` in the pod, at `/` as a plain process. Paths that go in and come out are the host's
 * own. A symbolic link on the host means what it means to the host: `/etc/kubernetes/pki -> /data/pki` leads to `/host/data/pki`, where the
 * kernel, asked for `/host/etc/kubernetes/pki`, would look into the agent's own `/data`. So links are followed here, one by one.
 * Not for the magic links of /proc: those are no paths.
 */
export class HostRoot {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * The host's path without symbolic links. What does not exist resolves to itself, so that a file to be written has a path too.
   * `..` above the root stays at the root, as for the kernel.
   * @throws {Failure} `host-path-loop` after 40 links; `host-file-unreadable` where a folder on the way cannot be read.
   */
  async canonical(hostPath: string): Promise<string> {
    let ahead = hostPath.split('/').reverse();
    let at = '/';
    let links = 0;
    for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
      if (part === '' || part === '.') continue;
      const next = posix.join(at, part);
      const link = part === '..' ? undefined : await this.#linkAt(next);
      if (link === undefined) {
        at = next;
        continue;
      }
      links += 1;
      if (links > mostLinks) {
        throw new Failure({
          reason: 'host-path-loop',
          what: `cannot follow ${hostPath}`,
          why: `more than ${mostLinks} symbolic links`,
        });
      }
      if (link.startsWith('/')) at = '/';
      ahead = [...ahead, ...link.split('/').reverse()];
    }
    return at;
  }

  /** Where this process finds that file: for opening it, and for nothing that a person reads. Fails as `canonical` does. */
  async here(hostPath: string): Promise<string> {
    return join(this.#root, await this.canonical(hostPath));
  }

  /** Whether the host's root is this process's own. */
  get isOwn(): boolean {
    return this.#root === '/';
  }

  /**
   * The whole of a regular file. Never waits for a pipe or a device, and never holds more than the limit.
   * @throws {Failure} `host-file-missing`, `host-file-unreadable`, `host-file-too-large`, `host-path-loop`.
   */
  async readFile(hostPath: string, limitBytes: number = defaultFileLimitBytes): Promise<Buffer> {
    try {
      await using file = await open(
        await this.here(hostPath),
        constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW,
      );
      const status = await file.stat();
      if (!status.isFile())
        throw new Failure({ reason: 'host-file-unreadable', what: `cannot read ${hostPath}`, why: 'it is not a file' });
      // Files of /proc and /sys say that they are empty: what is read counts, not what is announced.
      const bytes = Buffer.alloc(Math.min(Math.max(status.size, 4096), limitBytes) + 1);
      const gathered: Buffer[] = [];
      for (let total = 0; ;) {
        const { bytesRead } = await file.read(bytes, 0, bytes.length, null);
        if (bytesRead === 0) return Buffer.concat(gathered);
        total += bytesRead;
        if (total > limitBytes) {
          const why = `it has more than ${limitBytes} bytes`;
          throw new Failure({ reason: 'host-file-too-large', what: `cannot read ${hostPath}`, why });
        }
        gathered.push(Buffer.from(bytes.subarray(0, bytesRead)));
      }
    } catch (thrown) {
      throw unreadable(hostPath, thrown);
    }
  }

  async readText(hostPath: string, limitBytes?: number): Promise<string> {
    return (await this.readFile(hostPath, limitBytes)).toString('utf8');
  }

  /** The same, and undefined where there is no such file: for what need not be there. */
  async readTextIfThere(hostPath: string): Promise<string | undefined> {
    try {
      return await this.readText(hostPath);
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.reason === 'host-file-missing') return undefined;
      throw thrown;
    }
  }

  /**
   * The names in a folder, sorted; undefined where there is no such folder.
   * @throws {Failure} `host-file-unreadable`, `host-path-loop`.
   */
  async namesIn(hostFolder: string): Promise<readonly string[] | undefined> {
    try {
      return (await readdir(await this.here(hostFolder))).sort();
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return undefined;
      throw unreadable(hostFolder, thrown);
    }
  }

  async #linkAt(hostPath: string): Promise<string | undefined> {
    try {
      return await readlink(join(this.#root, hostPath));
    } catch (thrown) {
      // EINVAL: there, and no link. ENOTDIR is for whoever opens it to tell.
      if (['EINVAL', 'ENOENT', 'ENOTDIR'].includes(systemCode(thrown) ?? '')) return undefined;
      throw unreadable(hostPath, thrown);
    }
  }
}

function unreadable(hostPath: string, thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const missing = systemCode(thrown) === 'ENOENT' || systemCode(thrown) === 'ENOTDIR';
  return new Failure({
    reason: missing ? 'host-file-missing' : 'host-file-unreadable',
    what: `cannot read ${hostPath}`,
    why: missing ? 'it does not exist' : messageOf(thrown),
    cause: thrown,
  });
}
