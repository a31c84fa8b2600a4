import { posix } from 'node:path';
import { Failure, messageOf } from '../../core/failure.ts';
import type { Workload } from '../../core/operation/steps.ts';
import { parseBoundedYaml, yamlLimitBytes } from './bounded-yaml.ts';
import type { HostRoot } from './root.ts';
import { parseManifest } from './static-manifest.ts';
import type { Pod } from './static-manifest.ts';

const defaultFolder = '/etc/kubernetes/manifests';
/** More are no manifests: somebody has unpacked something here. The kubelet would run them all, and we would be busy all day. */
const mostFiles = 500;

export interface Manifests {
  readonly folder: string;
  readonly pods: readonly { readonly file: string; readonly pod: Pod }[];
  /** Files that the kubelet cannot read either, or that we cannot. */
  readonly unreadable: readonly Failure[];
}

/**
 * Reads every static manifest of the node as the kubelet would: any file whose name does not begin with a dot, whatever its extension, links
 * followed, folders left out (k8s pkg/kubelet/config/file.go). `undefined` where there is no such directory.
 * @throws {Failure} when the directory itself cannot be read.
 */
export async function readManifests(root: HostRoot): Promise<Manifests | undefined> {
  const folder = await manifestFolder(root);
  const names = await root.namesIn(folder);
  if (names === undefined) return undefined;
  const pods: { file: string; pod: Pod }[] = [];
  const unreadable: Failure[] = [];
  for (const name of names.filter((each) => !each.startsWith('.')).slice(0, mostFiles)) {
    const file = posix.join(folder, name);
    try {
      const pod = parseManifest(await root.readFile(file, yamlLimitBytes), file);
      if (pod !== undefined) pods.push({ file, pod });
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      // A folder, a pipe, a file that went away while we looked.
      if (thrown.why !== 'it is not a file' && thrown.reason !== 'host-file-missing') unreadable.push(thrown);
    }
  }
  return { folder, pods, unreadable };
}

/** The same, with those that were stopped as if they were in their places: where nothing else is there now. */
export async function withStopped(
  manifests: Manifests | undefined,
  stopped: readonly Workload[],
  root: HostRoot,
): Promise<Manifests | undefined> {
  if (manifests === undefined) return undefined;
  const aside = stopped.flatMap((each) =>
    each.by === 'static-pod' && !manifests.pods.some(({ file }) => file === each.file) ? [each] : [],
  );
  const read = await Promise.all(
    aside.map(async ({ file, aside: path }) => {
      const text = await root.readTextIfThere(path);
      const pod = text === undefined ? undefined : parseManifest(Buffer.from(text), path);
      return pod === undefined ? [] : [{ file, pod }];
    }),
  );
  return { ...manifests, pods: [...manifests.pods, ...read.flat()] };
}

/** The kubelet's flag beats its configuration. */
async function manifestFolder(root: HostRoot): Promise<string> {
  for (const file of ['/var/lib/kubelet/kubeadm-flags.env', '/etc/default/kubelet', '/etc/sysconfig/kubelet']) {
    const flag = /--pod-manifest-path[= ]["']?([^"'\s]+)/.exec((await root.readTextIfThere(file)) ?? '')?.[1];
    if (flag !== undefined) return flag;
  }
  const configured = await kubeletSetting(root, '/var/lib/kubelet/config.yaml', 'staticPodPath');
  return configured ?? defaultFolder;
}

/**
 * One string of a configuration file of the kubelet; undefined where file or field are not there.
 * @throws {Failure} `kubelet-config-unreadable`.
 */
export async function kubeletSetting(root: HostRoot, file: string, field: string): Promise<string | undefined> {
  const text = await root.readTextIfThere(file);
  if (text === undefined) return undefined;
  try {
    const config: unknown = parseBoundedYaml(text);
    if (typeof config !== 'object' || config === null) return undefined;
    const value: unknown = Object.entries(config).find(([name]) => name === field)?.[1];
    return typeof value === 'string' && value !== '' ? value : undefined;
  } catch (cause) {
    const why = messageOf(cause);
    throw new Failure({
      reason: 'kubelet-config-unreadable',
      what: `cannot read the kubelet's configuration ${file}`,
      why,
      cause,
    });
  }
}
