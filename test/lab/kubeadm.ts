/** Makes the cluster as an administrator would: kubeadm init on the first node, kubeadm join --control-plane on the others. */
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { etcdImageTag } from './containerd-seed.ts';
import { runOnNode } from './machine.ts';
import { say } from './progress.ts';
import { apiServerPort, kubernetesVersion } from './where.ts';
import type { Node } from './where.ts';

const criSocket = '/run/containerd/containerd.sock';
// its checks are for machines: swap, kernel modules, memory; add-ons (DNS, kube-proxy) have images of their own and need a pod network
const skipped = ['--ignore-preflight-errors=all', '--skip-phases=addon,preflight'];

/** Returns when kubeadm is content on every node. One after the other: etcd takes one new member at a time. */
export async function makeCluster(nodes: readonly Node[]): Promise<void> {
  const [first, ...others] = nodes;
  if (first === undefined) return;
  const token = `${randomBytes(3).toString('hex')}.${randomBytes(8).toString('hex')}`;
  const certificateKey = randomBytes(32).toString('hex');

  const configuration = '/root/kubeadm.yaml';
  await writeFile(join(first.root, configuration), initConfiguration({ first, token, certificateKey }), {
    mode: 0o600,
  });
  await runOnNode(first, ['kubeadm', 'init', '--config', configuration, '--upload-certs', ...skipped], {
    timeoutMs: 240_000,
  });
  await rm(join(first.root, configuration));
  say(`${first.name}: kubeadm init is done`);

  const pin = await authorityPin(first);
  for (const node of others) {
    await runOnNode(
      node,
      [
        ...['kubeadm', 'join', `${first.name}:${apiServerPort}`, '--control-plane', '--token', token],
        ...['--discovery-token-ca-cert-hash', pin, '--certificate-key', certificateKey],
        ...['--apiserver-advertise-address', node.address, '--node-name', node.name],
        ...['--ignore-preflight-errors=all', '--skip-phases=preflight', '--cri-socket', criSocket],
      ],
      { timeoutMs: 240_000 },
    );
    say(`${node.name}: kubeadm join is done`);
  }
}

/** kubeadm's pin of the cluster's authority: the hash of its public key. */
async function authorityPin(node: Node): Promise<string> {
  const certificate = new X509Certificate(await readFile(join(node.root, 'etc/kubernetes/pki/ca.crt')));
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}

function initConfiguration(options: {
  readonly first: Node;
  readonly token: string;
  readonly certificateKey: string;
}): string {
  const { first, token, certificateKey } = options;
  // evictionHard, image limits: the nodes share the host's disk, whose fullness is not theirs to act on
  return `apiVersion: kubeadm.k8s.io/v1beta2
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: ${first.address}, bindPort: ${apiServerPort}}
nodeRegistration: {name: ${first.name}, criSocket: ${criSocket}}
certificateKey: ${certificateKey}
bootstrapTokens: [{token: ${token}, ttl: 24h0m0s}]
---
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterConfiguration
kubernetesVersion: ${kubernetesVersion}
controlPlaneEndpoint: ${first.name}:${apiServerPort}
imageRepository: k8s.gcr.io
networking: {podSubnet: 10.244.0.0/16}
etcd: {local: {imageTag: ${etcdImageTag}, dataDir: /var/lib/etcd}}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: cgroupfs
failSwapOn: false
enforceNodeAllocatable: []
evictionHard: {}
imageGCHighThresholdPercent: 100
`;
}
