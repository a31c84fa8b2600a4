import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ran } from '../local/run-plugin.ts';
import { untilEtcd } from './injuries.ts';
import { clusterName, openStage, testAll } from './stage.ts';
import type { Stage } from './stage.ts';

const caseMs = 400_000;
const nodes = ['cp1', 'cp2', 'cp3'];
const consent = ['--yes', '--cluster-name', clusterName];
const manifests = 'etcd.yaml kube-apiserver.yaml kube-controller-manager.yaml kube-scheduler.yaml';

/** What a cluster is restored to in these tests, and what comes after it. */
const before = 'restore-before';
const later = 'restore-later';

describe('restore', () => {
  let stage: Stage;
  let snapshot: string;

  beforeAll(async () => {
    stage = await openStage();
    await stage.kubectl('create', 'namespace', before);
    await stage.kubectl('-n', before, 'create', 'configmap', 'kept', '--from-literal=a=b');
    snapshot = join(stage.work, 'before.db');
    done(await stage.plugin(['snapshot', 'save', snapshot]));
  }, caseMs);
  afterAll(async () => {
    await stage.untilWell();
    await stage.kubectl('delete', 'namespace', before, '--ignore-not-found');
    await stage.plugin(['kept', 'delete', '--all', ...consent]);
    // What is left of them is history, which outlives an uninstall.
    for (const node of nodes) await stage.shell(node, 'rm -rf /var/lib/kubectl-etcd/operations');
    await stage.close();
  }, caseMs);
  afterEach(async () => {
    await stage.untilWell();
    await stage.kubectl('-n', 'default', 'delete', 'configmap', later, '--ignore-not-found');
  }, caseMs);

  const restore = (...flags: string[]) => stage.plugin(['restore', snapshot, ...consent, ...flags]);
  const writeLater = () => stage.kubectl('-n', 'default', 'create', 'configmap', later, '--from-literal=a=b');
  const laterIsThere = async () =>
    (await stage.kubectl('-n', 'default', 'get', 'configmaps', '-o', 'name')).includes(later);

  /** The snapshot is served, nothing of later is, and everything is as a cluster should be. */
  async function expectRestored(ran: Ran): Promise<void> {
    done(ran);
    expect(await stage.kubectl('-n', before, 'get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}')).toBe('b');
    expect(await laterIsThere()).toBe(false);
    await expectWell();
  }

  async function expectWell(): Promise<void> {
    await stage.lab.untilHealthy({ timeoutMs: 120_000 });
    expect((await stage.plugin(['status', '--access', stage.accessFile])).code).toBe(0);
    for (const node of nodes)
      expect((await stage.shell(node, 'ls -A /etc/kubernetes/manifests')).trim().split('\n').join(' ')).toBe(manifests);
    const operations = JSON.parse((await stage.plugin(['operation', 'list', '-o', 'json'])).stdout) as {
      operations: { open: boolean }[];
    };
    expect(operations.operations.filter(({ open }) => open)).toEqual([]);
  }

  /** Runs a restore, and does something to it or to the world as soon as a node's journal says that a step has begun. */
  async function whenBegun(step: string, what: (kill: () => void) => Promise<void>): Promise<Ran> {
    const known = await stage.shell('cp1', 'ls /var/lib/kubectl-etcd/operations');
    const node = step.split('.')[1] ?? '';
    let happened: Promise<void> | undefined;
    const ran = await stage.plugin(['restore', snapshot, ...consent], {
      meanwhile: (child) => {
        const look =
          `for i in $(seq 3000); do for d in /var/lib/kubectl-etcd/operations/r-*; do case "${known.replaceAll('\n', ' ')}" in ` +
          `*$(basename $d)*) ;; *) grep -qs '"begun","step":"${step}"' $d/journal.jsonl && exit 0;; esac; done; sleep 0.02; done; exit 1`;
        happened = stage.shell(node, look).then(() => what(() => child.kill('SIGKILL')));
      },
    });
    await happened;
    return ran;
  }

  async function openOperation(): Promise<string> {
    const listed = await stage.there('cp2', ['operation', 'list', '-o', 'json']);
    const { operations } = JSON.parse(listed.stdout) as { operations: { id: string; open: boolean }[] };
    return operations.find(({ open }) => open)?.id ?? '';
  }

  test(
    'a namespace that was deleted by mistake is back, what came later is gone, and what will be lost was said before',
    async () => {
      await writeLater();
      await stage.kubectl('delete', 'namespace', before);
      const dry = await stage.plugin(['restore', snapshot, '--dry-run']);
      expect(dry.stdout).toMatch(/Lost, compared with now: .*configmap/);
      expect(dry.stdout).toMatch(/Brought back: .*namespace restore-before/);
      expect(await laterIsThere()).toBe(true);
      const ran = await restore('-o', 'json');
      await expectRestored(ran);
      const report = JSON.parse(ran.stdout) as { apiServerDownMs: number; etcdDownMs: number; operation: string };
      expect(report.etcdDownMs).toBeLessThan(report.apiServerDownMs);
      const kept = await stage.plugin(['kept', 'list']);
      for (const node of nodes) expect(kept.stdout).toMatch(new RegExp(`^${node} +${report.operation} +old data`, 'm'));
    },
    caseMs,
  );

  test(
    'all data directories are wiped, and the API servers are down with them',
    async () => {
      await writeLater();
      for (const node of nodes) await stage.shell(node, 'mv /etc/kubernetes/manifests/etcd.yaml /root/');
      for (const node of nodes) await untilEtcd(stage, node, 'gone');
      for (const node of nodes)
        await stage.shell(node, 'rm -rf /var/lib/etcd/member && mv /root/etcd.yaml /etc/kubernetes/manifests/');
      await expectRestored(await restore());
    },
    caseMs,
  );

  test(
    'the plugin is killed in the middle; another one, on a node, rolls back',
    async () => {
      await writeLater();
      const ran = await whenBegun('stop-etcd.cp2.stop', kills);
      expect(ran.signal).toBe('SIGKILL');
      const id = await openOperation();
      const back = await stage.there('cp2', ['operation', 'rollback', id, ...consent]);
      expect({ code: back.code, stderr: back.stderr }).toMatchObject({ code: 0 });
      await stage.lab.untilHealthy({ timeoutMs: 120_000 });
      expect(await laterIsThere()).toBe(true);
      await expectWell();
    },
    caseMs,
  );

  testAll(
    'the plugin is killed; resumed from another directory with nothing but an access file',
    async () => {
      await writeLater();
      await whenBegun('exchange.cp3.exchange', kills);
      const id = await openOperation();
      await expectRestored(await stage.plugin(['operation', 'resume', id, '--access', stage.accessFile], { cwd: '/' }));
    },
    caseMs,
  );

  testAll(
    'a node is unplugged in the middle: stops, and goes on when it is back',
    async () => {
      const ran = await whenBegun('stop-control-plane.cp3.stop', () => stage.lab.happens('unplug', 'cp3'));
      expect(ran.code).toBe(6);
      await stage.lab.happens('plug', 'cp3');
      await expectRestored(await stage.plugin(['operation', 'resume', await openOperation()]));
    },
    caseMs,
  );

  testAll(
    'a node loses its power in the middle, boots with the API servers down, and the restore goes on',
    async () => {
      const ran = await whenBegun('start-etcd.cp2.start', () => stage.lab.happens('power-cut', 'cp2'));
      expect([0, 6]).toContain(ran.code);
      await stage.lab.happens('boot', 'cp2');
      if (ran.code === 6) {
        const id = await openOperationFrom('cp1');
        await expectRestored(await untilDone(() => stage.plugin(['operation', 'resume', id])));
      } else await expectRestored(ran);
    },
    caseMs,
  );

  testAll(
    'a kubelet does not run, and another was started anew without an API server',
    async () => {
      await writeLater();
      await stage.shell('cp2', 'systemctl stop kubelet');
      await stage.shell('cp3', 'systemctl restart kubelet');
      await expectRestored(await restore());
    },
    caseMs,
  );

  testAll(
    'the snapshot is older than the agents',
    async () => {
      const own = snapshot;
      done(await stage.plugin(['uninstall']));
      const etcdctl =
        'ETCDCTL_API=3 /opt/lab/etcdctl --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt ' +
        '--key=/etc/kubernetes/pki/etcd/server.key --endpoints=https://127.0.0.1:2379 snapshot save /root/older.db > /dev/null && base64 /root/older.db';
      const text = await stage.shell('cp1', etcdctl);
      snapshot = join(stage.work, 'older.db');
      writeFileSync(snapshot, Buffer.from(text, 'base64'));
      await stage.untilWell();
      const ran = await restore();
      done(ran);
      expect(ran.stderr).toMatch(/Aftermath: the snapshot is older than the agents.*kubectl etcd install/);
      expect((await stage.plugin(['status', '--access', stage.accessFile])).code).toBe(0);
      snapshot = own;
    },
    caseMs,
  );

  testAll(
    'a snapshot that is damaged, cut, or of another cluster: refused, and nothing is stopped',
    async () => {
      const bytes = readFileSync(snapshot);
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
      const wrong = await stage.plugin(['restore', snapshot, ...consent, '--different-cluster', 'other']);
      expect(wrong).toMatchObject({ code: 5 });
      const unnamed = await stage.plugin(['restore', snapshot, '--yes', '--cluster-name', 'other']);
      expect(unnamed).toMatchObject({ code: 5 });
      expect((await stage.plugin(['restore', snapshot])).stderr).toMatch(/there is nobody to ask/);
      await expectWell();
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
      done(await restore());
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

  async function openOperationFrom(node: string): Promise<string> {
    const listed = await stage.there(node, ['operation', 'list', '-o', 'json']);
    const { operations } = JSON.parse(listed.stdout) as { operations: { id: string; open: boolean }[] };
    return operations.find(({ open }) => open)?.id ?? '';
  }
});

/** Nothing but that. */
function kills(kill: () => void): Promise<void> {
  kill();
  return Promise.resolve();
}

/** A node that has just booted takes a while until its agent answers. */
async function untilDone(run: () => Promise<Ran>): Promise<Ran> {
  for (let attempt = 1; ; attempt += 1) {
    const ran = await run();
    if (ran.code === 0 || attempt === 10) return ran;
    await sleep(5_000);
  }
}

function done({ code, stdout, stderr }: Ran): void {
  if (code !== 0) throw new Error(`exit code ${code}: ${stdout}${stderr}`);
}
