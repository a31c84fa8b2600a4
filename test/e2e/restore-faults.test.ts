/** A restore on the lab with whatever goes wrong beneath it: agents that die, nodes that go and come back in each phase, disks, certificates, snapshots. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { changedSnapshot } from './changed-snapshot.ts';
import { expiredCertificate } from './expired-certificate.ts';
import { replaced } from './injuries.ts';
import { consent, restoreCaseMs as caseMs, Restoring, say } from './restoring.ts';
import { testAll } from './stage.ts';
import type { Stage } from './stage.ts';

/** A step of each phase, on the node that something happens to; where one node acts for all, on that one. */
const steps = [
  'stage.cp1.receive',
  'prepare.cp3.build',
  'stop-control-plane.cp3.stop',
  'stop-etcd.cp2.stop',
  'exchange.cp3.exchange',
  'start-etcd.cp2.start',
  'check.cp1.check',
  'start-api-server.cp1.start',
  'start-control-plane.cp3.start',
];
const agentProgram = '[k]ubectl-etcd-agent.cjs serve';

describe('a restore', () => {
  let restoring: Restoring;
  let stage: Stage;

  beforeAll(async () => {
    restoring = await Restoring.open();
    ({ stage } = restoring);
  }, caseMs);
  afterAll(() => restoring.close(), caseMs);
  afterEach(() => restoring.tidy(), caseMs);

  const killAgents = (...nodes: readonly string[]) =>
    Promise.all(nodes.map((node) => stage.shell(node, `pkill -9 -f '${agentProgram}' || true`)));
  const refused = async (snapshot: string, reason: RegExp) => {
    const ran = await stage.plugin(['restore', snapshot, ...consent]);
    expect({ stderr: ran.stderr, code: ran.code }).toEqual({
      stderr: expect.stringMatching(reason) as unknown,
      code: 5,
    });
    await restoring.expectWell();
  };

  test(
    'all agents are killed at once while etcd is being stopped: it goes on when they are back',
    async () => {
      await restoring.writeLater();
      const ran = await restoring.whenBegun('stop-etcd.cp2.stop', () => killAgents(...restoring.nodes));
      say('all agents killed in stop-etcd', ran);
      await restoring.expectRestored(ran);
    },
    caseMs,
  );

  testAll.each(steps)(
    'the agent is killed when %s has begun',
    async (step) => {
      await restoring.writeLater();
      const ran = await restoring.whenBegun(step, () => killAgents(step.split('.')[1] ?? ''));
      say(`agent killed in ${step}`, ran);
      await restoring.expectRestored(ran);
    },
    caseMs,
  );

  testAll.each(steps)(
    'the node is unplugged when %s has begun, then plugged in and resumed',
    async (step) => {
      const node = step.split('.')[1] ?? '';
      await restoring.writeLater();
      const ran = await restoring.whenBegun(step, () => stage.lab.happens('unplug', node));
      expect([0, 6]).toContain(ran.code);
      await stage.lab.happens('plug', node);
      const ended = ran.code === 0 ? ran : await restoring.resumed();
      await restoring.expectRestored(ended);
      say(`unplugged in ${step}, exit code ${ran.code ?? ''}`, ended);
    },
    caseMs,
  );

  testAll.each(steps)(
    'the node loses its power when %s has begun, then boots and is resumed',
    async (step) => {
      const node = step.split('.')[1] ?? '';
      await restoring.writeLater();
      const ran = await restoring.whenBegun(step, () => stage.lab.happens('power-cut', node));
      expect([0, 6]).toContain(ran.code);
      await stage.lab.happens('boot', node);
      const ended = ran.code === 0 ? ran : await restoring.resumed();
      await restoring.expectRestored(ended);
      say(`power cut in ${step}, exit code ${ran.code ?? ''}`, ended);
    },
    caseMs,
  );

  testAll(
    'a disk that is too small for old and new data together: refused, and nothing is stopped',
    async () => {
      await onOwnFileSystem('cp2', 'size=200m', async () => {
        await refused(
          restoring.snapshot,
          /there is no room for the restore on the file system of \/var\/lib\/etcd\n +node +cp2/,
        );
      });
    },
    caseMs,
  );

  testAll(
    'a disk that fills up while the new data is being built: taken back, and nothing is stopped',
    async () => {
      await onOwnFileSystem('cp2', 'size=900m', async () => {
        const fill = 'fallocate -l $(( $(df -k --output=avail /var/lib/etcd | tail -1) * 1024 )) /var/lib/etcd/filler';
        // It waits between two steps: the look at the disk is over, and the building has not begun.
        const ran = await restoring.whenBegun('stage.cp1.receive', async (signal) => {
          signal('SIGSTOP');
          await stage.shell('cp2', fill);
          signal('SIGCONT');
        });
        await stage.shell('cp2', 'rm -f /var/lib/etcd/filler');
        expect(ran.code).toBe(5);
        expect(ran.stderr).toMatch(/nothing was stopped; what had been prepared was taken away again/);
        expect(await restoring.openOperation()).toBe('');
      });
    },
    caseMs,
  );

  test(
    "certificates that have expired: etcd's and the API server's are named with node and file, and nothing is stopped",
    async () => {
      for (const path of ['/etc/kubernetes/pki/etcd/peer.crt', '/etc/kubernetes/pki/apiserver.crt']) {
        const content = await expiredCertificate(stage, { node: 'cp2', path });
        await using _ = await replaced(stage, { node: 'cp2', path, content });
        const ran = await restoring.restore();
        expect({ path, code: ran.code }).toEqual({ path, code: 5 });
        expect(ran.stderr).toMatch(
          new RegExp(`the certificate ${path} has expired: nothing starts with it\\n +node +cp2`),
        );
      }
      await restoring.expectWell();
    },
    caseMs,
  );

  testAll(
    'a Secret that was encrypted with a key that no API server has: refused, and nothing is stopped',
    async () => {
      const encrypted = join(stage.work, 'encrypted.db');
      const key = '/registry/secrets/default/sealed';
      const change = (etcdctl: (...argv: string[]) => string) =>
        void etcdctl('put', key, 'k8s:enc:aescbc:v1:lost-key:0123456789abcdef');
      await changedSnapshot({ from: restoring.snapshot, into: encrypted, change });
      await refused(encrypted, /could not read what the snapshot holds[^]*1 secrets: aescbc lost-key/);
    },
    caseMs,
  );

  testAll(
    'a NOSPACE alarm in the snapshot: named in the plan, and the restored cluster takes writes',
    async () => {
      const full = join(stage.work, 'full.db');
      await changedSnapshot({
        ...{ from: restoring.snapshot, into: full, etcdFlags: ['--quota-backend-bytes=8388608'] },
        change: (etcdctl) => {
          for (let key = 0; key < 120; key += 1)
            try {
              etcdctl('put', `/kubectl-etcd-e2e/full/${key}`, 'x'.repeat(100_000));
            } catch {
              // At its quota it takes no more.
            }
          expect(etcdctl('alarm', 'list')).toMatch(/alarm:NOSPACE/);
        },
      });
      await restoring.writeLater();
      const dry = await stage.plugin(['restore', full, '--dry-run']);
      expect(dry.stdout).toMatch(
        /The snapshot carries the alarm NOSPACE: the members are defragmented, and it is taken back/,
      );
      const ran = await stage.plugin(['restore', full, ...consent, '-o', 'json']);
      await restoring.expectRestored(ran);
      say('an alarm cured', ran);
      expect((await stage.lab.etcdctl('cp1', ['alarm', 'list'])).stdout).toBe('');
      expect(JSON.parse(ran.stdout)).toMatchObject({ warnings: [] });
      await restoring.writeLater();
    },
    caseMs,
  );

  /** The data directory of etcd on a node is a file system of its own meanwhile. */
  async function onOwnFileSystem(node: string, options: string, what: () => Promise<void>): Promise<void> {
    const stop =
      'mv /etc/kubernetes/manifests/etcd.yaml /root/; for i in $(seq 300); do pidof etcd > /dev/null || break; sleep 0.2; done';
    const start = 'mv /root/etcd.yaml /etc/kubernetes/manifests/';
    const there =
      `rm -rf /root/member && mv /var/lib/etcd/member /root/ && mount -t tmpfs -o ${options} tmpfs /var/lib/etcd && ` +
      'chmod 700 /var/lib/etcd && cp -a /root/member /var/lib/etcd/';
    const back =
      'rm -rf /root/member && cp -a /var/lib/etcd/member /root/ && umount /var/lib/etcd && mv /root/member /var/lib/etcd/';
    await stage.shell(node, `${stop}; ${there} && ${start}`);
    try {
      await stage.lab.untilHealthy({ timeoutMs: 150_000 });
      await what();
    } finally {
      await stage.shell(node, `${stop}; ${back} && ${start}`);
    }
  }
});
