/** Debian's buildah, with storage of its own below one directory, so that nothing of the machine's images is seen or touched. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lab/command.ts';

export class Buildah {
  readonly #directory: string;
  readonly #options: readonly string[];

  private constructor(directory: string) {
    this.#directory = directory;
    this.#options = [
      ...['--root', join(directory, 'storage'), '--runroot', join(directory, 'run'), '--storage-driver', 'vfs'],
      ...['--registries-conf', join(directory, 'registries.conf')],
    ];
  }

  static async in(directory: string): Promise<Buildah> {
    await mkdir(directory, { recursive: true });
    // No registry to search: a name that is not in the storage is an error, not a question to somebody's server.
    await writeFile(
      join(directory, 'registries.conf'),
      'unqualified-search-registries = []\nshort-name-mode = "disabled"\n',
    );
    await writeFile(join(directory, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}\n');
    return new Buildah(directory);
  }

  async do(verb: string, ...rest: readonly string[]): Promise<string> {
    const policy = ['bud', 'commit', 'from', 'add'].includes(verb)
      ? ['--signature-policy', join(this.#directory, 'policy.json')]
      : [];
    return (await run(['buildah', ...this.#options, verb, ...policy, ...rest])).trim();
  }

  /** An image whose one layer is a directory of this machine. */
  async imageOf(directory: string, name: string): Promise<void> {
    const container = await this.do('from', 'scratch');
    await this.do('copy', container, directory, '/');
    await this.do('config', '--env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', container);
    await this.do('commit', '--rm', container, name);
  }

  async build(options: { readonly context: string; readonly name: string }): Promise<void> {
    // chroot: neither runc nor a network namespace is needed, and it works inside containers and virtual machines alike.
    await this.do(
      'bud',
      '--isolation',
      'chroot',
      '--pull-never',
      '--layers=false',
      '--tag',
      options.name,
      options.context,
    );
  }
}
