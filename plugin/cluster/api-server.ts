import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ApiServer } from '../../core/access/register.ts';

/** The API server that a kubeconfig leads to, as an access file knows it: by its URL, and by the authority that its certificate must be of. */
export function apiServerOf(config: KubeConfig): ApiServer {
  const { server = '', caData, caFile } = config.getCurrentCluster() ?? {};
  const pem = caData === undefined ? fileText(caFile) : Buffer.from(caData, 'base64').toString();
  const certificates = pem?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return certificates.length === 0 ? { url: server } : { url: server, caFingerprint: fingerprintOf(certificates) };
}

/** Of certificates (PEM): files may differ in their line ends and mean the same. */
export function fingerprintOf(certificates: readonly string[]): string {
  const hash = createHash('sha256');
  for (const certificate of certificates) hash.update(certificate.replace(/\s/g, ''));
  return hash.digest('hex');
}

function fileText(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The connection will say so.
    return undefined;
  }
}
