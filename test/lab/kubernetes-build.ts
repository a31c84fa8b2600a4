/**
 * Kubernetes from Debian's own source package (no release binary can be fetched from a package mirror), built with Debian's own Go.
 * About 7 minutes on two cores and 6 GB of disk while it runs; 430 MB are kept.
 */
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { cached } from './cache.ts';
import type { Workshop } from './cache.ts';
import { run } from './command.ts';
import { downloadSource, installPackages } from './packages.ts';
import { cacheDirectory, kubernetesVersion, nodeSuite } from './where.ts';

const buildPackages = [
  'golang-go',
  'rsync',
  'jq',
  'make',
  'gcc',
  'libc6-dev',
  'dpkg-dev',
  'golang-github-modern-go-reflect2-dev',
];

/** They run in containers, from images of one file each. */
export const controlPlaneBinaries = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
/** They lie on the node, in /usr/local/bin. */
const nodeBinaries = ['kubelet', 'kubeadm', 'kubectl'] as const;

export interface KubernetesBinaries {
  readonly path: string;
  /** A layer of the nodes' disks. */
  readonly nodeLayer: string;
  readonly kubectl: string;
}

/** The binary of that name of the control plane, for its image. */
export function controlPlaneBinary(kubernetes: KubernetesBinaries, name: string): string {
  return join(kubernetes.path, 'control-plane', name);
}

export async function kubernetesBinaries(): Promise<KubernetesBinaries> {
  const path = await cached({
    name: `kubernetes-${kubernetesVersion}-1`,
    what: `Kubernetes ${kubernetesVersion}`,
    make: build,
  });
  return { path, nodeLayer: join(path, 'node'), kubectl: join(path, 'node/usr/local/bin/kubectl') };
}

async function build({ directory, cgroup }: Workshop): Promise<void> {
  await installPackages(buildPackages);
  const work = join(directory, 'build');
  const source = join(work, 'source');
  await downloadSource({ suite: nodeSuite, source: 'kubernetes', into: work });
  const archive = (await readdir(work)).find((name) => /^kubernetes_.*\.orig\.tar\.gz$/.test(name));
  if (archive === undefined)
    throw new Failure({ reason: 'no-source', what: `Debian's kubernetes source package has no original archive` });
  await mkdir(source);
  await run(['tar', '-xzf', join(work, archive), '-C', source, '--strip-components=1']);

  // json-iterator with the vendored reflect2 1.0.1 panics when built with Go >= 1.18; Debian packages 1.0.2, which does not
  const reflect2 = 'github.com/modern-go/reflect2';
  await rm(join(source, 'vendor', reflect2), { recursive: true });
  await cp(join('/usr/share/gocode/src', reflect2), join(source, 'vendor', reflect2), {
    recursive: true,
    dereference: true,
  });

  // kubeadm and the API server want to know their version, which a source tree without git does not tell
  const [major = '', minor = ''] = kubernetesVersion.slice(1).split('.');
  const version = {
    COMMIT: 'faecb196815e248d3ecfb03c680a4507229c2a56',
    TREE_STATE: 'clean',
    VERSION: kubernetesVersion,
  };
  const lines = Object.entries({ ...version, MAJOR: major, MINOR: minor }).map(
    ([name, value]) => `KUBE_GIT_${name}=${value}\n`,
  );
  await writeFile(join(work, 'version'), lines.join(''));

  const logFile = join(cacheDirectory, 'kubernetes-build.log');
  await rm(logFile, { force: true });
  const targets = [...controlPlaneBinaries, ...nodeBinaries].map((name) => `cmd/${name}`).join(' ');
  await run(['make', `WHAT=${targets}`, 'GOLDFLAGS=-s -w'], {
    cwd: source,
    logFile,
    cgroup,
    env: {
      ...{ KUBE_GIT_VERSION_FILE: join(work, 'version'), GO111MODULE: 'off', CGO_ENABLED: '0', GOFLAGS: '' },
      GOCACHE: join(work, 'go-cache'), // removed with the rest: it is bigger than what it makes
    },
  });

  const architecture = (await run(['go', 'env', 'GOARCH'])).trim();
  const built = join(source, '_output/local/bin/linux', architecture);
  await collect({ from: built, names: controlPlaneBinaries, to: join(directory, 'control-plane') });
  await collect({ from: built, names: nodeBinaries, to: join(directory, 'node/usr/local/bin') });
  await rm(work, { recursive: true });
}

async function collect(options: {
  readonly from: string;
  readonly names: readonly string[];
  readonly to: string;
}): Promise<void> {
  await mkdir(options.to, { recursive: true });
  for (const name of options.names) await cp(join(options.from, name), join(options.to, name));
}
