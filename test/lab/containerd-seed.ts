/**
 * containerd's state with the control plane's images in it, imported and unpacked once; every node starts from a copy that shares the
 * big files. Importing them on three nodes at each `up` would take a third of its time.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runtimeLayer } from './agent-image.ts';
import { cached, fingerprint, forgetOthers } from './cache.ts';
import { attempt, run } from './command.ts';
import type { EtcdBinaries } from './etcd-packages.ts';
import { writeImageArchive } from './image-archive.ts';
import { controlPlaneBinaries, controlPlaneBinary } from './kubernetes-build.ts';
import type { KubernetesBinaries } from './kubernetes-build.ts';
import { sharedLibraries } from './shared-libraries.ts';
import { kubernetesVersion, mark } from './where.ts';

const registry = 'k8s.gcr.io';
export const etcdImageTag = 'lab';
const env = ['PATH=/usr/local/bin:/usr/bin:/bin'];

/** A cached directory that is a /var/lib/containerd. */
export async function containerdSeed(parts: {
  readonly base: string;
  readonly kubernetes: KubernetesBinaries;
  readonly etcd: EtcdBinaries;
}): Promise<string> {
  const inputs = [parts.base, parts.kubernetes.path, parts.etcd.path].map((path) => basename(path));
  const sources = ['pause.c', 'image-archive.ts', 'containerd-seed.ts', 'agent-image.ts'];
  const files = sources.map((name) => join(import.meta.dirname, name));
  const prefix = `containerd-${basename(parts.etcd.path)}-`;
  const name = `${prefix}${await fingerprint([...inputs, process.version], files)}`;
  const path = await cached({
    name,
    what: "containerd's state with the control plane's images",
    async make({ directory, cgroup }) {
      const archives = `${directory}.images`;
      await rm(archives, { recursive: true, force: true });
      await mkdir(archives);
      await writeImages(archives, parts);
      await importImages({ base: parts.base, archives, into: directory, cgroup });
      await rm(archives, { recursive: true });
    },
  });
  await forgetOthers({ prefix, keep: name }); // running nodes share files with it, which stay theirs
  return path;
}

async function writeImages(
  directory: string,
  parts: { readonly kubernetes: KubernetesBinaries; readonly etcd: EtcdBinaries },
): Promise<void> {
  const pause = join(directory, 'pause');
  await run(['gcc', '-static', '-O2', '-o', pause, join(import.meta.dirname, 'pause.c')]);
  await writeImageArchive(join(directory, 'pause.tar'), {
    ...{ reference: `${registry}/pause:3.2`, env, entrypoint: ['/pause'] },
    layers: [[{ path: '/pause', from: pause }]],
  });
  for (const name of controlPlaneBinaries) {
    await writeImageArchive(join(directory, `${name}.tar`), {
      ...{ reference: `${registry}/${name}:${kubernetesVersion}`, env },
      layers: [[{ path: `/usr/local/bin/${name}`, from: controlPlaneBinary(parts.kubernetes, name) }]],
    });
  }
  // not for running: the agent's image then has only its programs to unpack, instead of 130 MB on every node
  await writeImageArchive(join(directory, 'runtime.tar'), {
    ...{ reference: `${registry}/${mark}/runtime:lab`, env },
    layers: [await runtimeLayer()],
  });
  // upstream's etcd is static, Debian's is linked against the C library: the image carries it
  const libraries = await Promise.all(parts.etcd.binaries.map(sharedLibraries));
  const unique = new Map(libraries.flat().map((entry) => [entry.path, entry]));
  await writeImageArchive(join(directory, 'etcd.tar'), {
    ...{ reference: `${registry}/etcd:${etcdImageTag}`, env },
    layers: [
      [
        ...[...unique.values()],
        ...parts.etcd.binaries.map((from) => ({ path: `/usr/local/bin/${basename(from)}`, from })),
        { path: '/tmp', directoryMode: 0o1777 },
      ],
    ],
  });
}

/** Runs containerd alone, in a throw-away container of the nodes' system, on the directory that becomes the seed. */
async function importImages(options: {
  readonly base: string;
  readonly archives: string;
  readonly cgroup: string;
  readonly into: string;
}): Promise<void> {
  const machine = `${mark}-images`;
  const script = `
    set -e
    containerd --log-level error & containerd=$!
    until ctr version >/dev/null 2>&1; do sleep 0.1; done
    for archive in /images/*.tar; do ctr -n k8s.io images import --snapshotter overlayfs "$archive"; done
    kill $containerd; wait $containerd || true`;
  const nspawn = ['systemd-nspawn', '-q', '--as-pid2', '--register=no', '--keep-unit', `--machine=${machine}`];
  await run(
    [
      ...[...nspawn, '--directory', options.base, '--volatile=overlay', '--private-network'],
      ...['--capability=all', '--system-call-filter=@keyring bpf @module @raw-io'],
      ...[`--bind=${options.into}:/var/lib/containerd`, `--bind-ro=${options.archives}:/images`],
      ...['/bin/sh', '-c', script],
    ],
    { cgroup: options.cgroup },
  );
  await rm(join('/run/systemd/nspawn/propagate', machine), { recursive: true, force: true });
}

/**
 * A copy of the seed for one node. Layers and blobs are hard links: containerd and overlayfs never write to them in place, they only
 * add and remove. Its databases are written in place, so they are copied.
 */
export async function copySeed(seed: string, to: string): Promise<void> {
  if ((await attempt(['cp', '-a', '--link', seed, to])).code !== 0) {
    // the cache on another file system than the lab
    await rm(to, { recursive: true, force: true });
    await run(['cp', '-a', seed, to]);
    return;
  }
  for (const name of await readdir(to, { recursive: true })) {
    // only containerd's own databases: never those that an image might carry
    if (!name.endsWith('.db') || name.includes('/snapshots/')) continue;
    await rm(join(to, name));
    await run(['cp', '-a', join(seed, name), join(to, name)]);
  }
}
