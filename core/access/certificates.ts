/**
 * The installation's own certificates: one authority, and under it one certificate for each agent and for each access file. Only their form is
 * ours; encoding is @peculiar/asn1-x509's, signing node:crypto's, and whether one may be trusted is OpenSSL's to say, in the TLS handshake.
 */
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import { organizationOf } from './read-certificate.ts';
import type { Role } from './read-certificate.ts';

/** PEM texts. The key is a secret: it goes into files of mode 0600 and nowhere else. */
export interface Credentials {
  readonly certificate: string;
  readonly key: string;
}

export interface Issued {
  readonly certificate: string;
  /** Lower-case hexadecimal. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export const dayMs = 24 * 3_600_000;
export const authorityLifeMs = 3_652 * dayMs;
export const certificateLifeMs = 365 * dayMs;
/** A clock that is an hour, or a time zone, behind must not lock anybody out. */
const backdatedMs = dayMs;

const oid = { commonName: '2.5.4.3', organization: '2.5.4.10', ecdsaWithSha256: '1.2.840.10045.4.3.2' } as const;
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
    authorityKey: issuer.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
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

interface ToSign {
  readonly issuer: Name;
  readonly subject: Name;
  readonly publicKey: string;
  readonly signingKey: string;
  /** The signer's public key; the certificate's own where it signs itself. */
  readonly authorityKey?: string;
  readonly nowMs: number;
  readonly lifeMs: number;
  readonly extensions: readonly Extension[];
}

function signed(options: ToSign): Issued {
  const { issuer, subject, publicKey, signingKey, authorityKey = publicKey, nowMs, lifeMs, extensions } = options;
  const serial = newSerial();
  // Certificates know whole seconds.
  const notBefore = new Date(Math.floor((nowMs - backdatedMs) / 1000) * 1000);
  const notAfter = new Date(Math.floor((nowMs + lifeMs) / 1000) * 1000);
  const signatureAlgorithm = new AlgorithmIdentifier({ algorithm: oid.ecdsaWithSha256 });
  const keyId = (pem: string) => new OctetString(keyIdentifierOf(pem));
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: new Uint8Array(serial).buffer,
    signature: signatureAlgorithm,
    issuer,
    validity: new Validity({ notBefore, notAfter }),
    subject,
    subjectPublicKeyInfo: AsnConvert.parse(derOf(publicKey), SubjectPublicKeyInfo),
    extensions: new Extensions([
      ...extensions,
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId(publicKey).buffer)),
      extension(
        id_ce_authorityKeyIdentifier,
        new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyId(authorityKey).buffer) }),
      ),
    ]),
  });
  const toSign = Buffer.from(AsnConvert.serialize(tbsCertificate));
  const signatureValue = new Uint8Array(sign('sha256', toSign, signingKey)).buffer;
  const der = AsnConvert.serialize(new Certificate({ tbsCertificate, signatureAlgorithm, signatureValue }));
  return { certificate: pemOf(Buffer.from(der)), serial: serial.toString('hex'), notBefore, notAfter };
}

/** 126 random bits; positive, and of the same length however it is written. */
function newSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

function extension(extnID: string, value: object, critical?: 'critical'): Extension {
  return new Extension({
    extnID,
    critical: critical !== undefined,
    extnValue: new OctetString(AsnConvert.serialize(value)),
  });
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

function keyIdentifierOf(publicKey: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(derOf(publicKey)).digest().subarray(0, 20));
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
