import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';
import { issueCertificate, makeAuthority, newKeys } from '../../core/access/certificates.ts';
import { writeAccessFile } from '../../plugin/access/issue-access.ts';
import type { NetworkAccess } from '../../plugin/link/access-file.ts';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { runPlugin } from '../local/run-plugin.ts';

/** The ways in which an API server can be no help, and the real plugin going around it to real agents, or not. */
let work: string;
let home: string;
let cluster: LocalCluster;
beforeAll(async () => {
  work = mkdtempSync('/tmp/kef-');
  home = join(work, 'home');
  mkdirSync(home);
  const etcdDirectory = dirname((await etcdBinaries('3.5')).binaries[0] ?? '');
  cluster = await startLocalCluster({ directory: join(work, 'c'), etcdDirectory, tls: true });
}, 60_000);
afterAll(async () => {
  servers.forEach((server) => server.close());
  await cluster.stop();
  rmSync(work, { recursive: true, force: true });
});

const authority = makeAuthority({ clusterName: 'kubernetes' });
const caFingerprint = createHash('sha256').update(authority.certificate.replace(/\s/g, '')).digest('hex');
const servers: Server[] = [];

/** A kubeconfig for an API server at `port`, and an access file that stands in for it. */
async function situation(port: number, options: { fingerprint?: string; user?: object } = {}): Promise<string> {
  const url = `https://127.0.0.1:${port}`;
  const kubeconfig = join(work, `kubeconfig-${port}`);
  const data = Buffer.from(authority.certificate).toString('base64');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority-data': data, 'tls-server-name': 'api' } }],
      users: [{ name: 'u', user: options.user ?? { token: 'none' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  const access = JSON.parse(readFileSync(cluster.accessFile, 'utf8')) as NetworkAccess;
  const apiServers = [{ url, caFingerprint: options.fingerprint ?? caFingerprint }];
  const file = join(home, '.kube/kubectl-etcd/local.json');
  await writeAccessFile(file, { ...access, cluster: { ...access.cluster, apiServers } }, 'always');
  return kubeconfig;
}
const status = (kubeconfig: string) => {
  const environment = { ...process.env, HOME: home, KUBECTL_ETCD_ACCESS: '', KUBECONFIG: '' };
  return runPlugin(['status', '-v', '--kubeconfig', kubeconfig], { environment });
};
const answering = (code: number, message: string, of = authority) => {
  const { key, publicKey } = newKeys();
  const { certificate } = issueCertificate({ authority: of, publicKey, role: 'agent', name: 'api', dnsName: 'api' });
  const body = JSON.stringify({ kind: 'Status', status: 'Failure', message, code });
  return createHttps({ key, cert: certificate }, (_, reply) =>
    reply.writeHead(code, { 'content-type': 'application/json' }).end(body),
  );
};
const listening = async (server: Server): Promise<number> => {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

test.each<[string, () => Promise<number>]>([
  ['nobody listens', () => freePort()],
  ['it is silent', () => listening(createServer())],
  ['it hangs up', () => listening(createServer((socket) => socket.destroy()))],
  ['it is silent after the handshake', () => listening(silent())],
  ['it cannot serve', () => listening(answering(503, 'service unavailable'))],
  ['it gave up waiting', () => listening(answering(504, 'context deadline exceeded'))],
])(
  '%s: gone around within 3 s, and said',
  async (_, start) => {
    const port = await start();
    const ran = await status(await situation(port));
    expect(ran.stderr).toContain(
      `API server https://127.0.0.1:${port} does not answer; reaching the agents directly (access file local, 3 nodes)`,
    );
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('MEMBERS 3 of 3 healthy');
    expect(ran.tookMs).toBeLessThan(6_500);
  },
  20_000,
);

test.each<[string, () => Server, string]>([
  ['it refuses our credentials', () => answering(401, 'Unauthorized'), 'unauthorized'],
  ['it forbids', () => answering(403, 'nodes is forbidden'), 'forbidden'],
  ['it is another', () => answering(200, '', makeAuthority({ clusterName: 'mallory' })), 'api-certificate'],
])(
  '%s: not gone around',
  async (_, make, reason) => {
    const ran = await status(await situation(await listening(make())));
    expect(ran.stderr).toContain(`reason  ${reason}`);
    expect(ran.stderr).not.toContain('directly');
    expect(ran.code).toBe(1);
  },
  20_000,
);

test('an access file for the same address and another authority is not taken, and that is said', async () => {
  const ran = await status(await situation(await freePort(), { fingerprint: '0'.repeat(64) }));
  expect(ran.stderr).toContain('kubectl etcd access save');
  expect(ran.stderr).not.toContain('reaching the agents directly');
  expect(ran.code).toBe(1);
}, 20_000);

test.each<[string, (file: string, text: string) => void, RegExp]>([
  ['others can read it', (file) => chmodSync(file, 0o644), /can be read by others[^]*chmod 600 \S*local\.json/],
  ['it is truncated', (file, text) => writeFileSync(file, text.slice(0, 900)), /local\.json: it is truncated/],
  ['it has expired', (file, text) => changed(file, text, alien(-1_000)), /local\.json has expired/],
  ['it is of an installation that is no more', (file, text) => changed(file, text, alien(60_000)), /agent-untrusted/],
])(
  'the access file cannot be used, for %s: that is named',
  async (_, spoil, said) => {
    const kubeconfig = await situation(await freePort());
    const file = join(home, '.kube/kubectl-etcd/local.json');
    spoil(file, readFileSync(file, 'utf8'));
    const ran = await status(kubeconfig);
    expect(ran.stderr).toMatch(said);
    expect(ran.stderr).toMatch(/ next {4}\S/);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
  },
  20_000,
);

test('it answers, and its etcd does not: that is said, and it is gone around', async () => {
  const ran = await status(await situation(await listening(answering(500, 'etcdserver: request timed out'))));
  expect(ran.stderr).toContain('answers without its etcd; reaching the agents directly');
  expect(ran.code).toBe(0);
}, 20_000);

describe('a login that the kubeconfig asks for', () => {
  const exec = (command: string) => ({
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'Never' },
  });

  test('takes longer than the patience for a silent API server: waited for, once, and then it answers', async () => {
    const login = join(work, 'login.sh');
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 't' },
    };
    const script = `#!/bin/sh\necho x >> ${work}/logins\nsleep 4\necho '${JSON.stringify(credential)}'\n`;
    writeFileSync(login, script, { mode: 0o755 });
    const port = await listening(answering(403, 'nodes is forbidden'));
    const ran = await status(await situation(port, { user: exec(login) }));
    expect(ran.stderr).toContain('reason  forbidden');
    expect(ran.stderr).not.toContain('directly');
    expect(readFileSync(join(work, 'logins'), 'utf8')).toBe('x\n');
  }, 20_000);

  test('fails: that is said, and is no silence', async () => {
    const ran = await status(await situation(await freePort(), { user: exec('/bin/false') }));
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('reason  no-credentials');
    expect(ran.stderr).toContain('--access FILE');
    expect(ran.stderr).not.toContain('reaching the agents directly');
  }, 20_000);
});

function alien(lifeMs: number) {
  const own = makeAuthority({ clusterName: 'local' });
  const { key, publicKey } = newKeys();
  const { certificate } = issueCertificate({ authority: own, publicKey, role: 'plugin', name: 'x', lifeMs });
  return { authority: own.certificate, certificate, key };
}

function changed(file: string, text: string, change: object): void {
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(text) as object), ...change }));
}

/** Shakes hands, and then says nothing. */
function silent(): Server {
  const { key, publicKey } = newKeys();
  const { certificate } = issueCertificate({ authority, publicKey, role: 'agent', name: 'api', dnsName: 'api' });
  return createHttps({ key, cert: certificate }, () => undefined);
}

async function freePort(): Promise<number> {
  await using server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
