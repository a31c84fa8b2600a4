/** The certificates of the local mode's etcds: one authority, and for each member what kubeadm would make. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { makeAuthority } from '../../core/access/certificates.ts';
import { issuePair } from '../../agent/certificates/issue.ts';
import { clientNames, clientProfile, memberProfile } from '../../core/operation/certificate-profile.ts';

const yearMs = 365 * 24 * 3_600_000;

/** @param folders one for each member. The authority is three years old, so that it can have issued what has expired. */
export function makeEtcdPki(folders: readonly string[]): void {
  const authority = makeAuthority({ clusterName: 'etcd', nowMs: Date.now() - 3 * yearMs });
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'ca.crt'), authority.certificate);
    writeFileSync(join(folder, 'ca.key'), authority.key, { mode: 0o600 });
    renewIn(folder);
  }
}

/** All of a member's certificates anew, by the authority beside them, as if it were another time. */
export function renewIn(folder: string, nowMs?: number): void {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const authority = { certificate: read('ca.crt'), key: read('ca.key') };
  const own = memberProfile('n', ['127.0.0.1']);
  const all = { server: own, peer: own, 'healthcheck-client': clientProfile(clientNames['healthcheck-client']) };
  for (const [name, profile] of Object.entries(all)) {
    const pair = issuePair({ authority, profile, nowMs });
    writeFileSync(join(folder, `${name}.crt`), pair.certificate);
    writeFileSync(join(folder, `${name}.key`), pair.key, { mode: 0o600 });
  }
}

/** What the member's health endpoint says; undefined while it says nothing. */
export function healthOverTls(clientUrl: string, pki: string): Promise<{ health?: string } | undefined> {
  const read = (name: string) => readFileSync(join(pki, name));
  const credentials = { ca: read('ca.crt'), cert: read('healthcheck-client.crt'), key: read('healthcheck-client.key') };
  return new Promise((resolve) => {
    const request = get(`${clientUrl}/health`, { ...credentials, agent: false, timeout: 2_000 }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(JSON.parse(text) as { health?: string }));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}
