/**
 * A restore without a node that is gone, on the lab, and what happens when that node comes back: static pods, a kubelet that starts them at boot, an
 * agent that has never heard of the restore. The lab is made anew at the end: what was fenced is not taken back in here.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeLabAnew } from './injuries.ts';
import { consent, done, restoreCaseMs as caseMs, Restoring, say } from './restoring.ts';
import type { Report } from './restoring.ts';
import { testAll } from './stage.ts';
import type { Stage } from './stage.ts';

const dead = 'cp3';
const living = ['cp1', 'cp2'];
const fencedWithinMs = 10_000;
// The unit on the host: pods of a DaemonSet do not come back without an API server.
const agentRuns = "pgrep -f '[k]ubectl-etcd-agent.cjs serve' > /dev/null";

describe('a node that is left out', () => {
  let restoring: Restoring;
  let stage: Stage;
  let id = '';

  beforeAll(async () => {
    restoring = await Restoring.open();
    ({ stage } = restoring);
    await restoring.writeLater();
  }, caseMs);
  afterAll(async () => {
    await stage.close();
    await makeLabAnew(stage);
  }, caseMs);

  test(
    'is not left out while it answers, and not without a word; then the others are restored without it',
    async () => {
      const refused = async (reason: RegExp, ...flags: string[]) => {
        const ran = await restoring.restore(...flags);
        expect({ flags, code: ran.code }).toEqual({ flags, code: 5 });
        expect(ran.stderr).toMatch(reason);
      };
      await refused(/declared dead, and its agent answers\n +node +cp3/, '--dead', dead);
      await refused(/left out, and its etcd runs\n +node +cp3/, '--nodes', 'cp1,cp2');
      await refused(/cp2, cp3 would be left out, and could go on/, '--nodes', 'cp1');
      await stage.lab.happens('power-cut', dead);
      await refused(/gone for good, and powered off: --dead cp3/);

      const ran = await restoring.restore('--nodes', 'cp1,cp2', '--dead', dead, '-o', 'json');
      done(ran);
      say('without cp3', ran);
      const report = JSON.parse(ran.stdout) as Report;
      id = report.operation;
      expect(report.aftermath[0]?.what).toMatch(/^cp3 was left out, and is fenced/);
      await restoring.expectServed();
      const members = await stage.lab.etcdctl('cp1', ['member', 'list']);
      expect(members.stdout.match(/ cp\d(?=,)/g)?.sort()).toEqual([' cp1', ' cp2']);
    },
    caseMs,
  );

  test(
    'comes back with all that it had: its agent stops etcd and API server within 10 s, and its data stays',
    async () => {
      // Nobody can tell it anything while its kubelet starts what it had.
      await stage.lab.happens('unplug', dead);
      await stage.lab.happens('boot', dead);
      // A kubelet that has just been started may start etcd a second time.
      const both = `${agentRuns} && pidof etcd > /dev/null`;
      const plugged = (
        await stage.shell(dead, `for i in $(seq 600); do ${both} && date +%s%3N && exit 0; sleep 0.2; done; exit 1`)
      ).trim();
      await stage.lab.happens('plug', dead);
      expect(await msUntilStopped(plugged)).toBeLessThan(fencedWithinMs);
      expect(await restoring.manifestsOn(dead)).toBe('');
      expect(await stage.shell(dead, 'ls -A /var/lib/etcd /var/lib/etcd/member')).toMatch(/member\n[^]*snap\nwal\n/);
      await stage.shell(dead, `! ls /var/lib/etcd-kubectl-etcd/${id}`);
      // The new cluster is not touched by it.
      await restoring.expectServed();
    },
    caseMs,
  );

  test(
    'is named by every command that one would ask, with what can be done and what cannot',
    async () => {
      const status = await stage.plugin(['status', '--access', stage.accessFile]);
      expect(status.stdout + status.stderr).toContain(
        `cp3: fenced: ${id} has left it out; its agent keeps etcd and API server stopped`,
      );
      const list = await stage.plugin(['operation', 'list']);
      expect(list.stderr).toMatch(new RegExp(`^${id}   cp3 is fenced since .*kubectl etcd member rejoin cp3`, 'm'));
      const show = await stage.plugin(['operation', 'show', id]);
      expect(show.stdout).toMatch(/Aftermath:\n +cp3 was left out, and is fenced/);
      expect(show.stderr).toMatch(/cp3 is fenced since/);
      const kept = await stage.plugin(['kept', 'list']);
      for (const component of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'])
        expect(kept.stdout).toMatch(
          new RegExp(
            `^cp3 +${id} +manifest of ${component}, stopped by the fence .*/etc/kubernetes/kubectl-etcd/${id}/${component}.yaml`,
            'm',
          ),
        );
      // What it holds is not deleted with the rest, and it takes part in nothing.
      done(await stage.plugin(['kept', 'delete', '--all', ...consent]));
      expect((await stage.plugin(['kept', 'list'])).stdout).toMatch(/^cp3 .*etcd\.yaml/m);
      const again = await restoring.restore();
      expect(again).toMatchObject({ code: 5 });
      expect(again.stderr).toMatch(/it is fenced by/);
      expect((await stage.install()).code).toBe(0);
      expect(await restoring.manifestsOn(dead)).toBe('');
    },
    caseMs,
  );

  testAll(
    'stays stopped: a manifest that is put back, the agent killed, a reboot',
    async () => {
      const put = `cp /etc/kubernetes/kubectl-etcd/${id}/etcd.yaml /etc/kubernetes/manifests/etcd.yaml`;
      await stage.shell(dead, `${put}; pkill -9 -f '[k]ubectl-etcd-agent.cjs serve'; sleep 15; ! pidof etcd`);
      expect(await restoring.manifestsOn(dead)).toBe('');
      await stage.lab.happens('power-cut', dead);
      await stage.lab.happens('boot', dead);
      await stage.shell(dead, 'for i in $(seq 30); do pidof etcd kube-apiserver && exit 1; sleep 1; done; exit 0');
      await restoring.expectServed();
    },
    caseMs,
  );

  testAll(
    'is left out of the next restore by name, and the others are restored again',
    async () => {
      const ran = await restoring.restore('--nodes', living.join(','), '-o', 'json');
      done(ran);
      await restoring.expectServed();
    },
    caseMs,
  );

  /** From then on, by the node's clock, until neither etcd nor an API server runs, and none comes for ten seconds. */
  async function msUntilStopped(begun: string): Promise<number> {
    const watch =
      'gone=; for i in $(seq 600); do now=$(date +%s%3N); ' +
      'if pidof etcd kube-apiserver > /dev/null; then gone=; else gone=${gone:-$now}; fi; ' +
      '[ -n "$gone" ] && [ $((now-gone)) -ge 10000 ] && { echo $((gone-' +
      `${begun})); exit 0; }; ` +
      'sleep 0.1; done; echo they still run; exit 1';
    const ms = Number(await stage.shell(dead, watch));
    process.stderr.write(`    fenced ${ms} ms after it was plugged in\n`);
    return ms;
  }
});
