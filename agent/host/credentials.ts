import { createPrivateKey, X509Certificate } from 'node:crypto';
import { posix } from 'node:path';
import { Failure, messageOf } from '../../core/failure.ts';
import type { TlsFiles } from './options.ts';
import type { HostRoot } from './root.ts';

/** What a client of this node's etcd shows and trusts. PEM; keys are never logged, and never leave the agent. */
export interface EtcdCredentials {
  readonly ca: Buffer;
  /** Absent where etcd asks for none and none is at hand. */
  readonly certificate?: Buffer;
  readonly key?: Buffer;
  /**
   * The name under which the server's certificate is valid, where that is not the address we connect to (many have no 127.0.0.1): check the
   * certificate against this name instead, never against nothing.
   */
  readonly serverName?: string;
  /** The file of the client's certificate, for messages. */
  readonly certificateFile?: string;
}

interface Pair {
  readonly certFile: string;
  readonly keyFile: string;
}
type Judged =
  | { readonly use: { readonly certificate: Buffer; readonly key: Buffer } }
  | { readonly missing: true }
  | { readonly unusable: Failure };

const clientAuth = '1.3.6.1.5.5.7.3.2';
const anyUse = '2.5.29.37.0';

/**
 * Chooses what to show to etcd: the first pair that is readable, whose key matches, that is valid now, allowed for clients and issued by the
 * authority that etcd trusts. The health check's pair comes first: kubeadm makes it for reading clients like us.
 * @throws {Failure} `certificate-expired`, `certificate-not-yet-valid`, `certificate-unreadable`, `certificate-unfit` naming file and date;
 *   `certificate-missing` where there is no pair at all and etcd wants one. The first pair's reason counts; the server's own certificate
 *   and the authority are looked at too, as nothing connects when these have expired.
 */
export async function chooseCredentials(options: {
  readonly root: HostRoot;
  readonly tls: TlsFiles;
  readonly clientUrl: string;
  readonly now?: Date;
}): Promise<EtcdCredentials> {
  const { root, tls, clientUrl, now = new Date() } = options;
  const serverPem = await readPem(root, tls.certFile);
  const server = leafOf(serverPem, tls.certFile);
  assertValid(server, tls.certFile, now);
  const ca = await authorityOf(root, tls, server, serverPem, now);
  const name = nameFor(server, new URL(clientUrl).hostname);
  const common = { ca, ...(name === undefined ? {} : { serverName: name }) };

  const authority = tls.trustedCaFile === undefined ? undefined : certificatesIn(ca, tls.trustedCaFile);
  const reasons: Failure[] = [];
  for (const pair of candidates(tls)) {
    const judged = await judge(root, pair, authority, now);
    if ('use' in judged) return { ...common, ...judged.use, certificateFile: pair.certFile };
    if ('unusable' in judged) reasons.push(judged.unusable);
  }
  if (!tls.clientCertAuth) return common;
  throw (
    reasons[0] ??
    new Failure({
      reason: 'certificate-missing',
      what: 'there is no certificate to show to etcd',
      why: `none of these is there: ${candidates(tls)
        .map(({ certFile }) => certFile)
        .join(', ')}`,
      next: 'on the node: kubeadm init phase certs etcd-healthcheck-client',
    })
  );
}

/** Where kubeadm puts client pairs, then the pairs that etcd itself uses: kubeadm's are made for both sides. */
function candidates(tls: TlsFiles): readonly Pair[] {
  const folder = posix.dirname(tls.trustedCaFile ?? tls.certFile);
  const named = (stem: string): Pair => ({ certFile: `${stem}.crt`, keyFile: `${stem}.key` });
  return [
    named(posix.join(folder, 'healthcheck-client')),
    named(posix.join(posix.dirname(folder), 'apiserver-etcd-client')),
    ...(tls.peer === undefined ? [] : [tls.peer]),
    { certFile: tls.certFile, keyFile: tls.keyFile },
  ];
}

