import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeAuthority } from '../../core/access/certificates.ts';
import { fingerprintOf } from '../../plugin/cluster/api-server.ts';
import { enrol } from '../../plugin/access/enrol.ts';
import { reachByAccessFile } from '../../plugin/link/access-file.ts';
import type { NetworkAccess } from '../../plugin/link/access-file.ts';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { LoneAgent } from '../local/lone-agent.ts';
import { runPlugin } from '../local/run-plugin.ts';

/** Root on a node, with no kubeconfig and no access file: the real plugin, the node's real agent on its socket, and the others over mutual TLS. */
let work: string;
let home: string;
let cluster: LocalCluster;
const api = makeAuthority({ clusterName: 'kubernetes' }).certificate;
const apiServer = { url: 'https://api.example:6443', caFingerprint: fingerprintOf([api]) };
beforeAll(async () => {
  work = mkdtempSync('/tmp/ken-');
  home = join(work, 'home');
  mkdirSync(home);
  const etcdDirectory = dirname((await etcdBinaries('3.5')).binaries[0] ?? '');
  cluster = await startLocalCluster({ directory: join(work, 'c'), etcdDirectory, tls: true });
  // As install has left it, with the API server whose place the agents take.
  const signal = AbortSignal.timeout(10_000);
  const reach = await reachByAccessFile(cluster.socketAccessFile, signal);
  await enrol({ reach, clusterName: 'prod', apiServer, signal });
}, 60_000);
afterAll(async () => {
  await cluster.stop();
  rmSync(work, { recursive: true, force: true });
});

const onNode = (name: string, more: NodeJS.ProcessEnv = {}) => ({
  ...process.env,
  HOME: home,
  KUBECONFIG: '',
  KUBECTL_ETCD_ACCESS: '',
  KUBECTL_ETCD_SOCKET: cluster.member(name).socketPath,
  ...more,
});
const plugin = (argv: readonly string[], environment: NodeJS.ProcessEnv = onNode('n2')) =>
  runPlugin(argv, { environment, cwd: work });
const said = 'No kubeconfig here; reaching the agents from this node, n2 (3 nodes)\n';

