/** Which version of which of etcd's programs may build data for which etcd. Pure. */

export type ToolProgram = 'etcdutl' | 'etcdctl';

export interface EtcdVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** `3.5.16`, with whatever a vendor puts behind it (`3.5.9-k3s1`); undefined where it is no version. */
export function parseVersion(text: string): EtcdVersion | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)(?![\d.])/.exec(text) ?? [];
  return patch === undefined ? undefined : { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** Negative where `one` is the older of the two. */
export function compareVersions(one: EtcdVersion, other: EtcdVersion): number {
  return one.major - other.major || one.minor - other.minor || one.patch - other.patch;
}

/**
 * Since when `snapshot restore` knows --bump-revision and --mark-compacted: etcd#16029 in 3.6, and its backports, which gave them to etcdctl as
 * well (#16165 for 3.5.10, #16193 for 3.4.27).
 */
const bumpsSince: readonly EtcdVersion[] = [
  { major: 3, minor: 4, patch: 27 },
  { major: 3, minor: 5, patch: 10 },
  { major: 3, minor: 6, patch: 0 },
];

function canBump(version: EtcdVersion): boolean {
  const since = bumpsSince.find(({ major, minor }) => major === version.major && minor === version.minor);
  return compareVersions(version, since ?? { major: 3, minor: 6, patch: 0 }) >= 0;
}

export type Suits =
  | { readonly suits: true; readonly canBump: boolean }
  /** `why` follows the program's name: `is of another minor version`. */
  | { readonly suits: false; readonly why: string };

/**
 * Whether a program may build data for a server: only one of the same minor version (a newer one writes a layout that the server may refuse, an
 * older one does not know the server's), of any patch; etcdctl restores up to 3.5 and etcdutl from 3.5 on.
 */
export function suits(candidate: {
  readonly program: ToolProgram;
  readonly toolVersion: string;
  readonly serverVersion: string;
  readonly needsBump: boolean;
}): Suits {
  const { program, toolVersion, serverVersion, needsBump } = candidate;
  const [tool, server] = [parseVersion(toolVersion), parseVersion(serverVersion)];
  if (tool === undefined) return no(`says that it is ${JSON.stringify(toolVersion.slice(0, 40))}, which is no version`);
  if (server === undefined)
    return no(`cannot be compared with etcd ${JSON.stringify(serverVersion.slice(0, 40))}, which is no version`);
  if (tool.major !== server.major || tool.minor !== server.minor)
    return no(`is ${toolVersion}: ${compareVersions(tool, server) > 0 ? 'newer' : 'older'} by more than a patch`);
  if (program === 'etcdctl' && compareVersions(tool, { major: 3, minor: 6, patch: 0 }) >= 0)
    return no(`is ${toolVersion}: etcdctl restores no snapshots since 3.6`);
  const bumps = canBump(tool);
  if (needsBump && !bumps) return no(`is ${toolVersion}: it cannot bump the revision`);
  return { suits: true, canBump: bumps };
}

function no(why: string): Suits {
  return { suits: false, why };
}
