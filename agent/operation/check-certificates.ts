import { X509Certificate } from 'node:crypto';
import { Failure } from '../../core/failure.ts';
import { failureToRecord } from '../../core/protocol/failure-record.ts';
import type { FailureRecord } from '../../core/protocol/messages.ts';
import type { HostRoot } from '../host/root.ts';

/**
 * The certificates of these files that are not valid now, and files that cannot be read: whatever runs with them serves for as long as it runs, and
 * could not be started again.
 */
export async function invalidCertificates(
  files: readonly string[],
  { root, node, now = new Date() }: { readonly root: HostRoot; readonly node: string; readonly now?: Date },
): Promise<FailureRecord[]> {
  const found = await Promise.all([...new Set(files)].map((file) => problemOf(file, root, now)));
  return found.flatMap((failure) => (failure === undefined ? [] : [failureToRecord(failure, node)]));
}

async function problemOf(file: string, root: HostRoot, now: Date): Promise<Failure | undefined> {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(await root.readFile(file));
  } catch (thrown) {
    const why = thrown instanceof Failure ? thrown.why : 'there is no certificate in it';
    return new Failure({ reason: 'certificate-unreadable', what: `cannot use ${file}`, why });
  }
  const { validToDate, validFromDate } = certificate;
  if (now >= validFromDate && now <= validToDate) return undefined;
  const expired = now > validToDate;
  return new Failure({
    reason: expired ? 'certificate-expired' : 'certificate-not-yet-valid',
    what: `the certificate ${file} ${expired ? 'has expired' : 'is not valid yet'}: nothing starts with it`,
    why: `it is valid from ${validFromDate.toISOString()} to ${validToDate.toISOString()}`,
    next: expired
      ? 'on the node: kubeadm certs renew all'
      : 'on the node: timedatectl shows whether its clock is right',
  });
}
