import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayMs, issueCertificate, makeAuthority, newKeys } from '../../../core/access/certificates.ts';
import { readCertificate } from '../../../core/access/read-certificate.ts';

const authority = makeAuthority({ clusterName: 'prod-eu1' });
const { publicKey } = newKeys();
const agent = (options: { lifeMs?: number; nowMs?: number } = {}) =>
  issueCertificate({
    authority,
    publicKey,
    role: 'agent',
    name: 'cp1',
    dnsName: 'cp1.agents.kubectl-etcd',
    ...options,
  });

/** What OpenSSL says of it, at its strictest. */
function openssl(purpose: string, certificate: string, ca = authority.certificate): string {
  const work = mkdtempSync('/tmp/kec-');
  try {
    writeFileSync(join(work, 'ca'), ca);
    writeFileSync(join(work, 'certificate'), certificate);
    const argv = [
      'verify',
      '-x509_strict',
      '-purpose',
      purpose,
      '-CAfile',
      join(work, 'ca'),
      join(work, 'certificate'),
    ];
    return execFileSync('openssl', argv, { encoding: 'utf8', stdio: 'pipe' });
  } catch (thrown) {
    return String((thrown as { stderr?: unknown }).stderr);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

describe('what OpenSSL makes of them', () => {
  const plugin = issueCertificate({ authority, publicKey, role: 'plugin', name: 'anna@laptop' });
  test.each([
    ['an agent as a server', 'sslserver', agent().certificate, /OK/],
    ['an agent as a client', 'sslclient', agent().certificate, /OK/],
    ['a person as a client', 'sslclient', plugin.certificate, /OK/],
    ['a person as a server', 'sslserver', plugin.certificate, /unsuitable certificate purpose/],
    ['the authority itself', 'any', authority.certificate, /OK/],
  ])('%s', (_, purpose, certificate, says) => {
    expect(openssl(purpose, certificate)).toMatch(says);
  });

  test('one of another installation of the same name', () => {
    const other = makeAuthority({ clusterName: 'prod-eu1' });
    expect(openssl('sslserver', agent().certificate, other.certificate)).toMatch(/unable to get local issuer|failed/);
  });

  test('what a certificate that is none of an authority has signed', () => {
    const keys = newKeys();
    const own = issueCertificate({ authority, publicKey: keys.publicKey, role: 'plugin', name: 'mallory' });
    const forged = issueCertificate({
      authority: { certificate: own.certificate, key: keys.key },
      publicKey,
      role: 'agent',
      name: 'cp1',
    });
    expect(openssl('sslserver', forged.certificate, `${authority.certificate}${own.certificate}`)).toMatch(/error/);
  });
});

test('says whose it is, from a day before until the end of its life', () => {
  const nowMs = Date.parse('2026-11-21T12:00:00Z');
  const { certificate, serial } = agent({ nowMs, lifeMs: 10 * dayMs });
  expect(readCertificate(certificate)).toMatchObject({
    role: 'agent',
    name: 'cp1',
    serial,
    notBefore: new Date('2026-11-20T12:00:00Z'),
    notAfter: new Date('2026-12-01T12:00:00Z'),
  });
  expect(new X509Certificate(certificate).checkHost('cp1.agents.kubectl-etcd')).toBeDefined();
  expect(new X509Certificate(certificate).checkHost('cp2.agents.kubectl-etcd')).toBeUndefined();
});

test('never outlives its authority', () => {
  const { notAfter } = agent({ lifeMs: 100 * 365 * dayMs });
  expect(notAfter.getTime()).toBeLessThanOrEqual(readCertificate(authority.certificate).notAfter.getTime());
});

test('after 2049, when the form of times changes', () => {
  const old = makeAuthority({ clusterName: 'old', nowMs: Date.parse('2048-01-01T00:00:00Z') });
  expect(readCertificate(old.certificate).notAfter.toISOString().slice(0, 4)).toBe('2057');
});

test('every serial number is new, and its length the same', () => {
  const serials = Array.from({ length: 50 }, () => agent().serial);
  expect(new Set(serials).size).toBe(50);
  for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/);
});

test.each(['rsa', 'ed25519'] as const)('a key that is %s is refused', (kind) => {
  const pair = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  expect(() => issueCertificate({ authority, publicKey: pem, role: 'plugin', name: 'x' })).toThrow('P-256');
});
