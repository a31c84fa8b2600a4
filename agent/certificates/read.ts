import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { posix } from 'node:path';
import type { CertificateReport, CertificateRole } from '../../core/examination/messages.ts';
import { Failure, messageOf } from '../../core/failure.ts';
import { failureToRecord } from '../../core/protocol/failure-record.ts';
import type { FoundEtcd } from '../../core/protocol/messages.ts';
import { isThere } from '../host/durable.ts';
import type { TlsFiles } from '../host/options.ts';
import type { HostRoot } from '../host/root.ts';

/** The files with which the API server of a node goes to etcd. */
export interface ApiServerTls {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string | undefined;
}

/** Where a certificate is, and what it has to be. */
export interface CertificatePlace {
  readonly role: CertificateRole;
  readonly file: string;
  readonly keyFile?: string | undefined;
  /** The authority that has to have signed it. */
  readonly caFile?: string | undefined;
  /** Hosts under which it is asked for. */
  readonly hosts?: readonly string[] | undefined;
}

/** All certificates that etcd of this node and its clients go by: members first, authorities last. What need not be there is left out where it is not. */
export async function certificatePlaces(options: {
  readonly root: HostRoot;
  readonly etcd: FoundEtcd;
  readonly tls: TlsFiles | undefined;
  readonly apiServer: ApiServerTls | undefined;
}): Promise<CertificatePlace[]> {
  const { root, etcd, tls, apiServer } = options;
  const ca = tls?.trustedCaFile;
  const peerCa = tls?.peer?.trustedCaFile;
  const client = ca === undefined ? undefined : posix.join(posix.dirname(ca), 'healthcheck-client.crt');
  const places: (CertificatePlace | undefined)[] = [
    tls && {
      ...{ role: 'etcd-server', file: tls.certFile, keyFile: tls.keyFile, caFile: ca },
      hosts: hostsOf(etcd.advertisedClientUrls),
    },
    tls?.peer && {
      ...{ role: 'etcd-peer', file: tls.peer.certFile, keyFile: tls.peer.keyFile, caFile: peerCa },
      hosts: hostsOf(etcd.peerUrls),
    },
    client !== undefined && (await isThere(await root.here(client)))
      ? {
          ...{ role: 'etcd-healthcheck-client', file: client, caFile: ca },
          keyFile: client.replace(/\.crt$/, '.key'),
        }
      : undefined,
    apiServer && {
      ...{ role: 'apiserver-etcd-client', file: apiServer.certFile, keyFile: apiServer.keyFile, caFile: ca },
    },
    ca === undefined ? undefined : { role: 'etcd-ca', file: ca, keyFile: await keyBeside(ca, root) },
    peerCa === undefined || peerCa === ca
      ? undefined
      : { role: 'etcd-peer-ca', file: peerCa, keyFile: await keyBeside(peerCa, root) },
    apiServer?.caFile === undefined || apiServer.caFile === ca
      ? undefined
      : { role: 'apiserver-etcd-ca', file: apiServer.caFile },
  ];
  return places.filter((place) => place !== undefined);
}

/** The key of an authority, where it lies beside it, by the names that are usual; it need not be on the node at all. */
async function keyBeside(file: string, root: HostRoot): Promise<string | undefined> {
  for (const name of [file.replace(/\.(?:crt|pem)$/, '.key'), file.replace(/\.(?:crt|pem)$/, '-key.pem')])
    if (name !== file && (await isThere(await root.here(name)))) return name;
  return undefined;
}

