import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadKubeConfig } from '../../../plugin/cluster/connection.ts';
import type { ConnectionFlags } from '../../../plugin/cluster/connection.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync('/tmp/connection-');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function kubeconfig(name: string, server: string, current = name): string {
  const file = join(directory, `${name}-${server.replace(/\W/g, '')}`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': current,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': 'Q0E=' } }],
    users: [
      { name, user: { token: `token-of-${server}`, 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

function load(flags: ConnectionFlags, KUBECONFIG?: string) {
  const config = loadKubeConfig(flags, { ...(KUBECONFIG === undefined ? {} : { KUBECONFIG }) });
  return { cluster: config.getCurrentCluster(), user: config.getCurrentUser() };
}

describe("kubectl's connection flags", () => {
  test('--kubeconfig beats KUBECONFIG; of several files the first to name a thing wins, a missing one is passed over', () => {
    const [a, b, c] = [kubeconfig('a', 'https://a'), kubeconfig('b', 'https://b'), kubeconfig('a', 'https://other')];
    expect(load({ kubeconfig: b }, a).cluster?.server).toBe('https://b');
    expect(load({}, [join(directory, 'missing'), a, c, b].join(':')).cluster?.server).toBe('https://a');
    expect(load({ context: 'b' }, [a, b].join(':')).cluster?.server).toBe('https://b');
  });

  test('a flag replaces what the file says, and nothing of it stays beside it', () => {
    const file = kubeconfig('a', 'https://a');
    const { cluster, user } = load({
      kubeconfig: file,
      server: 'https://elsewhere:6443',
      certificateAuthority: '/ca.crt',
      clientCertificate: '/me.crt',
      clientKey: '/me.key',
      token: 't',
      tlsServerName: 'api',
    });
    expect(cluster).toMatchObject({
      server: 'https://elsewhere:6443',
      caFile: '/ca.crt',
      tlsServerName: 'api',
      skipTLSVerify: false,
    });
    expect(cluster).not.toHaveProperty('caData');
    expect(user).toMatchObject({ token: 't', certFile: '/me.crt', keyFile: '/me.key' });
    expect(user).not.toHaveProperty('certData');
    const insecure = load({ kubeconfig: file, insecureSkipTlsVerify: true }).cluster;
    expect(insecure).toMatchObject({ skipTLSVerify: true });
    expect(insecure).not.toHaveProperty('caData');
  });

  test('what is not there is said, with exit code 2 and what to do', () => {
    const file = kubeconfig('a', 'https://a');
    const garbage = join(directory, 'garbage');
    writeFileSync(garbage, '{[');
    const noCurrent = kubeconfig('b', 'https://b', '');
    for (const [flags, reason] of [
      [{ kubeconfig: join(directory, 'missing') }, 'no-kubeconfig'],
      [{ kubeconfig: garbage }, 'kubeconfig-unreadable'],
      [{ kubeconfig: file, context: 'x' }, 'unknown-context'],
      [{ kubeconfig: noCurrent }, 'unknown-context'],
      [{ kubeconfig: file, cluster: 'x' }, 'unknown-cluster'],
      [{ kubeconfig: file, user: 'x' }, 'unknown-user'],
    ] as const)
      expect(() => load(flags)).toThrow(expect.objectContaining({ reason, exit: 2 }));
  });
});
