/** Issued here, judged by OpenSSL: what etcd and the API server would say is what it says. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issuePair } from '../../../agent/certificates/issue.ts';
import { clientProfile, memberProfile } from '../../../core/operation/certificate-profile.ts';

let work = '';
const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: work, encoding: 'utf8', stdio: 'pipe' });
const read = (name: string) => readFileSync(join(work, name), 'utf8');
const authority = (kind: string) => ({ certificate: read(`${kind}-ca.crt`), key: read(`${kind}-ca.key`) });
const kinds = {
  rsa: ['rsa:2048'],
  'ec-256': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'ec-384': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
};
const profile = memberProfile('cp1', ['10.0.0.11', 'cp1.example']);

beforeAll(() => {
  work = mkdtempSync('/tmp/issue-');
  for (const [kind, newKey] of Object.entries(kinds))
    openssl(
      ...['req', '-x509', '-nodes', '-newkey', ...newKey, '-subj', '/CN=etcd-ca', '-days', '3650'],
      ...['-addext', 'keyUsage=critical,keyCertSign', '-keyout', `${kind}-ca.key`, '-out', `${kind}-ca.crt`],
    );
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

function verify(kind: string, certificate: string, ...words: string[]): string {
  writeFileSync(join(work, 'leaf.crt'), certificate);
  return openssl('verify', '-x509_strict', '-CAfile', `${kind}-ca.crt`, ...words, 'leaf.crt');
}

describe.each(Object.keys(kinds))('from an authority with a key of the kind %s', (kind) => {
  test('a member’s is good for servers and clients, under its names', () => {
    const pair = issuePair({ authority: authority(kind), profile });
    for (const words of [
      ['-purpose', 'sslserver', '-verify_ip', '10.0.0.11'],
      ['-purpose', 'sslserver', '-verify_ip', '::1'],
      ['-purpose', 'sslserver', '-verify_hostname', 'cp1.example'],
      ['-purpose', 'sslclient'],
    ])
      expect(verify(kind, pair.certificate, ...words)).toMatch(/OK/);
    expect(() => verify(kind, pair.certificate, '-verify_ip', '10.0.0.12')).toThrow(/mismatch/);
    expect(new X509Certificate(pair.certificate).subject).toBe('CN=cp1');
  });

  test('a client’s is good for clients alone', () => {
    const pair = issuePair({ authority: authority(kind), profile: clientProfile('kube-apiserver-etcd-client') });
    expect(verify(kind, pair.certificate, '-purpose', 'sslclient')).toMatch(/OK/);
    expect(() => verify(kind, pair.certificate, '-purpose', 'sslserver')).toThrow(/purpose/);
  });

  test('like the one before, whatever that said', () => {
    writeFileSync(
      join(work, 'names'),
      'subjectAltName=DNS:a.example,IP:10.9.9.9,URI:spiffe://x\nextendedKeyUsage=clientAuth\n',
    );
    openssl(
      ...['req', '-nodes', '-newkey', ...kinds[kind as keyof typeof kinds], '-keyout', 'old.key', '-out', 'old.csr'],
      ...['-subj', '/O=system:masters/OU=x/CN=old'],
    );
    openssl(
      ...['x509', '-req', '-in', 'old.csr', '-CA', `${kind}-ca.crt`, '-CAkey', `${kind}-ca.key`, '-out', 'old.crt'],
      ...['-extfile', 'names', '-days', '1'],
    );
    const old = new X509Certificate(read('old.crt'));
    const pair = issuePair({ authority: authority(kind), old: read('old.crt'), profile });
    const renewed = new X509Certificate(pair.certificate);
    const said = ({ subject, subjectAltName, keyUsage, publicKey }: X509Certificate) => ({
      ...{ subject, subjectAltName, keyUsage, kind: publicKey.asymmetricKeyType, of: publicKey.asymmetricKeyDetails },
    });
    expect(said(renewed)).toEqual(said(old));
    expect(renewed.publicKey.equals(old.publicKey)).toBe(false);
    expect(renewed.serialNumber).not.toBe(old.serialNumber);
    expect(verify(kind, pair.certificate, '-purpose', 'sslclient')).toMatch(/OK/);
  });

  test('the key is that of the certificate, as OpenSSL reads it', () => {
    const pair = issuePair({ authority: authority(kind), profile });
    writeFileSync(join(work, 'leaf.key'), pair.key);
    writeFileSync(join(work, 'leaf.crt'), pair.certificate);
    expect(openssl('pkey', '-in', 'leaf.key', '-pubout')).toBe(openssl('x509', '-in', 'leaf.crt', '-noout', '-pubkey'));
  });
});

test('for a year, and never longer than the authority', () => {
  const until = (nowMs?: number) => issuePair({ authority: authority('rsa'), profile, nowMs }).notAfter.getTime();
  const dayMs = 24 * 3_600_000;
  expect((until() - Date.now()) / dayMs).toBeCloseTo(365, 1);
  const end = new X509Certificate(authority('rsa').certificate).validToDate.getTime();
  expect(until(end - 10 * dayMs)).toBe(end);
});

test.each([
  ['the key of another', () => ({ ...authority('rsa'), key: authority('ec-256').key }), /not its key/],
  [
    'no authority at all',
    () => ({ ...authority('rsa'), certificate: issuePair({ authority: authority('rsa'), profile }).certificate }),
    /no certificate of an authority/,
  ],
  ['no certificate', () => ({ ...authority('rsa'), certificate: 'x' }), /./],
])('%s signs nothing, and its key is in no message', (_, given, why) => {
  expect(() => issuePair({ authority: given(), profile })).toThrow(
    expect.objectContaining({ reason: 'authority-unusable', why: expect.stringMatching(why) }),
  );
});

test('an authority that has expired signs nothing', () => {
  const after = new X509Certificate(authority('rsa').certificate).validToDate.getTime() + 1000;
  expect(() => issuePair({ authority: authority('rsa'), profile, nowMs: after })).toThrow(/expired/);
});