async function judge(
  root: HostRoot,
  { certFile, keyFile }: Pair,
  authority: readonly X509Certificate[] | undefined,
  now: Date,
): Promise<Judged> {
  try {
    const certificate = await readPem(root, certFile);
    const leaf = leafOf(certificate, certFile);
    assertValid(leaf, certFile, now);
    const uses = leaf.keyUsage;
    // Typed as always there, and undefined in a certificate that restricts nothing.
    if (Array.isArray(uses) && !uses.includes(clientAuth) && !uses.includes(anyUse))
      throw unfit(certFile, 'it is not made for clients');
    const key = await readPem(root, keyFile);
    if (!matches(leaf, key, keyFile)) throw unfit(certFile, `the key ${keyFile} is not its key`);
    const above = [...certificatesIn(certificate, certFile).slice(1), ...(authority ?? [])];
    if (authority !== undefined && !above.some((issuer) => leaf.verify(issuer.publicKey))) {
      throw unfit(certFile, 'it is not issued by the authority that etcd trusts (--trusted-ca-file)');
    }
    return { use: { certificate, key } };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return thrown.cause instanceof Failure && thrown.cause.reason === 'host-file-missing'
      ? { missing: true }
      : { unusable: thrown };
  }
}

/**
 * What verifies the server. --trusted-ca-file is for clients' certificates and nearly always for the server's too; where it is not, what
 * stands behind the server's certificate in its own file, and a certificate that signed itself (--auto-tls) is its own authority.
 */
async function authorityOf(
  root: HostRoot,
  tls: TlsFiles,
  server: X509Certificate,
  serverPem: Buffer,
  now: Date,
): Promise<Buffer> {
  const trusted = tls.trustedCaFile === undefined ? undefined : await readPem(root, tls.trustedCaFile);
  if (trusted !== undefined && tls.trustedCaFile !== undefined) {
    const certificates = certificatesIn(trusted, tls.trustedCaFile);
    const issuer = certificates.find((each) => server.verify(each.publicKey));
    if (issuer !== undefined) assertValid(issuer, tls.trustedCaFile, now);
    if (issuer !== undefined) return trusted;
  }
  const beside = posix.join(posix.dirname(tls.certFile), 'ca.crt');
  const neighbour = await readPem(root, beside).catch(() => undefined);
  return Buffer.concat(
    [trusted, serverPem, neighbour].flatMap((pem) => (pem === undefined ? [] : [pem, Buffer.from('\n')])),
  );
}

/** undefined where the certificate is valid for the address itself. */
function nameFor(server: X509Certificate, hostname: string): string | undefined {
  const address = hostname.replace(/^\[|\]$/g, '');
  const valid = /^[\d.]+$|:/.test(address) ? server.checkIP(address) : server.checkHost(address);
  if (valid !== undefined) return undefined;
  const names = [...(server.subjectAltName ?? '').matchAll(/DNS:([^,\s"*]+)/g)].map((match) => match[1]);
  return names[0];
}

async function readPem(root: HostRoot, file: string): Promise<Buffer> {
  try {
    return await root.readFile(file);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw unreadable(file, cause.why, cause);
  }
}

function certificatesIn(pem: Buffer, file: string): readonly X509Certificate[] {
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw unreadable(file, messageOf(cause), cause);
  }
}

function leafOf(pem: Buffer, file: string): X509Certificate {
  const [leaf] = certificatesIn(pem, file);
  if (leaf === undefined) throw unreadable(file, 'there is no certificate in it');
  return leaf;
}

function matches(leaf: X509Certificate, key: Buffer, keyFile: string): boolean {
  try {
    return leaf.checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    // Only the parser's own words: never what it parsed.
    throw unreadable(keyFile, messageOf(cause), cause);
  }
}

function assertValid(certificate: X509Certificate, file: string, now: Date): void {
  const { validFromDate, validToDate } = certificate;
  if (now > validToDate) {
    throw new Failure({
      reason: 'certificate-expired',
      what: `the certificate ${file} has expired`,
      why: `it was valid until ${dateOf(validToDate)}`,
      next: 'on the node: kubeadm certs renew all, then restart the static pods of the control plane',
    });
  }
  if (now < validFromDate) {
    throw new Failure({
      reason: 'certificate-not-yet-valid',
      what: `the certificate ${file} is not valid yet`,
      why: `it is valid from ${dateOf(validFromDate)}, and this node's clock says ${dateOf(now)}`,
      next: 'on the node: timedatectl shows whether its clock is right',
    });
  }
}

/** RFC 3339 without fractions: certificates have none. */
function dateOf(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

function unreadable(file: string, why: string | undefined, cause?: unknown): Failure {
  return new Failure({
    reason: 'certificate-unreadable',
    what: `cannot use ${file}`,
    why,
    next: `on the node: openssl x509 -noout -text -in ${file}; kubeadm init phase certs makes those that are missing`,
    cause,
  });
}

function unfit(file: string, why: string): Failure {
  return new Failure({
    reason: 'certificate-unfit',
    what: `etcd will not accept the certificate ${file}`,
    why,
    next: `on the node: openssl x509 -noout -text -in ${file}`,
  });
}
