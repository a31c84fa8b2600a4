/**
 * etcd as a service of systemd, on the lab: its static pods become units with the same data, the same flags in a file of variables, and a program of
 * the host's own. The lab is made anew at the end.
 */
import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals';
import { makeLabAnew } from './injuries.ts';
import { consent, done, kills, restoreCaseMs as caseMs, Restoring, say } from './restoring.ts';
import { testAll } from './stage.ts';
import type { Stage } from './stage.ts';

const variables = '/etc/etcd/etcd.conf';
const unit = `[Unit]
Description=etcd
[Service]
Type=notify
EnvironmentFile=${variables}
ExecStart=/usr/local/bin/etcd
Restart=always
RestartSec=2
[Install]
WantedBy=multi-user.target
`;
/** As people write it by hand: every node names all members, and says that the cluster is new. */
const becomesUnit = [
  'mkdir -p /usr/local/bin /etc/etcd',
  'for tool in etcd etcdctl etcdutl; do for d in usr/local/bin usr/bin; do f=/proc/$(pidof etcd)/root/$d/$tool; [ ! -e $f ] || cp $f /usr/local/bin/; done; done',
  `sed -n 's/^ *- --\\([a-z-]*\\)=\\(.*\\)$/\\1 \\2/p' /etc/kubernetes/manifests/etcd.yaml | while read flag value; do [ $flag != initial-cluster-state ] || value=new; echo "ETCD_$(echo $flag | tr a-z- A-Z_)=\\"$value\\""; done > ${variables}`,
  `printf '%s' '${unit}' > /etc/systemd/system/etcd.service`,
  'mv /etc/kubernetes/manifests/etcd.yaml /root/',
  'for i in $(seq 300); do pidof etcd > /dev/null || break; sleep 0.2; done',
  'systemctl daemon-reload && systemctl enable etcd && systemctl start --no-block etcd',
].join(' && ');

describe('etcd under systemd', () => {
  let restoring: Restoring;
  let stage: Stage;
  const onAll = (line: string) => Promise.all(restoring.nodes.map((node) => stage.shell(node, line)));

  beforeAll(async () => {
    if (process.env['KUBECTL_ETCD_TEST_ALL'] !== 'yes') return;
    restoring = await Restoring.open();
    ({ stage } = restoring);
    await onAll(becomesUnit);
    await stage.lab.untilHealthy({ timeoutMs: 120_000 });
  }, caseMs);
  afterAll(async () => {
    if (process.env['KUBECTL_ETCD_TEST_ALL'] !== 'yes') return;
    await stage.close();
    await makeLabAnew(stage);
  }, caseMs);
  afterEach(async () => {
    if (process.env['KUBECTL_ETCD_TEST_ALL'] === 'yes') await restoring.tidy();
  }, caseMs);

  const stateIn = async (node: string) =>
    /^ETCD_INITIAL_CLUSTER_STATE="?([a-z]*)"?$/m.exec(await stage.shell(node, `cat ${variables}`))?.[1];
  const unitIs = async (node: string) => (await stage.shell(node, 'systemctl is-active etcd || true')).trim();
  const expectWell = async () => {
    await stage.lab.untilHealthy({ timeoutMs: 120_000 });
    expect((await stage.plugin(['status', '--access', stage.accessFile])).code).toBe(0);
    for (const node of restoring.nodes) {
      expect(await unitIs(node)).toBe('active');
      expect(await stage.shell(node, 'ls /etc/systemd/system/etcd.service.d 2> /dev/null || true')).toBe('');
      expect(await restoring.manifestsOn(node)).toBe(
        'kube-apiserver.yaml kube-controller-manager.yaml kube-scheduler.yaml',
      );
    }
    expect(await restoring.openOperation()).toBe('');
  };

  testAll(
    'restored: the units are stopped and started, and their variables say `existing` and all members',
    async () => {
      expect(await stateIn('cp2')).toBe('new');
      await restoring.writeLater();
      const ran = await restoring.restore('-o', 'json');
      done(ran);
      say('systemd', ran);
      await restoring.expectServed();
      await expectWell();
      for (const node of restoring.nodes) expect(await stateIn(node)).toBe('existing');
      const text = await stage.shell('cp2', `cat ${variables}`);
      expect(text).toMatch(/^ETCD_INITIAL_CLUSTER="cp1=https:\/\/\S+,cp2=https:\/\/\S+,cp3=https:\/\/\S+"$/m);
      expect((await stage.plugin(['kept', 'list'])).stdout).toMatch(
        /^cp2 +r-\w+ +old variables of etcd\.service .*\/etc\/etcd\/kubectl-etcd\/r-\w+\/etcd\.conf/m,
      );
    },
    caseMs,
  );

  testAll(
    'a node is rebooted while its unit is stopped: systemd does not start it, and the restore goes on',
    async () => {
      await restoring.writeLater();
      await restoring.whenBegun('exchange.cp2.exchange', kills);
      await stage.lab.happens('power-cut', 'cp2');
      await stage.lab.happens('boot', 'cp2');
      await stage.shell('cp2', 'for i in $(seq 20); do ! pidof etcd || exit 1; sleep 1; done');
      expect([await unitIs('cp2'), (await stage.shell('cp2', 'systemctl is-enabled etcd')).trim()]).toEqual([
        'inactive',
        'enabled',
      ]);
      const ran = await restoring.resumed();
      done(ran);
      await restoring.expectServed();
      await expectWell();
    },
    caseMs,
  );

  testAll(
    'rolled back: the variables are those of before, and the old data is served',
    async () => {
      await restoring.writeLater();
      const before = await stage.shell('cp3', `cat ${variables}`);
      await restoring.whenBegun('check.cp1.check', kills);
      done(await stage.plugin(['operation', 'rollback', await restoring.openOperation(), ...consent]));
      await expectWell();
      expect(await stage.shell('cp3', `cat ${variables}`)).toBe(before);
      expect(await restoring.laterIsThere()).toBe(true);
    },
    caseMs,
  );
});
