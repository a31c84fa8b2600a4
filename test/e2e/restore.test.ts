import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { untilEtcd } from './injuries.ts';
import { before, consent, done, kills, restoreCaseMs as caseMs, Restoring } from './restoring.ts';
import type { Report } from './restoring.ts';
import { testAll } from './stage.ts';
import type { Stage } from './stage.ts';

describe('restore', () => {
  let restoring: Restoring;
  let stage: Stage;

  beforeAll(async () => {
    restoring = await Restoring.open();
    ({ stage } = restoring);
  }, caseMs);
  afterAll(() => restoring.close(), caseMs);
  afterEach(() => restoring.tidy(), caseMs);

  test(
    'a namespace that was deleted by mistake is back, what came later is gone, and what will be lost was said before',
    async () => {
      await restoring.writeLater();
      await stage.kubectl('delete', 'namespace', before);
      const dry = await stage.plugin(['restore', restoring.snapshot, '--dry-run']);
      expect(dry.stdout).toMatch(/Lost, compared with now: .*configmap/);
      expect(dry.stdout).toMatch(/Brought back: .*namespace restore-before/);
      expect(await restoring.laterIsThere()).toBe(true);
      const ran = await restoring.restore('-o', 'json');
      await restoring.expectRestored(ran);
      const report = JSON.parse(ran.stdout) as Report;
      expect(report.etcdDownMs).toBeLessThan(report.apiServerDownMs);
      const kept = await stage.plugin(['kept', 'list']);
      for (const node of restoring.nodes)
        expect(kept.stdout).toMatch(new RegExp(`^${node} +${report.operation} +old data`, 'm'));
    },
    caseMs,
  );

  test(
    'all data directories are wiped, and the API servers are down with them',
    async () => {
      await restoring.writeLater();
      for (const node of restoring.nodes) await stage.shell(node, 'mv /etc/kubernetes/manifests/etcd.yaml /root/');
      for (const node of restoring.nodes) await untilEtcd(stage, node, 'gone');
      for (const node of restoring.nodes)
        await stage.shell(node, 'rm -rf /var/lib/etcd/member && mv /root/etcd.yaml /etc/kubernetes/manifests/');
      await restoring.expectRestored(await restoring.restore());
    },
    caseMs,
  );

  test(
    'the plugin is killed in the middle; another one, on a node, rolls back',
    async () => {
      await restoring.writeLater();
      const ran = await restoring.whenBegun('stop-etcd.cp2.stop', kills);
      expect(ran.signal).toBe('SIGKILL');
      const id = await restoring.openOperation();
      const back = await stage.there('cp2', ['operation', 'rollback', id, ...consent]);
      expect({ code: back.code, stderr: back.stderr }).toMatchObject({ code: 0 });
      await stage.lab.untilHealthy({ timeoutMs: 120_000 });
      expect(await restoring.laterIsThere()).toBe(true);
      await restoring.expectWell();
    },
    caseMs,
  );

  testAll(
    'the plugin is killed; resumed from another directory with nothing but an access file',
    async () => {
      await restoring.writeLater();
      await restoring.whenBegun('exchange.cp3.exchange', kills);
      const id = await restoring.openOperation();
      await restoring.expectRestored(
        await stage.plugin(['operation', 'resume', id, '--access', stage.accessFile], { cwd: '/' }),
      );
    },
    caseMs,
  );

  testAll(
    'a node is unplugged in the middle: stops, and goes on when it is back',
    async () => {
      const ran = await restoring.whenBegun('stop-control-plane.cp3.stop', () => stage.lab.happens('unplug', 'cp3'));
      expect(ran.code).toBe(6);
      await stage.lab.happens('plug', 'cp3');
      await restoring.expectRestored(await stage.plugin(['operation', 'resume', await restoring.openOperation()]));
    },
    caseMs,
  );

  testAll(
    'a node loses its power in the middle, boots with the API servers down, and the restore goes on',
    async () => {
      const ran = await restoring.whenBegun('start-etcd.cp2.start', () => stage.lab.happens('power-cut', 'cp2'));
      expect([0, 6]).toContain(ran.code);
      await stage.lab.happens('boot', 'cp2');
      await restoring.expectRestored(ran.code === 6 ? await restoring.resumed() : ran);
    },
    caseMs,
  );

  testAll(
    'a kubelet does not run, and another was started anew without an API server',
    async () => {
      await restoring.writeLater();
      await stage.shell('cp2', 'systemctl stop kubelet');
      await stage.shell('cp3', 'systemctl restart kubelet');
      await restoring.expectRestored(await restoring.restore());
    },
    caseMs,
  );

  testAll(
    'the snapshot is older than the agents',
    async () => {
      const own = restoring.snapshot;
      done(await stage.plugin(['uninstall']));
      const etcdctl =
        'ETCDCTL_API=3 /opt/lab/etcdctl --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt ' +
        '--key=/etc/kubernetes/pki/etcd/server.key --endpoints=https://127.0.0.1:2379 snapshot save /root/older.db > /dev/null && base64 /root/older.db';
      const text = await stage.shell('cp1', etcdctl);
      restoring.snapshot = join(stage.work, 'older.db');
      writeFileSync(restoring.snapshot, Buffer.from(text, 'base64'));
      await stage.untilWell();
      const ran = await restoring.restore();
      done(ran);
      expect(ran.stderr).toMatch(/Aftermath: the snapshot is older than the agents.*kubectl etcd install/);
      expect((await stage.plugin(['status', '--access', stage.accessFile])).code).toBe(0);
      restoring.snapshot = own;
    },
    caseMs,
  );

  testAll(
    'a snapshot that is damaged, cut, or of another cluster: refused, and nothing is stopped',
    async () => {
      const bytes = readFileSync(restoring.snapshot);
      const flipped = Buffer.from(bytes);
      flipped[20_000] = (flipped[20_000] ?? 0) ^ 1;
      for (const [name, content] of [
        ['flipped', flipped],
        ['cut', bytes.subarray(0, -4096)],
      ] as const) {
        const file = join(stage.work, `${name}.db`);
        writeFileSync(file, content);
        const ran = await stage.plugin(['restore', file, ...consent]);
        expect({ name, code: ran.code }).toEqual({ name, code: 5 });
        expect(ran.stderr).toMatch(/is not a sound snapshot/);
      }
      const wrong = await stage.plugin(['restore', restoring.snapshot, ...consent, '--different-cluster', 'other']);
      expect(wrong).toMatchObject({ code: 5 });
      const unnamed = await stage.plugin(['restore', restoring.snapshot, '--yes', '--cluster-name', 'other']);
      expect(unnamed).toMatchObject({ code: 5 });
      expect((await stage.plugin(['restore', restoring.snapshot])).stderr).toMatch(/there is nobody to ask/);
      await restoring.expectWell();
    },
    caseMs,
  );

  testAll(
    'the data directory is a mount point, and the manifest is an odd one',
    async () => {
      const odd = [
        'mv /etc/kubernetes/manifests/etcd.yaml /root/etcd.yaml',
        'for i in $(seq 300); do pidof etcd > /dev/null || break; sleep 0.2; done',
        'mkdir -p /var/lib/etcd-disk && cp -a /var/lib/etcd/. /var/lib/etcd-disk/ && mount --bind /var/lib/etcd-disk /var/lib/etcd',
        "sed 's|    - --data-dir=\\(.*\\)|    - --data-dir # where it is\\n    - \\1|; 1i # an odd one' /root/etcd.yaml > /etc/kubernetes/manifests/99-database.yml",
      ];
      await stage.shell('cp2', odd.join(' && '));
      await stage.lab.untilHealthy({ timeoutMs: 120_000 });
      done(await restoring.restore());
      const manifest = await stage.shell('cp2', 'cat /etc/kubernetes/manifests/99-database.yml');
      expect(manifest).toMatch(/^# an odd one\n/);
      expect(manifest).toMatch(/- --data-dir # where it is\n/);
      expect(manifest).toMatch(/--initial-cluster-state=existing/);
      expect(await stage.shell('cp2', 'ls -A /var/lib/etcd')).toMatch(/^\.kubectl-etcd\nmember\n$/);
      await stage.lab.untilHealthy({ timeoutMs: 120_000 });
      const even = [
        'mv /etc/kubernetes/manifests/99-database.yml /root/',
        'for i in $(seq 300); do pidof etcd > /dev/null || break; sleep 0.2; done',
        'umount /var/lib/etcd && rm -rf /var/lib/etcd/member && cp -a /var/lib/etcd-disk/member /var/lib/etcd/',
        "sed 's#--initial-cluster-state=existing#&#' /root/etcd.yaml > /etc/kubernetes/manifests/etcd.yaml",
      ];
      await stage.shell('cp2', even.join(' && '));
    },
    caseMs,
  );
});
