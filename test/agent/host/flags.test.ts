import { describe, expect, test } from '@jest/globals';
import { recogniseEtcd } from '../../../agent/host/command-line.ts';
import { readCommandLine, readConfigFile, readEnvironment, readFlags } from '../../../agent/host/flags.ts';
import { reachableUrl, readMember } from '../../../agent/host/options.ts';

const onHost = (path: string) => path;

describe('flags', () => {
  test.each([
    ['--name=a --data-dir=/d', { name: 'a', 'data-dir': '/d' }],
    ['--name a --data-dir /d', { name: 'a', 'data-dir': '/d' }],
    ['-name=a -data-dir /d', { name: 'a', 'data-dir': '/d' }],
    ['--client-cert-auth --name a', { 'client-cert-auth': 'true', name: 'a' }],
    ['--client-cert-auth=false --name a', { 'client-cert-auth': 'false', name: 'a' }],
    ['--a-boolean-of-etcd-9 --name a', { 'a-boolean-of-etcd-9': 'true', name: 'a' }],
    ['--quota-backend-bytes -1 --name a', { 'quota-backend-bytes': '-1', name: 'a' }],
    ['--name=a --name=b', { name: 'b' }],
    ['--initial-cluster=a=http://x,b=http://y', { 'initial-cluster': 'a=http://x,b=http://y' }],
    ['--name a -- --name b', { name: 'a' }],
    ['--name a word --name b', { name: 'a' }],
    ['--name', { name: '' }],
    ['', {}],
  ])('%s', (line, options) => {
    expect(Object.fromEntries(readFlags(line.split(' ').filter((word) => word !== '')))).toEqual(options);
  });

  test('variables, of which empty ones do not count', () => {
    expect(readEnvironment({ ETCD_DATA_DIR: '/d', ETCD_NAME: '', PATH: '/bin' })).toEqual(
      new Map([['data-dir', '/d']]),
    );
  });

  test('a flag beats a variable; the configuration file is named by either', () => {
    const both = readCommandLine({
      words: ['--name=flag'],
      environment: { ETCD_NAME: 'variable', ETCD_CONFIG_FILE: '/e.yaml' },
    });
    expect(both.options.get('name')).toBe('flag');
    expect(both.configFile).toBe('/e.yaml');
  });
});

describe('command line', () => {
  test.each([
    [['etcd', '--name=a'], { kind: 'etcd', words: ['--name=a'] }],
    [['/usr/local/bin/etcd', '--name=a'], { kind: 'etcd', words: ['--name=a'] }],
    [['/bin/sh', '-c', 'exec etcd --name=a'], { kind: 'etcd', words: ['--name=a'] }],
    [
      ['sh', '-ec', 'exec /usr/bin/etcd --name "a b" \\\n  --data-dir=\'/d\''],
      { kind: 'etcd', words: ['--name', 'a b', '--data-dir=/d'] },
    ],
    [['sh', '-c', 'set -e; ETCD_NAME=a exec etcd'], { kind: 'etcd', words: [], environment: { ETCD_NAME: 'a' } }],
    [
      ['sh', '-c', 'ETCD_NAME=a etcd --data-dir=/d'],
      { kind: 'etcd', words: ['--data-dir=/d'], environment: { ETCD_NAME: 'a' } },
    ],
    [['sh', '-c', 'etcd --name=a >> /var/log/etcd.log 2>&1'], { kind: 'script' }],
    [['sh', '-c', 'etcd --name=$(hostname)'], { kind: 'script' }],
    [['sh', '-c', 'sleep 1; etcd --name=a'], { kind: 'script' }],
    [['sh', '-c', 'sleep 1'], { kind: 'other' }],
    [['etcd', 'grpc-proxy', 'start'], { kind: 'other' }],
    [['etcdctl', 'watch'], { kind: 'other' }],
    [['kube-apiserver', '--etcd-servers=https://127.0.0.1:2379'], { kind: 'other' }],
    [[], { kind: 'other' }],
  ])('%j', (argv, invocation) => {
    expect(recogniseEtcd(argv)).toMatchObject(invocation);
  });
});

