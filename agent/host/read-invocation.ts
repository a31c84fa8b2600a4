import { Failure } from '../../core/failure.ts';
import type { Invocation } from './command-line.ts';
import { readCommandLine, readConfigFile } from './flags.ts';
import { readMember } from './options.ts';
import type { Member } from './options.ts';
import type { HostRoot } from './root.ts';

export interface InvocationOnHost {
  readonly root: HostRoot;
  /** The file that says so, for messages. */
  readonly source: string;
  readonly invocation: Exclude<Invocation, { readonly kind: 'other' }>;
  readonly environment: Readonly<Record<string, string>>;
  /** Where a path as etcd sees it is on the host. */
  readonly hostPath: (path: string) => string | undefined;
}

/**
 * Reads an etcd that is run with these words, the configuration file included where one is named.
 * @throws {Failure} `etcd-command-unreadable`, `etcd-config-unreadable`, `etcd-options-unreadable`.
 */
export async function readInvocation({
  root,
  source,
  invocation,
  environment,
  hostPath,
}: InvocationOnHost): Promise<Member> {
  if (invocation.kind === 'script') {
    throw new Failure({
      reason: 'etcd-command-unreadable',
      what: `cannot tell etcd's options from ${source}`,
      why: `it runs etcd through a shell script: ${invocation.script.replace(/\s+/g, ' ').trim().slice(0, 120)}`,
      next: `let ${source} run etcd directly, or with "exec etcd --name=..." and plain words alone`,
    });
  }
  const { options, configFile } = readCommandLine({
    words: invocation.words,
    environment: { ...environment, ...invocation.environment },
  });
  if (configFile === undefined) return readMember(options, hostPath);
  const path = hostPath(configFile);
  if (path === undefined) {
    throw new Failure({
      reason: 'etcd-config-unreadable',
      what: `cannot read etcd's configuration file ${configFile}`,
      why: `${source} mounts no folder of the host there: it is in etcd's image alone`,
      next: `mount ${configFile} from the host, or give etcd's options as flags`,
    });
  }
  return readMember(readConfigFile(await root.readText(path), path), hostPath);
}
