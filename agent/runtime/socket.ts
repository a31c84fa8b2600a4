import { stat } from 'node:fs/promises';
import { Failure } from '../../core/failure.ts';
import { kubeletSetting } from '../host/manifest-directory.ts';
import type { HostRoot } from '../host/root.ts';

/** Where runtimes listen unless told otherwise, in the order in which kubeadm looks (cmd/kubeadm/app/constants), CRI-O's and k3s' included. */
const wellKnown = [
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/var/run/cri-dockerd.sock',
  '/run/k3s/containerd/containerd.sock',
];

/**
 * The container runtime's socket as the kubelet of this node was told, else the first well-known one that is there; as this process finds it.
 * The kubelet's flag beats its configuration; kubeadm's instance-config.yaml (from 1.32) beats config.yaml.
 * @throws {Failure} `runtime-not-found`.
 */
export async function findRuntimeSocket(root: HostRoot): Promise<string> {
  const told = await toldSockets(root);
  for (const candidate of [...told, ...wellKnown]) {
    const here = await root.here(candidate);
    if (await isSocket(here)) return here;
  }
  throw new Failure({
    reason: 'runtime-not-found',
    what: "cannot find the container runtime's socket",
    why: `neither the kubelet's configuration nor a well-known path leads to one: ${[...new Set([...told, ...wellKnown])].join(', ')}`,
    next: 'on the node: systemctl status containerd kubelet',
  });
}

async function toldSockets(root: HostRoot): Promise<readonly string[]> {
  const flags = (await root.readTextIfThere('/var/lib/kubelet/kubeadm-flags.env')) ?? '';
  const told = [
    /--container-runtime-endpoint[= ]["']?([^"'\s]+)/.exec(flags)?.[1],
    await kubeletSetting(root, '/var/lib/kubelet/instance-config.yaml', 'containerRuntimeEndpoint'),
    await kubeletSetting(root, '/var/lib/kubelet/config.yaml', 'containerRuntimeEndpoint'),
  ];
  return told.flatMap((endpoint) => (endpoint === undefined ? [] : [endpoint.replace(/^unix:(?:\/\/)?/, '')]));
}

async function isSocket(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isSocket();
  } catch {
    return false;
  }
}