describe('configuration file', () => {
  const text = `
name: a # the member
data-dir: /d
listen-client-urls: https://127.0.0.1:2379,https://10.0.0.1:2379
quota-backend-bytes: 8589934592
client-transport-security: {cert-file: /c/server.crt, key-file: /c/server.key, client-cert-auth: true, trusted-ca-file: /c/ca.crt}
peer-transport-security:
  cert-file: /c/peer.crt
  key-file: /c/peer.key
`;
  test('has the TLS options of clients and peers in maps of their own', () => {
    const { etcd, tls } = readMember(readConfigFile(text, '/e.yaml'), onHost);
    expect(etcd).toMatchObject({
      name: 'a',
      dataDir: '/d',
      clientUrl: 'https://127.0.0.1:2379',
      quotaBytes: 8_589_934_592,
    });
    expect(tls).toEqual({
      certFile: '/c/server.crt',
      keyFile: '/c/server.key',
      trustedCaFile: '/c/ca.crt',
      clientCertAuth: true,
      peer: { certFile: '/c/peer.crt', keyFile: '/c/peer.key' },
    });
  });

  test.each(['- a list', 'name: [unclosed', '*nowhere'])('%s is said to be unreadable', (wrong) => {
    expect(() => readConfigFile(wrong, '/e.yaml')).toThrow(
      expect.objectContaining({ reason: 'etcd-config-unreadable' }),
    );
  });
});

describe("etcd's defaults and what its options mean", () => {
  const member = (line: string) => readMember(readFlags(line.split(' ')), onHost);

  test('without any option', () => {
    expect(member('').etcd).toEqual({
      name: 'default',
      dataDir: 'default.etcd',
      clientUrl: 'http://localhost:2379',
      advertisedClientUrls: ['http://localhost:2379'],
      peerUrls: ['http://localhost:2380'],
      quotaBytes: 2_147_483_648,
      metricsUrl: 'http://localhost:2379',
      initial: { forcesNewCluster: false },
    });
  });

  test.each([
    ['https://10.0.0.1:2379,https://127.0.0.1:2379', 'https://127.0.0.1:2379'],
    ['https://10.0.0.1:2379,https://10.0.0.2:2379', 'https://10.0.0.1:2379'],
    ['http://0.0.0.0:2379', 'http://127.0.0.1:2379'],
    ['https://[::]:2379', 'https://[::1]:2379'],
    ['https://10.0.0.1:2379,https://localhost:12379', 'https://localhost:12379'],
    ['https://10.0.0.1:443', 'https://10.0.0.1:443'],
  ])('listening on %s it is reached at %s', (listen, url) => {
    expect(reachableUrl(listen.split(','))).toBe(url);
  });

  test.each([
    ['0', 2_147_483_648],
    ['8589934592', 8_589_934_592],
    ['-1', Number.MAX_SAFE_INTEGER],
  ])('a quota of %s', (quota, bytes) => {
    expect(member(`--quota-backend-bytes=${quota}`).etcd.quotaBytes).toBe(bytes);
  });

  test('a separate WAL directory', () => {
    expect(member('--data-dir=/d --wal-dir=/w').etcd).toMatchObject({ dataDir: '/d', walDir: '/w' });
  });

  test('a trusted CA alone already makes etcd ask for a certificate; --auto-tls leaves its own in the data directory', () => {
    expect(
      member('--listen-client-urls=https://127.0.0.1:1 --trusted-ca-file=/ca --cert-file=/c --key-file=/k').tls,
    ).toMatchObject({ clientCertAuth: true });
    expect(member('--listen-client-urls=https://127.0.0.1:1 --data-dir=/d --auto-tls').tls).toMatchObject({
      certFile: '/d/fixtures/client/cert.pem',
      clientCertAuth: false,
    });
  });

  test.each(['--listen-client-urls=nonsense', '--quota-backend-bytes=2GiB'])('%s is named', (line) => {
    expect(() => member(line)).toThrow(expect.objectContaining({ reason: 'etcd-options-unreadable' }));
  });
});
