/** What labs are made of, from the cache; made first where this machine has not made it yet. */
import { baseSystem } from './base-system.ts';
import { containerdSeed } from './containerd-seed.ts';
import { etcdBinaries } from './etcd-packages.ts';
import type { EtcdBinaries } from './etcd-packages.ts';
import { kubernetesBinaries } from './kubernetes-build.ts';
import type { KubernetesBinaries } from './kubernetes-build.ts';
import { installPackages, labPackages } from './packages.ts';
import type { EtcdVersion } from './where.ts';

export interface Parts {
  readonly base: string;
  readonly kubernetes: KubernetesBinaries;
  readonly etcd: EtcdBinaries;
  readonly containerdSeed: string;
}

/** All parts of a lab with that etcd. Minutes on a new machine, nothing on one that has them. */
export async function parts(etcdVersion: EtcdVersion): Promise<Parts> {
  await installPackages(labPackages);
  // etcd first: seconds, and a machine that cannot fetch packages says so before ten minutes of work
  const etcd = await etcdBinaries(etcdVersion);
  const base = await baseSystem();
  const kubernetes = await kubernetesBinaries();
  return { base, kubernetes, etcd, containerdSeed: await containerdSeed({ base, kubernetes, etcd }) };
}