/** What lies there, and how it fits its place. Never fails: what cannot be read is said. */
export async function readCertificateAt(
  place: CertificatePlace,
  { root, node }: { readonly root: HostRoot; readonly node: string },
): Promise<CertificateReport> {
  const { role, file, keyFile } = place;
  const hasKey = keyFile !== undefined && (await isThere(await root.here(keyFile)));
  const where = { role, file, ...(keyFile === undefined ? {} : { keyFile, hasKey }) };
  try {
    const all = certificatesIn(await root.readText(file), file);
    const [leaf] = all;
    if (leaf === undefined) throw unreadable(file, 'there is no certificate in it');
    const authorities = place.caFile === undefined ? undefined : await authoritiesOf(place.caFile, root);
    const usages = usagesOf(leaf);
    return {
      ...where,
      facts: {
        subject: oneLine(leaf.subject),
        issuer: oneLine(leaf.issuer),
        names: namesOf(leaf),
        notBefore: leaf.validFromDate.toISOString(),
        notAfter: leaf.validToDate.toISOString(),
        fingerprint: fingerprintOf(leaf),
        fingerprints: all.map(fingerprintOf),
        ...(usages === undefined ? {} : { usages }),
        ...(keyFile === undefined ? {} : { key: await keyAt(keyFile, leaf, root) }),
        ...(authorities === undefined ? {} : { signed: isSigned(leaf, [...all.slice(1), ...authorities]) }),
        ...(place.hosts === undefined ? {} : { notCovered: place.hosts.filter((host) => !covers(leaf, host)) }),
      },
    };
  } catch (thrown) {
    return { ...where, problem: failureToRecord(thrown, node) };
  }
}

/** @throws {Failure} `certificate-unreadable`. */
export function certificatesIn(text: string, file: string): readonly X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw unreadable(file, messageOf(cause), cause);
  }
}

/** None that can be read is none that signs: that it cannot is said where it stands itself. */
async function authoritiesOf(file: string, root: HostRoot): Promise<readonly X509Certificate[] | undefined> {
  try {
    return certificatesIn(await root.readText(file), file);
  } catch (thrown) {
    if (thrown instanceof Failure) return undefined;
    throw thrown;
  }
}

async function keyAt(file: string, leaf: X509Certificate, root: HostRoot) {
  const text = await root.readTextIfThere(file).catch(() => '');
  if (text === undefined) return 'missing';
  try {
    return leaf.checkPrivateKey(createPrivateKey(text)) ? 'matches' : 'other';
  } catch {
    // The parser's words could hold what it parsed.
    return 'unreadable';
  }
}

function isSigned(leaf: X509Certificate, authorities: readonly X509Certificate[]): boolean {
  return authorities.some((authority) => leaf.checkIssued(authority) && leaf.verify(authority.publicKey));
}

function covers(leaf: X509Certificate, host: string): boolean {
  return (/^[\d.]+$|:/.test(host) ? leaf.checkIP(host) : leaf.checkHost(host)) !== undefined;
}

function hostsOf(urls: readonly string[]): string[] {
  const hosts = urls
    .filter((url) => url.startsWith('https:'))
    .map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ''));
  return [...new Set(hosts)];
}

function namesOf({ subjectAltName }: X509Certificate): string[] {
  return [...(subjectAltName ?? '').matchAll(/(?:DNS|IP Address):([^,\s]+)/g)].map(([, name]) => name ?? '');
}

const usageOf: Readonly<Record<string, 'server' | 'client'>> = {
  '1.3.6.1.5.5.7.3.1': 'server',
  '1.3.6.1.5.5.7.3.2': 'client',
};

/** Typed as always there, and undefined in a certificate that restricts nothing. */
function usagesOf({ keyUsage }: X509Certificate) {
  const uses: unknown = keyUsage;
  if (!Array.isArray(uses) || uses.includes('2.5.29.37.0')) return undefined;
  return uses.map((use: unknown) => usageOf[String(use)] ?? ('other' as const));
}

function fingerprintOf({ raw }: X509Certificate): string {
  return createHash('sha256').update(raw).digest('hex');
}

function oneLine(name: string): string {
  return name.split('\n').join(', ');
}

function unreadable(file: string, why: string, cause?: unknown): Failure {
  return new Failure({ reason: 'certificate-unreadable', what: `cannot use ${file}`, why, cause });
}
