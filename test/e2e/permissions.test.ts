import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { until } from '../lab/command.ts';
import { caseTimeoutMs, openStage } from './stage.ts';
import type { Stage } from './stage.ts';

const account = 'kubectl-etcd-e2e';

describe('who may, and where to', () => {
  let stage: Stage;
  let server: string;
  let ca: string;
  beforeAll(async () => {
    stage = await openStage();
    const config = JSON.parse(await stage.kubectl('config', 'view', '--raw', '-o', 'json')) as {
      clusters: { cluster: Record<string, string> }[];
    };
    server = config.clusters[0]?.cluster['server'] ?? '';
    ca = config.clusters[0]?.cluster['certificate-authority-data'] ?? '';
    await stage.kubectl('-n', 'default', 'create', 'serviceaccount', account);
  }, caseTimeoutMs);
  afterAll(async () => {
    await stage.kubectl('delete', 'clusterrolebinding', account, '--ignore-not-found');
    await stage.kubectl('-n', 'kubectl-etcd', 'delete', 'rolebinding', account, '--ignore-not-found');
    await stage.kubectl('-n', 'default', 'delete', 'serviceaccount', account);
    await stage.close();
  }, caseTimeoutMs);

  /** A kubeconfig with a token, and nothing of the administrator's. */
  function kubeconfigOf(token: string, at = server): string {
    const file = join(stage.work, `config-${token.length}`);
    const text = stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: at, 'certificate-authority-data': ca } }],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }
  /** A service account's token is made by the controller manager, which needs a moment after it lost its lease. */
  const accountToken = async () => {
    const jsonpath = '-o=jsonpath={.secrets[0].name}';
    let secret = '';
    const isThere = async () => {
      secret = await stage.kubectl('-n', 'default', 'get', 'serviceaccount', account, jsonpath);
      return secret === '' ? 'it names no Secret' : true;
    };
    await until(`the token of the service account ${account}`, isThere, { timeoutMs: 30_000 });
    const encoded = await stage.kubectl('-n', 'default', 'get', 'secret', secret, '-o=jsonpath={.data.token}');
    return Buffer.from(encoded, 'base64').toString();
  };

  test('without rights: which verb on which resource, for each command', async () => {
    const flags = ['--kubeconfig', kubeconfigOf(await accountToken())];
    for (const argv of [['status'], ['snapshot', 'save', 'x.db'], ['logs', 'cp1'], ['install'], ['uninstall']]) {
      const ran = await stage.plugin([...argv, ...flags]);
      expect({ argv, code: ran.code, stdout: ran.stdout }).toEqual({ argv, code: 1, stdout: '' });
      expect(ran.stderr).toMatch(/error: you may not /);
      expect(ran.stderr).toMatch(/cannot (get|list|delete|patch) resource "\w+"/);
      expect(ran.stderr).toMatch(/next .*kubectl-etcd-operator/);
    }
  }, 60_000);

  test(
    'bound to the roles of manifests/rbac.yaml: status, save, logs, version; without exec: that is said',
    async () => {
      const token = await accountToken();
      const flags = ['--kubeconfig', kubeconfigOf(token)];
      const subject = `--serviceaccount=default:${account}`;
      await stage.kubectl('create', 'clusterrolebinding', account, '--clusterrole=kubectl-etcd-operator', subject);
      await stage.kubectl('-n', 'kubectl-etcd', 'create', 'role', account, '--verb=list', '--resource=pods');
      await stage.kubectl('-n', 'kubectl-etcd', 'create', 'rolebinding', account, `--role=${account}`, subject);
      const noExec = await stage.plugin(['snapshot', 'save', 'x.db', '--from', 'cp2', ...flags]);
      expect(noExec.code).toBe(1);
      expect(noExec.stderr).toMatch(/error: you may not exec into the agent.*pods\/exec.*\n {2}node {2}cp2\n/);
      await stage.kubectl('-n', 'kubectl-etcd', 'delete', 'rolebinding', account);
      await stage.kubectl('-n', 'kubectl-etcd', 'delete', 'role', account);
      await stage.kubectl(
        '-n',
        'kubectl-etcd',
        'create',
        'rolebinding',
        account,
        '--role=kubectl-etcd-operator',
        subject,
      );
      for (const argv of [['status'], ['snapshot', 'save', 'y.db'], ['logs', 'cp3', '--tail', '1'], ['version']]) {
        const ran = await stage.plugin([...argv, ...flags]);
        expect({ argv, code: ran.code }).toEqual({ argv, code: 0 });
        expect(ran.stdout + ran.stderr).not.toContain(token);
      }
    },
    caseTimeoutMs,
  );

  test('a token that is not accepted (401)', async () => {
    const ran = await stage.plugin(['status', '--kubeconfig', kubeconfigOf('not-a-token')]);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/does not accept your credentials[^]*next /);
    expect(ran.stderr).not.toContain('not-a-token');
  });

  test('an API server that is not there, or says nothing', async () => {
    const refused = await stage.plugin(['status', '--server', 'https://127.0.0.1:42399']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/API server https:\/\/127\.0\.0\.1:42399 does not answer[^]*ECONNREFUSED/);
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const url = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const silent = await stage.plugin(['status', '--server', url]);
    mute.close();
    expect(silent).toMatchObject({ code: 1, stdout: '' });
    expect(silent.stderr).toMatch(/does not answer[^]*10 s/);
    expect(silent.tookMs).toBeLessThan(13_000);
  }, 30_000);

  test('a certificate that is not the one of the kubeconfig', async () => {
    const text = execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=other',
        '-keyout',
        '/dev/null',
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    writeFileSync(join(stage.work, 'other-ca.crt'), text);
    const ran = await stage.plugin(['status', '--certificate-authority', 'other-ca.crt']);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/certificate/);
  });

  test.each([
    ['none at all', { KUBECONFIG: '', HOME: '/nonexistent' }, [], /there is no kubeconfig/],
    ['one that is not there', {}, ['--kubeconfig', 'nowhere'], /no kubeconfig at nowhere/],
    ['a wrong context', {}, ['--context', 'prod'], /no context "prod"/],
    ['a wrong cluster', {}, ['--cluster', 'prod'], /no cluster "prod"/],
    ['a wrong user', {}, ['--user', 'anna'], /no user "anna"/],
    ['garbage', {}, ['--kubeconfig', 'garbage'], /cannot read the kubeconfig garbage/],
    ['another YAML', {}, ['--kubeconfig', 'list.yaml'], /kubeconfig/],
    ['nothing in it', {}, ['--kubeconfig', 'empty'], /kubeconfig/],
    ['a directory', {}, ['--kubeconfig', 'folder'], /kubeconfig/],
  ] as const)('a kubeconfig: %s', async (_name, environment, flags, says) => {
    writeFileSync(join(stage.work, 'garbage'), Buffer.from([0, 1, 2, 0x7b, 0xff, 0xfe, 0x3a]));
    writeFileSync(join(stage.work, 'list.yaml'), '- a\n- b\n');
    writeFileSync(join(stage.work, 'empty'), '');
    mkdirSync(join(stage.work, 'folder'), { recursive: true });
    const ran = await stage.plugin(['status', ...flags], { environment });
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(says);
    expect(ran.stderr).toMatch(/^ {2}next /m);
    expect(readFileSync(join(stage.work, 'empty'), 'utf8')).toBe('');
  });
});
