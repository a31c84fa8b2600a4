/** X.509 as bytes: encoding is @peculiar/asn1-x509's, signing node:crypto's. What a certificate says is its caller's. */
import { createHash, createPrivateKey, randomBytes, sign } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AuthorityKeyIdentifier,
  Certificate,
  Extension,
  Extensions,
  id_ce_authorityKeyIdentifier,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import type { Name } from '@peculiar/asn1-x509';

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

export interface ToSign {
  readonly issuer: Name;
  readonly subject: Name;
  /** PEM. */
  readonly publicKey: string;
  /** PEM: RSA, or one of the NIST curves. */
  readonly signingKey: string;
  /** Whose key signs; absent where the certificate signs itself. */
  readonly authority?: X509Certificate;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Without the key identifiers, which are made here. */
  readonly extensions: readonly Extension[];
}

/** A certificate with a serial number of its own. @throws when the key is none that can sign. */
export function signCertificate(options: ToSign): Issued {
  const { issuer, subject, publicKey, signingKey, authority, extensions } = options;
  const serial = newSerial();
  const { hash, ...algorithm } = algorithmOf(signingKey);
  const signatureAlgorithm = new AlgorithmIdentifier(algorithm);
  const notBefore = wholeSeconds(options.notBefore);
  const notAfter = wholeSeconds(options.notAfter);
  const own = keyIdentifierOf(publicKey);
  const above = authority === undefined ? own : authorityIdentifier(authority);
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
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(own)),
      extension(id_ce_authorityKeyIdentifier, new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(above) })),
    ]),
  });
  const toSign = Buffer.from(AsnConvert.serialize(tbsCertificate));
  const signatureValue = new Uint8Array(sign(hash, toSign, signingKey)).buffer;
  const der = AsnConvert.serialize(new Certificate({ tbsCertificate, signatureAlgorithm, signatureValue }));
  return { certificate: pemOf(Buffer.from(der)), serial: serial.toString('hex'), notBefore, notAfter };
}

export function extension(extnID: string, value: object, critical?: 'critical'): Extension {
  return new Extension({
    extnID,
    critical: critical !== undefined,
    extnValue: new OctetString(AsnConvert.serialize(value)),
  });
}

/** RFC 5758 and RFC 8017: the hash goes with the curve; RSA's parameters are an explicit NULL. */
const byCurve: Readonly<Record<string, { readonly algorithm: string; readonly hash: string }>> = {
  prime256v1: { algorithm: '1.2.840.10045.4.3.2', hash: 'sha256' },
  secp384r1: { algorithm: '1.2.840.10045.4.3.3', hash: 'sha384' },
  secp521r1: { algorithm: '1.2.840.10045.4.3.4', hash: 'sha512' },
};
const byRsa = { algorithm: '1.2.840.113549.1.1.11', hash: 'sha256' };
const asn1Null = new Uint8Array([5, 0]).buffer;

function algorithmOf(key: string) {
  const { asymmetricKeyType: type, asymmetricKeyDetails } = createPrivateKey(key);
  if (type === 'rsa') return { ...byRsa, parameters: asn1Null };
  const ofCurve = byCurve[asymmetricKeyDetails?.namedCurve ?? ''];
  if (ofCurve === undefined) throw new Error(`a key of the kind ${type ?? 'unknown'} cannot sign here`);
  return ofCurve;
}

/** Certificates know whole seconds. */
function wholeSeconds(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}

/** 126 random bits; positive, and of the same length however it is written. */
function newSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

/** As the authority calls its own key; each maker of certificates derives it in his own way. */
function authorityIdentifier(authority: X509Certificate): ArrayBuffer {
  const { extensions } = AsnConvert.parse(authority.raw, Certificate).tbsCertificate;
  const found = extensions?.find(({ extnID }) => extnID === id_ce_subjectKeyIdentifier);
  if (found !== undefined) return AsnConvert.parse(found.extnValue, SubjectKeyIdentifier).buffer;
  return keyIdentifierOf(authority.publicKey.export({ type: 'spki', format: 'pem' }).toString());
}

function keyIdentifierOf(publicKey: string): ArrayBuffer {
  return new Uint8Array(createHash('sha256').update(derOf(publicKey)).digest().subarray(0, 20)).buffer;
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