describe('with nothing else at hand', () => {
  test('status of the whole cluster, logs of another node, a snapshot from a third; said in one line', async () => {
    const status = await plugin(['status']);
    expect(status).toMatchObject({ code: 0, stderr: said });
    expect(status.stdout.split('\n')[0]).toBe('CLUSTER prod   MEMBERS 3 of 3 healthy   QUORUM 2, may lose 1');
    expect((await plugin(['logs', 'n1', '--tail', '1'])).stdout).not.toBe('');
    expect(await plugin(['snapshot', 'save', 's.db', '--from', 'n3'])).toMatchObject({ code: 0 });
    expect((await plugin(['snapshot', 'verify', 's.db'])).code).toBe(0);
    // Nothing was issued that anybody would have to know of.
    const list = await plugin(['access', 'list', '-o', 'json']);
    expect((JSON.parse(list.stdout) as { certificates: unknown[] }).certificates).toHaveLength(1);
  }, 30_000);

  test('all laptops are gone: an access file that stands in for the API server of the cluster', async () => {
    const saved = await plugin(['access', 'save', 'new.json', '--name', 'anna@laptop']);
    expect(saved).toMatchObject({ code: 0 });
    const file = join(work, 'new.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const access = JSON.parse(readFileSync(file, 'utf8')) as NetworkAccess;
    expect(access.cluster).toEqual({ name: 'prod', apiServers: [apiServer], uid: undefined });
    expect((await plugin(['status', '--access', file])).code).toBe(0);
    const listed = await plugin(['access', 'list']);
    expect(listed.stdout).toMatch(/^anna@laptop +good/m);
    expect((await plugin(['access', 'revoke', 'anna@laptop'])).code).toBe(0);
    expect((await plugin(['status', '--access', file])).code).toBe(1);
  }, 30_000);

  test('two of three are gone: what is left says so, and is saved', async () => {
    for (const name of ['n1', 'n3']) {
      await cluster.killAgent(name);
      await cluster.killEtcd(name);
    }
    try {
      const status = await plugin(['status']);
      expect(status.code).toBe(4);
      expect(status.stdout).toContain('QUORUM LOST');
      expect(status.tookMs).toBeLessThan(5_000);
      expect((await plugin(['snapshot', 'save', 'survivor.db'])).code).toBe(0);
    } finally {
      for (const name of ['n1', 'n3']) await cluster.restartAgent(name);
      await Promise.all(['n1', 'n3'].map((name) => cluster.restartEtcd(name)));
    }
  }, 40_000);

  test('the socket named as the way', async () => {
    const { socketPath } = cluster.member('n1');
    expect(await plugin(['status', '--access', socketPath])).toMatchObject({ code: 0, stderr: '' });
  });

  test('install and uninstall need the API server, and say so', async () => {
    for (const command of ['install', 'uninstall']) {
      const ran = await plugin([command]);
      expect(ran).toMatchObject({ code: 2, stdout: '' });
      expect(ran.stderr).toContain(`${command} needs the API server`);
    }
  });

  test('who is not root reads that root can', async () => {
    const shut = join(work, 'shut');
    mkdirSync(shut);
    chmodSync(shut, 0o700);
    const program = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const environment = onNode('n2', { KUBECTL_ETCD_SOCKET: join(shut, 'agent.sock') });
    const ran = await runPlugin(['status', '-v'], { environment, through: program });
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/there is no kubeconfig[^]*answers root alone[^]*sudo kubectl-etcd/);
  });

  test('a node without an agent reads as a machine like any other', async () => {
    const ran = await plugin(['status', '-v'], onNode('n2', { KUBECTL_ETCD_SOCKET: join(work, 'none.sock') }));
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('reason  no-kubeconfig');
    expect(ran.stderr).not.toContain('this node');
  });

  test('a node whose agent is dead says where to look', async () => {
    await cluster.killAgent('n2');
    expect(existsSync(cluster.member('n2').socketPath)).toBe(true);
    const ran = await plugin(['status', '-v']);
    await cluster.restartAgent('n2');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('systemctl status kubectl-etcd-agent');
  });

  test('a node that is not enrolled has itself', async () => {
    await using agent = await LoneAgent.start({}, 'cp9');
    const ran = await plugin(['status'], onNode('n2', { KUBECTL_ETCD_SOCKET: join(agent.directory, 'agent.sock') }));
    expect(ran.stderr).toContain('from this node, cp9 (it alone: it is not enrolled)');
  });
});

describe('with a kubeconfig whose API server is silent', () => {
  test.each<[string, () => { server: string; certificate: string }]>([
    ['the one that the agents know', () => ({ server: apiServer.url, certificate: api })],
    ['one on this very node, as kubeadm writes it', () => ({ server: 'https://127.0.0.1:1', certificate: api })],
  ])('%s: through the node', async (_, of) => {
    const { server, certificate } = of();
    const ran = await plugin(['status'], onNode('n2', { KUBECONFIG: kubeconfig(server, certificate) }));
    expect(ran).toMatchObject({
      code: 0,
      stderr: `API server ${server} does not answer; reaching the agents from this node, n2 (3 nodes)\n`,
    });
  });

  test.each<[string, () => { server: string; certificate: string }]>([
    ['of another cluster', () => ({ server: 'https://127.0.0.1:1', certificate: other })],
    ['elsewhere, of the same authority', () => ({ server: 'https://127.9.9.9:1', certificate: api })],
  ])('%s: never the cluster of this node, and how to say that it is meant', async (_, of) => {
    const { server, certificate } = of();
    const ran = await plugin(['status'], onNode('n2', { KUBECONFIG: kubeconfig(server, certificate) }));
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(`if that is meant: --access ${cluster.member('n2').socketPath}`);
  });
});

const other = makeAuthority({ clusterName: 'kubernetes' }).certificate;

function kubeconfig(server: string, certificate: string): string {
  const path = join(work, 'kubeconfig');
  const data = { server, 'certificate-authority-data': Buffer.from(certificate).toString('base64') };
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: data }],
      users: [{ name: 'u', user: { token: 'none' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  return path;
}
