/** What a certificate of etcd says where there is none to be like: as kubeadm makes them (cmd/kubeadm/app/phases/certs/certlist.go). */
import * as v from 'valibot';

const word = v.pipe(v.string(), v.maxLength(300));

export const certificateProfile = v.object({
  commonName: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  organizations: v.array(word),
  dnsNames: v.array(word),
  ipAddresses: v.array(word),
  usages: v.array(v.picklist(['server', 'client'])),
});
export type CertificateProfile = v.InferOutput<typeof certificateProfile>;

/** For etcd's server and its peers: members are clients of each other, and of themselves. */
export function memberProfile(node: string, addresses: readonly string[]): CertificateProfile {
  return {
    commonName: node,
    organizations: [],
    dnsNames: [...new Set([node, 'localhost', ...addresses.filter((each) => !isAddress(each))])],
    ipAddresses: [...new Set([...addresses.filter(isAddress), '127.0.0.1', '::1'])],
    usages: ['server', 'client'],
  };
}

/** etcd knows no users here: whoever shows a certificate of its authority may do everything. */
export function clientProfile(commonName: string): CertificateProfile {
  return { commonName, organizations: [], dnsNames: [], ipAddresses: [], usages: ['client'] };
}

export const clientNames = {
  'healthcheck-client': 'kube-etcd-healthcheck-client',
  'apiserver-etcd-client': 'kube-apiserver-etcd-client',
} as const;

function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}
