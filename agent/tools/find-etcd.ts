import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { askEither, placesOf } from './find-tool.ts';
import type { FindToolOptions } from './find-tool.ts';
import { librariesFolder } from './keep-tools.ts';
import { loaderPrefix } from './shared-libraries.ts';
import { parseVersion } from './versions.ts';

/** etcd's own program, as it can be started here: it has been run, and has said its version. */
export interface EtcdProgram {
  /** As this process starts it. */
  readonly path: string;
  readonly version: string;
  /** What stands before the path when it is started: its own loader, or nothing. */
  readonly argvPrefix: readonly string[];
}

/**
 * The program that runs a member of this version where its container does not: the copy that was kept of it, the host's own. Of the same minor version:
 * an older one does not know the data, and a newer one makes it what the older ones cannot read.
 * @throws {Failure} `no-etcd-program`, which names all that was looked at and why it would not do.
 */
export async function findEtcd(options: Omit<FindToolOptions, 'needsBump'>): Promise<EtcdProgram> {
  const { version } = options;
  const said: string[] = [];
  for await (const { name, here } of placesOf(options)) {
    const path = join(here, 'etcd');
    if ((await stat(path).catch(() => undefined))?.isFile() !== true) continue;
    const answer = await askEither(path, await loaderPrefix(join(here, librariesFolder)), '--version');
    if ('why' in answer) said.push(`${name}/etcd ${answer.why}`);
    else if (sameMinor(answer.version, version)) return { path, ...answer };
    else said.push(`${name}/etcd is ${answer.version}`);
  }
  throw new Failure({
    reason: 'no-etcd-program',
    what: `etcd ${version} itself is not at hand on this node`,
    why: said.length === 0 ? 'it has not run here since the agent came, and the host has none' : said.join('; '),
    next: `put the program etcd ${version} into /usr/local/bin on the node: it is in that release of etcd and in its image`,
  });
}

function sameMinor(one: string, other: string): boolean {
  const [first, second] = [parseVersion(one), parseVersion(other)];
  return first !== undefined && first.major === second?.major && first.minor === second.minor;
}
