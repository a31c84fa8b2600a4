/** How the kubelet asks etcd whether it lives: as kubeadm 1.20 has it, which the lab runs, or as kubeadm has it since 1.31. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { upperOf } from './disk.ts';
import type { Node } from './where.ts';

/**
 * `health`: liveness and start-up by `/health`, which a member without a leader fails: a lost quorum restarts etcd again and again.
 * `livez`: liveness by `/livez`, which such a member passes; readiness and start-up by `/readyz`. etcd has these paths since 3.5.11.
 */
export const probeStyles = ['health', 'livez'] as const;
export type ProbeStyle = (typeof probeStyles)[number];

/** The three probes with the numbers that kubeadm gives them (1.31, `cmd/kubeadm/app/util/staticpod`): seconds. */
const livezProbes = {
  livenessProbe: { path: '/livez', initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 8 },
  readinessProbe: { path: '/readyz', initialDelaySeconds: undefined, periodSeconds: 1, failureThreshold: 3 },
  startupProbe: { path: '/readyz', initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 24 },
} as const;

/** The manifest of kubeadm 1.20 with the probes of the given style; `health` is what it has already. */
export function withProbes(manifest: string, style: ProbeStyle): string {
  if (style === 'health') return manifest;
  const document = parseDocument(manifest);
  for (const [name, { path, ...timing }] of Object.entries(livezProbes)) {
    const httpGet = { host: '127.0.0.1', path, port: 2381, scheme: 'HTTP' };
    document.setIn(['spec', 'containers', 0, name], document.createNode({ httpGet, timeoutSeconds: 15, ...timing }));
  }
  return document.toString();
}

/** Gives the etcd of a node that is off its probes. */
export async function setProbes(node: Node, style: ProbeStyle): Promise<void> {
  const manifest = join(upperOf(node), 'etc/kubernetes/manifests/etcd.yaml');
  const content = withProbes(await readFile(manifest, 'utf8'), style);
  // beside the folder: the kubelet would run a second file in it
  const part = join(upperOf(node), 'etc/kubernetes/etcd.yaml.part');
  await writeFile(part, content, { mode: 0o600 });
  await rename(part, manifest);
}
