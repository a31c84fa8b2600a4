/**
 * The installation's own certificates: one authority, and under it one certificate for each agent and for each access file. Only their form is
 * ours; encoding and signing are sign-certificate.ts's, and whether one may be trusted is OpenSSL's to say, in the TLS handshake.
 */
import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AttributeTypeAndValue,
  AttributeValue,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  GeneralName,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
} from '@peculiar/asn1-x509';
import { organizationOf } from './read-certificate.ts';
import type { Role } from './read-certificate.ts';
import { extension, signCertificate } from './sign-certificate.ts';
import type { Credentials, Issued, ToSign } from './sign-certificate.ts';

export type { Credentials, Issued } from './sign-certificate.ts';

export const dayMs = 24 * 3_600_000;
export const authorityLifeMs = 3_652 * dayMs;
export const certificateLifeMs = 365 * dayMs;
/** A clock that is an hour, or a time zone, behind must not lock anybody out. */
const backdatedMs = dayMs;

const oid = { commonName: '2.5.4.3', organization: '2.5.4.10' } as const;
/** X.520's upper bound. */
const commonNameLength = 64;

/** A new pair of P-256 keys, as PEM: the private one in PKCS#8, the public one as SubjectPublicKeyInfo. */
export function newKeys(): { readonly key: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { key: privateKey, publicKey };
}

/** A new authority for the installation on one cluster: it signs itself and nothing that signs. */
export function makeAuthority(options: { readonly clusterName: string; readonly nowMs?: number }): Credentials {
  const { key, publicKey } = newKeys();
  const name = nameOf('kubectl-etcd', `kubectl-etcd ${options.clusterName}`);
  const { certificate } = signed({
    issuer: name,
    subject: name,
    publicKey,
    signingKey: key,
    nowMs: options.nowMs ?? Date.now(),
    lifeMs: authorityLifeMs,
    extensions: [
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), 'critical'),
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), 'critical'),
    ],
  });
  return { certificate, key };
}

/**
 * A certificate under `authority` for the owner of `publicKey` (PEM). It never outlives the authority.
 * @throws when the public key is none of P-256.
 */
export function issueCertificate(options: {
  readonly authority: Credentials;
  readonly publicKey: string;
  readonly role: Role;
  /** Whose it is: a node's name, or a person's. */
  readonly name: string;
  readonly dnsName?: string | undefined;
  readonly lifeMs?: number | undefined;
  readonly nowMs?: number | undefined;
}): Issued {
  const { authority, publicKey, role, name, dnsName, lifeMs = certificateLifeMs, nowMs = Date.now() } = options;
  if (createPublicKey(publicKey).asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new Error('the public key is none of P-256');
  const issuer = new X509Certificate(authority.certificate);
  return signed({
    issuer: AsnConvert.parse(issuer.raw, Certificate).tbsCertificate.subject,
    subject: nameOf(organizationOf(role), name),
    publicKey,
    signingKey: authority.key,
    authority: issuer,
    nowMs,
    lifeMs: Math.min(lifeMs, issuer.validToDate.getTime() - nowMs),
    extensions: [
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), 'critical'),
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), 'critical'),
      extension(
        id_ce_extKeyUsage,
        new ExtendedKeyUsage(role === 'agent' ? [id_kp_serverAuth, id_kp_clientAuth] : [id_kp_clientAuth]),
      ),
      ...(dnsName === undefined
        ? []
        : [extension(id_ce_subjectAltName, new SubjectAlternativeName([new GeneralName({ dNSName: dnsName })]))]),
    ],
  });
}

/** From a day ago on, for `lifeMs` from now. */
function signed({
  nowMs,
  lifeMs,
  ...rest
}: Omit<ToSign, 'notBefore' | 'notAfter'> & { nowMs: number; lifeMs: number }): Issued {
  return signCertificate({ ...rest, notBefore: new Date(nowMs - backdatedMs), notAfter: new Date(nowMs + lifeMs) });
}

function nameOf(organization: string, commonName: string): Name {
  const attribute = (type: string, text: string) =>
    new RelativeDistinguishedName([
      new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String: text }) }),
    ]);
  return new Name([
    attribute(oid.organization, organization),
    attribute(oid.commonName, commonName.slice(0, commonNameLength)),
  ]);
}
