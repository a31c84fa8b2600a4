import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ApiServer } from '../../core/access/register.ts';

/** The API server that a kubeconfig leads to, as an access file knows it: by its URL, and by the authority that its certificate must be of. */
export function apiServerOf(config: KubeConfig): ApiServer {
  const { server = '', caData, caFile } = config.getCurrentCluster() ?? {};
  const pem = caData === undefined ? fileText(caFile) : Buffer.from(caData, 'base64').toString();
  const certificates = pem?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) return { url: server };
  const hash = createHash('sha256');
  // Files may differ in their line ends and mean the same.
  for (const certificate of certificates) hash.update(certificate.replace(/\s/g, ''));
  return { url: server, caFingerprint: hash.digest('hex') };
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
