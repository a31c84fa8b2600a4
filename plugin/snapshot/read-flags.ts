import * as path from 'node:path';
import { exitCode, Failure } from '../../core/failure.ts';

/** `--revision`. @throws {Failure} `bad-revision`, exit code 2. */
export function parseRevisionFlag(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const revision = Number(given);
  if (/^\d+$/.test(given) && Number.isSafeInteger(revision) && revision > 0) return revision;
  throw new Failure({
    reason: 'bad-revision',
    what: `${JSON.stringify(given)} is no revision`,
    why: 'revisions are whole numbers from 1 on',
    exit: exitCode.usage,
  });
}

/** `deployment cart` or `deployment/cart`, as kubectl takes them. @throws {Failure} `wrong-usage`, exit code 2. */
export function parseObjectArguments(
  resource: string,
  name: string | undefined,
): { readonly resource: string; readonly name: string } {
  if (name !== undefined) return { resource, name };
  const [before = '', after = '', ...more] = resource.split('/');
  if (before !== '' && after !== '' && more.length === 0) return { resource: before, name: after };
  throw new Failure({
    reason: 'wrong-usage',
    what: `${JSON.stringify(resource)} names no object`,
    why: 'it takes a resource and a name: deployment cart, or deployment/cart',
    next: 'kubectl etcd snapshot get --help',
    exit: exitCode.usage,
  });
}

/**
 * Where the keys of large snapshots are kept between commands: the user's cache directory, by the XDG base directory specification; nowhere with
 * `--no-index`, or where nobody says whose home this is.
 */
export function indexFor(
  flags: { readonly index: boolean },
  { environment }: { readonly environment: NodeJS.ProcessEnv },
): { readonly indexDirectory: string | undefined } {
  const { XDG_CACHE_HOME: cache = '', HOME: home = '' } = environment;
  // By the specification a relative path is to be ignored.
  const base = path.isAbsolute(cache) ? cache : path.isAbsolute(home) ? path.join(home, '.cache') : undefined;
  return { indexDirectory: flags.index && base !== undefined ? path.join(base, 'kubectl-etcd', 'keys') : undefined };
}
