/** What lies on a node's disk, read as it is: each way in which a certificate does not fit its place. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificatePlaces, readCertificateAt } from '../../../agent/certificates/read.ts';
import { HostRoot } from '../../../agent/host/root.ts';
import { readFlags } from '../../../agent/host/flags.ts';
import { readMember } from '../../../agent/host/options.ts';
import type { CertificateRole } from '../../../core/examination/messages.ts';
import { judge } from '../../../plugin/certs/judge.ts';
import { makeEtcdPki } from '../../local/etcd-pki.ts';

let work = '';
const pki = '/etc/kubernetes/pki/etcd';
const yearMs = 365 * 24 * 3_600_000;
beforeAll(() => {
  work = mkdtempSync('/tmp/read-');
  makeEtcdPki([join(work, 'well'), join(work, 'same')]);
  makeEtcdPki([join(work, 'other')]);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A node with these files, after `change`. */
async function look(change: (folder: string) => void, peerUrl = 'https://127.0.0.1:2380') {
  const at = mkdtempSync(join(work, 'node-'));
  const folder = join(at, pki);
  cpSync(join(work, 'well'), folder, { recursive: true });
  change(folder);
  const flags = [
    ...[`--cert-file=${pki}/server.crt`, `--key-file=${pki}/server.key`, `--trusted-ca-file=${pki}/ca.crt`],
    ...[`--peer-cert-file=${pki}/peer.crt`, `--peer-key-file=${pki}/peer.key`, `--peer-trusted-ca-file=${pki}/ca.crt`],
    ...['--listen-client-urls=https://127.0.0.1:2379', '--advertise-client-urls=https://127.0.0.1:2379'],
    `--initial-advertise-peer-urls=${peerUrl}`,
  ];
  const { etcd, tls } = readMember(readFlags(flags), (path) => path);
  const root = new HostRoot(at);
  const found = { host: 'static-pod' as const, source: '/m', ...etcd };
  const places = await certificatePlaces({ root, etcd: found, tls, apiServer: undefined });
  const reports = await Promise.all(places.map((place) => readCertificateAt(place, { root, node: 'cp1' })));
  return new Map(reports.map((report) => [report.role, report]));
}

const copy = (from: string, name: string) => (folder: string) => cpSync(join(work, from, name), join(folder, name));

test('all is well: no trouble, each in its place, and the authority once', async () => {
  const reports = await look(() => undefined);
  expect([...reports.keys()]).toEqual(['etcd-server', 'etcd-peer', 'etcd-healthcheck-client', 'etcd-ca']);
  for (const report of reports.values()) expect(judge(report, Date.now())).toEqual([]);
  expect(reports.get('etcd-server')?.facts).toMatchObject({
    ...{
      subject: 'CN=n',
      issuer: 'O=kubectl-etcd, CN=kubectl-etcd etcd',
      names: ['n', 'localhost', '127.0.0.1', '0:0:0:0:0:0:0:1'],
    },
    ...{ usages: ['server', 'client'], key: 'matches', signed: true, notCovered: [] },
  });
});

const cases: [string, (folder: string) => void, CertificateRole, string[]][] = [
  ['the key of another', copy('same', 'server.key'), 'etcd-server', ['key']],
  ['a key that is gone', (folder) => rmSync(join(folder, 'peer.key')), 'etcd-peer', ['key']],
  ['a key that is none', (folder) => writeFileSync(join(folder, 'peer.key'), 'x'), 'etcd-peer', ['key']],
  ['a certificate that is gone', (folder) => rmSync(join(folder, 'server.crt')), 'etcd-server', ['missing']],
  [
    'a certificate that is none',
    (folder) => writeFileSync(join(folder, 'server.crt'), 'x'),
    'etcd-server',
    ['unreadable'],
  ],
  [
    'of another authority with the same name',
    (folder) => cpSync(join(work, 'other', 'ca.crt'), join(folder, 'ca.crt')),
    'etcd-peer',
    ['authority'],
  ],
];
describe('what does not fit', () => {
  test.each(cases)('%s', async (_, change, role, troubles) => {
    const report = (await look(change)).get(role);
    expect(report && judge(report, Date.now()).map(({ trouble }) => trouble)).toEqual(troubles);
  });

  test('a year later', async () => {
    const report = (await look(() => undefined)).get('etcd-server');
    const troublesAt = (nowMs: number) => report && judge(report, nowMs).map(({ trouble }) => trouble);
    expect(troublesAt(Date.now() + yearMs - 40 * 86_400_000)).toEqual([]);
    expect(troublesAt(Date.now() + yearMs - 20 * 86_400_000)).toEqual(['soon']);
    expect(troublesAt(Date.now() + yearMs + 60_000)).toEqual(['expired']);
    expect(troublesAt(Date.now() - yearMs)).toEqual(['not-yet-valid']);
  });

  test('an address that it does not name', async () => {
    const report = (await look(() => undefined, 'https://10.0.0.11:2380')).get('etcd-peer');
    expect(report?.facts?.notCovered).toEqual(['10.0.0.11']);
  });

  test('an authority that is being rotated: either of its two has signed', async () => {
    const reports = await look((folder) => {
      const both = [join(work, 'other', 'ca.crt'), join(work, 'well', 'ca.crt')].map((file) =>
        readFileSync(file, 'utf8'),
      );
      writeFileSync(join(folder, 'ca.crt'), both.join(''));
    });
    expect(reports.get('etcd-peer')?.facts?.signed).toBe(true);
    expect(reports.get('etcd-ca')?.facts?.fingerprints).toHaveLength(2);
  });
});
