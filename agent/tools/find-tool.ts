import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { HostRoot } from '../host/root.ts';
import { askVersion } from './ask-version.ts';
import { librariesFolder, toolsFolder } from './keep-tools.ts';
import { loaderPrefix } from './shared-libraries.ts';
import { compareVersions, parseVersion, suits } from './versions.ts';
import type { EtcdVersion, ToolProgram } from './versions.ts';

/** A program that builds data for the etcd of this node: it has been run, and has said its version. */
export interface EtcdTool {
  /** As this process starts it. */
  readonly path: string;
  readonly program: ToolProgram;
  readonly version: string;
  /** What stands before the path when it is started: its own loader, or nothing. */
  readonly argvPrefix: readonly string[];
  /** Whether its `snapshot restore` knows --bump-revision and --mark-compacted. */
  readonly canBump: boolean;
}

export interface FindToolOptions {
  /** Of the etcd that is to run on the data. */
  readonly version: string;
  readonly stateDirectory: string;
  readonly root: HostRoot;
  /** A folder of the host where etcd's own program lies, where that is known. */
  readonly etcdFolder?: string | undefined;
  /** Passes over tools that cannot bump the revision. */
  readonly needsBump?: boolean | undefined;
}

/** root's PATH on the usual hosts; /opt/bin on those with a read-only /usr. */
const hostFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/opt/bin'];
const imageFolders = ['/usr/local/bin', '/usr/bin'];
const programs: readonly ToolProgram[] = ['etcdutl', 'etcdctl'];

/** A folder to look into. */
export interface Place {
  /** What a person knows it by. */
  readonly name: string;
  readonly here: string;
}

/**
 * The tool for an offline restore: kept copies of exactly this version, those of the same minor version, the host's own, the agent image's. Every
 * candidate is really run. `etcdutl` before `etcdctl` where both are there.
 * @throws {Failure} `no-etcd-tool`, which names all that was looked at and why it would not do.
 */
export async function findTool(options: FindToolOptions): Promise<EtcdTool> {
  const { version, needsBump = false } = options;
  const unfit: string[] = [];
  const empty: string[] = [];
  for await (const place of placesOf(options)) {
    const { tool, said } = await lookInto(place, { version, needsBump });
    if (tool !== undefined) return tool;
    if (said.length === 0) empty.push(place.name);
    unfit.push(...said);
  }
  const nowhere = empty.length === 0 ? [] : [`there is neither etcdutl nor etcdctl in ${empty.join(', ')}`];
  throw new Failure({
    reason: 'no-etcd-tool',
    what: `no etcdutl or etcdctl on this node can build data for etcd ${version}${needsBump ? ' and bump its revision' : ''}`,
    why: [...unfit, ...nowhere].join('; '),
    next: `put etcdutl of ${wantedVersion(version)} into /usr/local/bin on the node: it is in that release of etcd and in its image`,
  });
}

function wantedVersion(version: string): string {
  const server = parseVersion(version);
  return server?.major === 3 && server.minor < 5 ? `${version} (there it is etcdctl)` : version;
}

async function lookInto(
  place: Place,
  { version, needsBump }: { readonly version: string; readonly needsBump: boolean },
): Promise<{ readonly tool?: EtcdTool; readonly said: readonly string[] }> {
  const said: string[] = [];
  const loader = await loaderPrefix(join(place.here, librariesFolder));
  for (const program of programs) {
    const path = join(place.here, program);
    if ((await stat(path).catch(() => undefined))?.isFile() !== true) continue;
    const answer = await askEither(path, loader);
    if ('why' in answer) {
      said.push(`${join(place.name, program)} ${answer.why}`);
      continue;
    }
    const fit = suits({ program, toolVersion: answer.version, serverVersion: version, needsBump });
    if (fit.suits) return { tool: { path, program, ...answer, canBump: fit.canBump }, said };
    said.push(`${join(place.name, program)} ${fit.why}`);
  }
  return { said };
}

/** Directly where the host has what it needs, else through the loader that was kept beside it. */
export async function askEither(
  path: string,
  loader: readonly string[] | undefined,
  question: 'version' | '--version' = 'version',
): Promise<{ readonly version: string; readonly argvPrefix: readonly string[] } | { readonly why: string }> {
  const direct = await askVersion([path, question]);
  if ('version' in direct) return { ...direct, argvPrefix: [] };
  if (loader === undefined) return direct;
  const through = await askVersion([...loader, path, question]);
  return 'version' in through ? { ...through, argvPrefix: loader } : through;
}

/** Kept copies of exactly this version, those of the same minor version, the host's own, the agent image's. */
export async function* placesOf({ version, stateDirectory, root, etcdFolder }: FindToolOptions): AsyncGenerator<Place> {
  const tools = join(stateDirectory, toolsFolder);
  for (const name of keptFor(version, await readdir(tools).catch(() => [])))
    yield { name: join(tools, name), here: join(tools, name) };
  const seen = new Set<string>();
  for (const name of etcdFolder === undefined ? hostFolders : [etcdFolder, ...hostFolders]) {
    const here = await root.here(name);
    if (!seen.has(here)) yield { name, here };
    seen.add(here);
  }
  if (root.isOwn) return;
  for (const here of imageFolders) yield { name: `the agent's image (${here})`, here };
}

/** The version itself, then its siblings, the newest first. */
function keptFor(version: string, names: readonly string[]): readonly string[] {
  const server = parseVersion(version);
  const siblings = names
    .map((name) => ({ name, version: parseVersion(name) }))
    .filter((kept): kept is { name: string; version: EtcdVersion } => kept.version?.minor === server?.minor)
    .filter((kept) => kept.name !== version && kept.version.major === server?.major)
    .sort((one, other) => compareVersions(other.version, one.version));
  return [version, ...siblings.map(({ name }) => name)].filter((name) => names.includes(name));
}
