/** Certificates of etcd from the authority whose key lies on this node, in the form that kubeadm gives them. */
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AttributeTypeAndValue,
  AttributeValue,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
} from '@peculiar/asn1-x509';
import type { Extension } from '@peculiar/asn1-x509';
import { extension, signCertificate } from '../../core/access/sign-certificate.ts';
import type { Credentials } from '../../core/access/sign-certificate.ts';
import { Failure, messageOf } from '../../core/failure.ts';
import type { CertificateProfile } from '../../core/operation/certificate-profile.ts';

export interface IssuedPair extends Credentials {
  readonly notAfter: Date;
}

/** What kubeadm gives. */
export const certificateLifeMs = 365 * 24 * 3_600_000;
/** A node whose clock is hours behind must not refuse it: on a bad day clocks are wrong as well. */
const backdatedMs = 24 * 3_600_000;
const oid = { commonName: '2.5.4.3', organization: '2.5.4.10' } as const;
const usageOf = { server: id_kp_serverAuth, client: id_kp_clientAuth } as const;

/**
 * A new pair, with a new key. Like `old` (PEM) where that is given: the same subject, names, usages and kind of key; else as `profile` says.
 * Valid for a year, and never longer than the authority.
 * @param authority the certificate (the first, where there are several) and its key, PEM.
 * @throws {Failure} `authority-unusable` when the key is not the certificate's, when it has expired, or signs nothing; `certificate-unreadable`
 *   where `old` is none.
 */
export function issuePair(options: {
  readonly authority: Credentials;
  readonly old?: string | undefined;
  readonly profile: CertificateProfile;
  readonly nowMs?: number | undefined;
}): IssuedPair {
  const { authority, old, profile, nowMs = Date.now() } = options;
  const issuer = usableAuthority(authority, nowMs);
  const before = old === undefined ? undefined : readOld(old);
  const keys = newKeysLike(before?.x509);
  const issuing = AsnConvert.parse(issuer.raw, Certificate).tbsCertificate.subject;
  const { certificate, notAfter } = signCertificate({
    issuer: issuing,
    subject: before?.subject ?? subjectOf(profile),
    publicKey: keys.publicKey,
    signingKey: authority.key,
    authority: issuer,
    notBefore: new Date(Math.max(nowMs - backdatedMs, issuer.validFromDate.getTime())),
    notAfter: new Date(Math.min(nowMs + certificateLifeMs, issuer.validToDate.getTime())),
    extensions: before?.extensions ?? extensionsOf(profile),
  });
  return { certificate, key: keys.key, notAfter };
}

/** @throws {Failure} `authority-unusable`. */
function usableAuthority({ certificate, key }: Credentials, nowMs: number): X509Certificate {
  const x509 = parsed(certificate, (why) => unusable(why));
  if (!x509.ca) throw unusable('it is no certificate of an authority');
  if (nowMs > x509.validToDate.getTime()) throw unusable(`it has expired on ${x509.validToDate.toISOString()}`);
  if (nowMs < x509.validFromDate.getTime()) throw unusable(`it is valid from ${x509.validFromDate.toISOString()} on`);
  let matches: boolean;
  try {
    matches = x509.checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    // Only the parser's own words: never what it parsed.
    throw unusable(messageOf(cause));
  }
  if (!matches) throw unusable('the key beside it is not its key');
  return x509;
}

function readOld(pem: string) {
  const x509 = parsed(
    pem,
    (why) => new Failure({ reason: 'certificate-unreadable', what: 'cannot read the certificate that is there', why }),
  );
  const { subject, extensions } = AsnConvert.parse(x509.raw, Certificate).tbsCertificate;
  const own: readonly string[] = [id_ce_subjectKeyIdentifier, id_ce_authorityKeyIdentifier];
  return { x509, subject, extensions: Array.from(extensions ?? []).filter(({ extnID }) => !own.includes(extnID)) };
}

function parsed(pem: string, failure: (why: string) => Failure): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw failure(messageOf(cause));
  }
}

/** PEM; the private one in the form that its kind is usually written in: RSA as kubeadm's, PKCS#1, curves as SEC1. */
function newKeysLike(old: X509Certificate | undefined): { readonly key: string; readonly publicKey: string } {
  const details = old?.publicKey.asymmetricKeyDetails;
  const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
  const pair =
    old?.publicKey.asymmetricKeyType === 'ec'
      ? generateKeyPairSync('ec', {
          namedCurve: details?.namedCurve ?? 'P-256',
          privateKeyEncoding: { type: 'sec1', format: 'pem' },
          publicKeyEncoding,
        })
      : generateKeyPairSync('rsa', {
          modulusLength: Math.max(2048, details?.modulusLength ?? 0),
          privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
          publicKeyEncoding,
        });
  return { key: pair.privateKey, publicKey: pair.publicKey };
}

function subjectOf({ commonName, organizations }: CertificateProfile): Name {
  const attribute = (type: string, text: string) =>
    new RelativeDistinguishedName([
      new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String: text }) }),
    ]);
  return new Name([
    ...organizations.map((name) => attribute(oid.organization, name)),
    attribute(oid.commonName, commonName),
  ]);
}

function extensionsOf({ dnsNames, ipAddresses, usages }: CertificateProfile): Extension[] {
  const names = [
    ...dnsNames.map((dNSName) => new GeneralName({ dNSName })),
    ...ipAddresses.map((iPAddress) => new GeneralName({ iPAddress })),
  ];
  const forKeys = KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment;
  return [
    extension(id_ce_keyUsage, new KeyUsage(forKeys), 'critical'),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage(usages.map((usage) => usageOf[usage]))),
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), 'critical'),
    ...(names.length === 0 ? [] : [extension(id_ce_subjectAltName, new SubjectAlternativeName(names))]),
  ];
}

function unusable(why: string): Failure {
  return new Failure({
    reason: 'authority-unusable',
    what: "no certificate can be issued from etcd's authority",
    why,
    next: 'bring the authority that etcd trusts, with its key, to the node: /etc/kubernetes/pki/etcd/ca.crt and ca.key are kubeadm’s',
  });
}
