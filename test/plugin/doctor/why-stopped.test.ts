/** etcd's own last words, from 3.4 to 3.6, the Go runtime's and bbolt's: what each calls for. A wrong guess here costs a member its data, or an hour. */
import { expect, test } from '@jest/globals';
import { comesBack, whyStopped } from '../../../plugin/doctor/why-stopped.ts';
import { certificate, certificates, examination, exits, inDays } from './observations.ts';

const lastWords: [string, string][] = [
  ['walpb: crc mismatch', 'data-damaged'],
  [
    'failed to recover v3 backend from snapshot: failed to find database snapshot file (snap: snapshot file doesn’t exist)'.replace(
      '’',
      "'",
    ),
    'data-damaged',
  ],
  ['tocommit(29) is out of range [lastIndex(0)]. Was the raft log corrupted, truncated, or lost?', 'data-damaged'],
  ['freepages: failed to get all reachable pages (page 5: multiple references)', 'data-damaged'],
  ['page 3 already freed', 'data-damaged'],
  ['assertion failed: Page expected to be: 5, but self identifies as 0', 'data-damaged'],
  ['invalid database', 'data-damaged'],
  ['write /var/lib/etcd/member/wal/0.tmp: no space left on device', 'disk-full'],
  ['failed to create WAL: open /var/lib/etcd/member/wal.tmp: read-only file system', 'disk-full'],
  ['the member has been permanently removed from the cluster', 'not-a-member'],
  ['member 8e9e05c52164694d has already been bootstrapped', 'not-a-member'],
  ['discovery failed: error validating peerURLs: member count is unequal', 'not-a-member'],
  ['listen tcp 10.0.0.11:2380: bind: address already in use', 'port'],
  ['failed to open WAL: fileutil: file already locked', 'port'],
  ['open /etc/kubernetes/pki/etcd/server.crt: no such file or directory', 'certificates'],
  ['tls: failed to find any PEM data in certificate input', 'certificates'],
  ['tls: private key does not match public key', 'certificates'],
  ['killed: out of memory', 'memory'],
  ['stopped by a signal', 'stopped'],
  ['something that nobody has seen before', 'stopped'],
];

test.each(lastWords)('%s', (words, ailment) => {
  const stopped = whyStopped(examination(0, exits(words)));
  expect(stopped).toMatchObject({ ailment });
  expect(stopped?.text).toContain(words);
});

test('what is not known is never taken for lost data', () => {
  expect(comesBack('stopped')).toBe(true);
});

test.each([
  ['it answers', examination(0), undefined],
  ['it runs and says nothing', examination(0, { ...exits('x'), process: { state: 'running' } }), 'silent'],
  [
    'an empty directory, whatever the log says',
    examination(0, exits('x', { disk: { dataDir: '/d', totalBytes: 9e9, freeBytes: 5e9, hasMember: false } })),
    'data-missing',
  ],
  [
    'a full disk, and a log that says something else',
    examination(
      0,
      exits('context deadline exceeded', { disk: { dataDir: '/d', totalBytes: 9e9, freeBytes: 0, hasMember: true } }),
    ),
    'disk-full',
  ],
  [
    'an expired certificate, and a process that runs: the agent is refused as everybody is',
    examination(0, {
      ...exits('x'),
      process: { state: 'running' },
      certificates: certificates(certificate('etcd-server', { notAfter: inDays(-1) })),
    }),
    'certificates',
  ],
  [
    'damaged data, and an expired certificate besides',
    examination(
      0,
      exits('walpb: crc mismatch', {
        certificates: certificates(certificate('etcd-server', { notAfter: inDays(-1) })),
      }),
    ),
    'data-damaged',
  ],
  [
    'an operation keeps it stopped',
    examination(0, exits('stopped by a signal', { openOperation: { id: 'r-1', title: 't', by: 'b', undoing: false } })),
    'operation',
  ],
  ['a fence keeps it stopped', examination(0, exits('stopped by a signal', { fencedBy: 'r-1' })), 'fenced'],
  [
    'no manifest',
    examination(0, { ...exits('x'), etcd: undefined as never, noEtcd: { reason: 'etcd-not-found', what: 'none' } }),
    'no-manifest',
  ],
])('%s', (_, seen, ailment) => {
  const plain = JSON.parse(JSON.stringify(seen)) as typeof seen;
  expect(whyStopped(plain)?.ailment).toBe(ailment);
});
