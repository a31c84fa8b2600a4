import { createHash, X509Certificate } from 'node:crypto';

/** An agent serves and reaches other agents; a plugin is a person with an access file. It stands in the certificate as its organization. */
export type Role = 'agent' | 'plugin';
const roles: readonly Role[] = ['agent', 'plugin'];

export interface CertificateFacts {
  /** Undefined for a certificate that is neither an agent's nor a person's. */
  readonly role: Role | undefined;
  /** The node's, or the person's. */
  readonly name: string;
  /** Lower-case hexadecimal. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Lower-case hexadecimal sha256 of the certificate. */
  readonly fingerprint: string;
}

/** What a certificate (PEM) says of itself; nothing is verified. @throws when the text is no certificate. */
export function readCertificate(certificate: string | X509Certificate): CertificateFacts {
  const x509 = typeof certificate === 'string' ? new X509Certificate(certificate) : certificate;
  // An object by attribute; one that stands there twice is an array, and then none of ours.
  const subject = x509.toLegacyObject().subject as unknown as Readonly<Record<string, unknown>>;
  return {
    role: roles.find((role) => organizationOf(role) === subject['O']),
    name: typeof subject['CN'] === 'string' ? subject['CN'] : '',
    serial: x509.serialNumber.toLowerCase(),
    notBefore: x509.validFromDate,
    notAfter: x509.validToDate,
    fingerprint: createHash('sha256').update(x509.raw).digest('hex'),
  };
}

export function organizationOf(role: Role): string {
  return `kubectl-etcd:${role}`;
}
