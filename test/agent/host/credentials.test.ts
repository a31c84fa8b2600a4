import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chooseCredentials } from '../../../agent/host/credentials.ts';
import type { TlsFiles } from '../../../agent/host/options.ts';
import { HostRoot } from '../../../agent/host/root.ts';

const run = promisify(execFile);
let model = '';

/** Real certificates of openssl, laid out as kubeadm does. */
beforeAll(async () => {
  model = await mkdtemp(join(tmpdir(), 'certificates-'));
  await mkdir(join(model, 'pki/etcd'), { recursive: true });
  await authority('pki/etcd/ca');
  await authority('other-ca');
  await issue('pki/etcd/server', 'serverAuth,clientAuth', 'DNS:cp1,IP:127.0.0.1');
  await issue('pki/etcd/peer', 'serverAuth,clientAuth', 'DNS:cp1');
  await issue('pki/etcd/healthcheck-client', 'clientAuth');
  await issue('pki/apiserver-etcd-client', 'clientAuth');
  await issue('server-only', 'serverAuth', 'DNS:cp1');
  await issue('stranger', 'clientAuth', undefined, 'other-ca');
}, 60_000);
afterAll(async () => rm(model, { recursive: true }));

async function openssl(...words: string[]): Promise<void> {
  await run('openssl', words, { cwd: model });
}
async function authority(stem: string): Promise<void> {
  await openssl(
    ...`req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=${stem.replaceAll('/', '-')} -days 30`.split(
      ' ',
    ),
    '-keyout',
    `${stem}.key`,
    '-out',
    `${stem}.crt`,
  );
}
async function issue(stem: string, uses: string, names?: string, ca = 'pki/etcd/ca'): Promise<void> {
  await writeFile(
    join(model, 'ext'),
    `extendedKeyUsage=${uses}\n${names === undefined ? '' : `subjectAltName=${names}\n`}`,
  );
  await openssl(
    ...'req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -out request'.split(' '),
    '-keyout',
    `${stem}.key`,
  );
  await openssl(
    'x509',
    '-req',
    '-in',
    'request',
    '-CA',
    `${ca}.crt`,
    '-CAkey',
    `${ca}.key`,
    '-CAcreateserial',
    '-days',
    '10',
    '-extfile',
    'ext',
    '-out',
    `${stem}.crt`,
  );
}

const tls: TlsFiles = {
  certFile: '/pki/etcd/server.crt',
  keyFile: '/pki/etcd/server.key',
  trustedCaFile: '/pki/etcd/ca.crt',
  clientCertAuth: true,
  peer: { certFile: '/pki/etcd/peer.crt', keyFile: '/pki/etcd/peer.key' },
};
const days = (count: number) => new Date(Date.now() + count * 86_400_000);

/** Chooses after `change` has been made to a copy of the model. */
async function choose(
  change: (folder: string) => Promise<unknown>,
  options: { readonly tls?: Partial<TlsFiles>; readonly now?: Date; readonly clientUrl?: string } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  try {
    await cp(model, folder, { recursive: true });
    await change(folder);
    return await chooseCredentials({
      clientUrl: 'https://127.0.0.1:2379',
      root: new HostRoot(folder),
      ...options,
      tls: { ...tls, ...options.tls },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
const remove =
  (...stems: string[]) =>
  async (folder: string) =>
    Promise.all(stems.map((stem) => rm(join(folder, `pki/${stem}.crt`))));
const replace = (stem: string, by: string) => async (folder: string) => {
  await rename(join(folder, `${by}.crt`), join(folder, `pki/${stem}.crt`));
  await rename(join(folder, `${by}.key`), join(folder, `pki/${stem}.key`));
};

test.each([
  ['all there', async () => Promise.resolve(), '/pki/etcd/healthcheck-client.crt'],
  ['no health check pair', remove('etcd/healthcheck-client'), '/pki/apiserver-etcd-client.crt'],
  ['no client pairs', remove('etcd/healthcheck-client', 'apiserver-etcd-client'), '/pki/etcd/peer.crt'],
  [
    'the server pair alone',
    remove('etcd/healthcheck-client', 'apiserver-etcd-client', 'etcd/peer'),
    '/pki/etcd/server.crt',
  ],
  [
    'a first pair for servers only',
    replace('etcd/healthcheck-client', 'server-only'),
    '/pki/apiserver-etcd-client.crt',
  ],
  [
    'a first pair of another authority',
    replace('etcd/healthcheck-client', 'stranger'),
    '/pki/apiserver-etcd-client.crt',
  ],
  [
    'a first pair whose key is another',
    async (folder: string) => cp(join(folder, 'stranger.key'), join(folder, 'pki/etcd/healthcheck-client.key')),
    '/pki/apiserver-etcd-client.crt',
  ],
  [
    'a first pair that is no certificate',
    async (folder: string) => writeFile(join(folder, 'pki/etcd/healthcheck-client.crt'), 'x'),
    '/pki/apiserver-etcd-client.crt',
  ],
])('%s', async (_, change, chosen) => {
  const { certificateFile, certificate, key, ca } = await choose(change);
  expect(certificateFile).toBe(chosen);
  expect([certificate, key, ca].map((pem) => pem?.toString().includes('-----BEGIN'))).toEqual([true, true, true]);
});

test('expired: names the file and the date', async () => {
  await expect(choose(async () => Promise.resolve(), { now: days(11) })).rejects.toMatchObject({
    reason: 'certificate-expired',
    what: expect.stringContaining('/pki/etcd/server.crt'),
    why: expect.stringContaining(days(10).toISOString().slice(0, 10)),
  });
});

test('not valid yet: a clock that is wrong', async () => {
  await expect(choose(async () => Promise.resolve(), { now: days(-1) })).rejects.toMatchObject({
    reason: 'certificate-not-yet-valid',
  });
});

test.each([
  ['the authority', remove('etcd/ca'), 'certificate-unreadable', '/pki/etcd/ca.crt'],
  ['the server certificate', remove('etcd/server'), 'certificate-unreadable', '/pki/etcd/server.crt'],
])('%s is missing', async (_, change, reason, file) => {
  await expect(choose(change)).rejects.toMatchObject({ reason, what: expect.stringContaining(file) });
});

test('nothing that can be shown: the reason of the first; nothing is needed where etcd asks for nothing', async () => {
  const change = async (folder: string) => {
    await remove('etcd/healthcheck-client', 'apiserver-etcd-client', 'etcd/peer')(folder);
    await replace('etcd/server', 'server-only')(folder);
  };
  await expect(choose(change)).rejects.toMatchObject({
    reason: 'certificate-unfit',
    what: expect.stringContaining('server.crt'),
  });
  const plain = await choose(change, { tls: { clientCertAuth: false } });
  expect(plain.certificate).toBeUndefined();
});

test('a server certificate that is not for 127.0.0.1 is checked against one of its own names', async () => {
  expect((await choose(async () => Promise.resolve())).serverName).toBeUndefined();
  expect((await choose(replace('etcd/server', 'server-only'))).serverName).toBe('cp1');
});
