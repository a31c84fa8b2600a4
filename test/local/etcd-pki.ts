/** The certificates of the local mode's etcds: one authority, and for each member what kubeadm would make. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { issuePair } from '../../agent/certificates/issue.ts';
import { clientNames, clientProfile, memberProfile } from '../../core/operation/certificate-profile.ts';

/** @param nowMs the time at which they are made: a year ago and a day, for some that have expired. */
export async function makeEtcdPki(folders: readonly string[], nowMs?: number): Promise<void> {
  const work = mkdtempSync('/tmp/pki-');
  try {
    const flags = ['-x509', '-nodes', '-newkey', 'rsa:2048', '-days', '3650', '-subj', '/CN=etcd-ca'];
    execFileSync('openssl', ['req', ...flags, '-keyout', 'ca.key', '-out', 'ca.crt'], { cwd: work, stdio: 'ignore' });
    const read = (name: string) => readFileSync(join(work, name), 'utf8');
    const authority = { certificate: read('ca.crt'), key: read('ca.key') };
    for (const folder of folders) {
      mkdirSync(folder, { recursive: true });
      const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
      write('ca.crt', authority.certificate);
      write('ca.key', authority.key);
      renewIn(folder, nowMs);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return Promise.resolve();
}

/** All of a member's certificates anew, by the authority beside them, as if it were another time. */
export function renewIn(folder: string, nowMs?: number): void {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const authority = { certificate: read('ca.crt'), key: read('ca.key') };
  const own = memberProfile('n', ['127.0.0.1']);
  const all = { server: own, peer: own, 'healthcheck-client': clientProfile(clientNames['healthcheck-client']) };
  for (const [name, profile] of Object.entries(all)) {
    const pair = issuePair({ authority, profile, nowMs });
    writeFileSync(join(folder, `${name}.crt`), pair.certificate, { mode: 0o600 });
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
