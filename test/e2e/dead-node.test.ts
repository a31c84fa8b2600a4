/** A node that is gone for good in the middle of a restore, on the lab: the others go on without it. The lab is made anew at the end. */
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { makeLabAnew } from './injuries.ts';
import { done, restoreCaseMs as caseMs, Restoring, say } from './restoring.ts';
import { testAll } from './stage.ts';

const dead = 'cp3';

describe('a node that is gone for good in the middle', () => {
  let restoring: Restoring;

  beforeAll(async () => {
    if (process.env['KUBECTL_ETCD_TEST_ALL'] !== 'yes') return;
    restoring = await Restoring.open();
    await restoring.writeLater();
  }, caseMs);
  afterAll(async () => {
    if (process.env['KUBECTL_ETCD_TEST_ALL'] !== 'yes') return;
    await restoring.stage.close();
    await makeLabAnew(restoring.stage);
  }, caseMs);

  testAll(
    'the others go on without it, and when it is back it is stopped, and what it was in the middle of is over',
    async () => {
      const { stage } = restoring;
      const stopped = await restoring.whenBegun(`exchange.${dead}.exchange`, () =>
        stage.lab.happens('power-cut', dead),
      );
      expect(stopped.code).toBe(6);
      const id = await restoring.openOperation();
      const refused = await stage.plugin(['operation', 'resume', id]);
      expect(refused).toMatchObject({ code: 5 });
      expect(refused.stderr).toContain(`--dead ${dead}`);
      const ran = await stage.plugin(['operation', 'resume', id, '--dead', dead, '-o', 'json']);
      done(ran);
      say('gone on without cp3', ran);
      await restoring.expectServed();
      const members = await stage.lab.etcdctl('cp1', ['member', 'list']);
      expect(members.stdout.match(/ cp\d(?=,)/g)?.sort()).toEqual([' cp1', ' cp2']);

      await stage.lab.happens('boot', dead);
      await stage.shell(
        dead,
        `for i in $(seq 600); do grep -q '"closed".*"abandoned"' /var/lib/kubectl-etcd/operations/${id}/journal.jsonl && exit 0; sleep 0.2; done; exit 1`,
      );
      await stage.shell(dead, 'for i in $(seq 20); do ! pidof etcd kube-apiserver || exit 1; sleep 1; done');
      expect(await restoring.manifestsOn(dead)).toBe('');
      expect(await restoring.openOperation()).toBe('');
      await restoring.expectServed();
    },
    caseMs,
  );
});
