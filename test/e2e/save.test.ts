import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt, run } from '../lab/command.ts';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import type { SnapshotManifest } from '../../core/snapshot/manifest.ts';
import { caseTimeoutMs, clusterName, openStage, roles, testAll } from './stage.ts';
import type { Stage } from './stage.ts';

const clientUrl = 'http://127.0.0.1:42379';

describe('snapshot save', () => {
  let stage: Stage;
  let tools: string;
  beforeAll(async () => {
    stage = await openStage();
    tools = dirname((await etcdBinaries(stage.lab.etcd)).binaries[0] ?? '');
  }, caseTimeoutMs);
  afterAll(() => stage.close());

  const save = async (...argv: string[]) => {
    const ran = await stage.plugin(['snapshot', 'save', ...argv, '-o', 'json']);
    if (ran.code !== 0) throw new Error(`save failed: ${ran.stderr}`);
    return JSON.parse(ran.stdout) as SnapshotManifest & { file: string };
  };

  test(
    "from a follower, 0600, with a manifest that says what etcd's own tools say",
    async () => {
      const { leader } = await roles(stage);
      const { file, ...told } = await save('first.db');
      const path = join(stage.work, file);
      const manifest = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as SnapshotManifest;
      expect(manifest).toEqual(told);
      const bytes = readFileSync(path);
      expect(manifest).toMatchObject({
        sha256: createHash('sha256').update(bytes).digest('hex'),
        sizeBytes: bytes.length,
        etcdVersion: '3.5.16',
      });
      expect(manifest.node).not.toBe(leader);
      for (const written of [path, `${path}.json`]) expect(statSync(written).mode & 0o777).toBe(0o600);
      expect(bytes.length % 512).toBe(32);

      const etcdutl = await run([join(tools, 'etcdutl'), 'snapshot', 'status', path, '-w', 'json']);
      expect(manifest.revision).toBe((JSON.parse(etcdutl) as { revision: number }).revision);
      const uid = await stage.kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}');
      expect(manifest.cluster).toMatchObject({ name: clusterName, uid });
      // ID, status, name, peer URLs, client URLs, learner: separated by commas.
      const { stdout: listed } = await stage.lab.etcdctl('cp1', ['member', 'list']);
      const members = manifest.members.map(({ id, name, peerUrls, clientUrls }) =>
        [id, 'started', name, peerUrls.join(','), clientUrls.join(','), 'false'].join(', '),
      );
      expect(members.sort()).toEqual(listed.trim().split('\n').sort());
      expect(manifest.memberId).toBe(manifest.members.find(({ name }) => name === manifest.node)?.id);
      expect(Math.abs(Date.now() - Date.parse(manifest.time))).toBeLessThan(60_000);
    },
    caseTimeoutMs,
  );

  test(
    'a write acknowledged right before is in it: restored with etcdutl, served by an etcd, read with etcdctl',
    async () => {
      const name = `e2e-${Date.now()}`;
      await stage.kubectl('create', 'configmap', name, '--from-literal=written=before');
      try {
        await save('acknowledged.db');
      } finally {
        await stage.kubectl('delete', 'configmap', name);
      }
      const value = await valueInRestored('acknowledged.db', `/registry/configmaps/default/${name}`);
      expect(value).toContain('written');
    },
    caseTimeoutMs,
  );

  test(
    '--from each node, default names in a directory, verified',
    async () => {
      mkdirSync(join(stage.work, 'kept'));
      for (const { name } of stage.lab.nodes) {
        const { node, file } = await save('kept/', '--from', name);
        expect(node).toBe(name);
        expect(file).toMatch(/^kept\/demo-\d{8}T\d{6}Z\.db$/);
        expect((await stage.plugin(['snapshot', 'verify', file])).code).toBe(0);
        await sleep(1000); // names tell seconds
      }
      expect(readdirSync(join(stage.work, 'kept'))).toHaveLength(6);
    },
    caseTimeoutMs,
  );

  test(
    'an existing file, a missing directory, an unknown node: refused, and nothing is touched',
    async () => {
      writeFileSync(join(stage.work, 'mine.db'), 'mine');
      const exists = await stage.plugin(['snapshot', 'save', 'mine.db']);
      expect(exists).toMatchObject({ code: 5, stdout: '' });
      expect(exists.stderr).toMatch(/mine\.db exists[^]*--force/);
      expect(readFileSync(join(stage.work, 'mine.db'), 'utf8')).toBe('mine');
      const missing = await stage.plugin(['snapshot', 'save', 'nowhere/x.db']);
      expect(missing).toMatchObject({ code: 5, stdout: '' });
      expect(missing.stderr).toMatch(/there is no directory nowhere[^]*mkdir -p/);
      const unknown = await stage.plugin(['snapshot', 'save', 'x.db', '--from', 'worker-1']);
      expect(unknown).toMatchObject({ code: 2, stdout: '' });
      expect(unknown.stderr).toContain('cp1, cp2, cp3');
      expect(existsSync(join(stage.work, 'x.db'))).toBe(false);
    },
    caseTimeoutMs,
  );

  test('Ctrl-C: exit 130, and nothing is left', async () => {
    const ran = await stage.plugin(['snapshot', 'save', 'interrupted.db'], {
      meanwhile: (child) => setTimeout(() => child.kill('SIGINT'), 500),
    });
    expect(ran.code).toBe(130);
    expect(readdirSync(stage.work).filter((name) => name.startsWith('interrupted'))).toEqual([]);
  }, 30_000);

  testAll(
    '--force replaces the file and its manifest together',
    async () => {
      const first = await save('again.db');
      const second = await save('again.db', '--force', '--from', first.node === 'cp2' ? 'cp3' : 'cp2');
      expect(second.node).not.toBe(first.node);
      expect((await stage.plugin(['snapshot', 'verify', 'again.db'])).code).toBe(0);
    },
    caseTimeoutMs,
  );

  /** What a key holds in an etcd that was started on the restored snapshot. */
  async function valueInRestored(file: string, key: string): Promise<string> {
    const dataDir = join(stage.work, `${file}-restored`);
    await run([join(tools, 'etcdutl'), 'snapshot', 'restore', join(stage.work, file), '--data-dir', dataDir]);
    const peerUrl = 'http://127.0.0.1:42380';
    const etcd = spawn(
      join(tools, 'etcd'),
      [
        ...['--data-dir', dataDir, '--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
        ...['--listen-peer-urls', peerUrl, '--force-new-cluster'],
      ],
      { stdio: 'ignore' },
    );
    try {
      for (let tries = 0; tries < 100; tries += 1) {
        const { code, stdout } = await attempt([join(tools, 'etcdctl'), '--endpoints', clientUrl, 'get', key], {
          env: { ETCDCTL_API: '3' },
          timeoutMs: 3_000,
        });
        if (code === 0) return stdout;
        await sleep(100);
      }
      throw new Error('the restored etcd does not answer');
    } finally {
      etcd.kill('SIGKILL');
      await once(etcd, 'close');
    }
  }
});
