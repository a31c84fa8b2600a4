/** A member of the lab brought back while the others go on under a write load: static pods as kubeadm writes them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { consent, done, restoreCaseMs as caseMs } from './restoring.ts';
import { openStage, testAll } from './stage.ts';
import type { Stage } from './stage.ts';

const endEtcd = 'pkill -9 -x etcd || true';

describe('a member', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
  }, caseMs);
  afterEach(() => stage.untilWell(), caseMs);
  afterAll(async () => {
    await stage.plugin(['kept', 'delete', '--all', ...consent]);
    for (const { name } of stage.lab.nodes) await stage.shell(name, 'rm -rf /var/lib/kubectl-etcd/operations');
    await stage.close();
  }, caseMs);

  const past = (...argv: string[]) => stage.plugin([...argv, '--access', stage.accessFile]);
  const members = async () =>
    (
      JSON.parse((await past('member', 'list', '-o', 'json')).stdout) as {
        members: { id: string; node: string; role: string; healthy: boolean }[];
      }
    ).members;

  /** It is back, votes, and has everything that was acknowledged meanwhile; its manifest fails closed from now on. */
  async function expectBack(node: string, old: string, load: WriteLoad): Promise<void> {
    const now = await members();
    expect(now.map((member) => [member.node, member.role === 'learner', member.healthy]).sort()).toEqual(
      stage.lab.nodes.map(({ name }) => [name, false, true]),
    );
    expect(now.find((member) => member.node === node)?.id).not.toBe(old);
    const manifest = await stage.shell(node, 'cat /etc/kubernetes/manifests/etcd.yaml');
    expect(manifest).toMatch(/--initial-cluster-state=existing/);
    for (const { name, address } of stage.lab.nodes)
      expect(/--initial-cluster=(.*)/.exec(manifest)?.[1]).toContain(`${name}=https://${address}:2380`);
    const written = await load.end();
    expect(written.length).toBeGreaterThan(3);
    await sleep(500);
    const { stdout } = await stage.lab.etcdctl(node, ['get', '/load/', '--prefix', '--keys-only', '--consistency=s']);
    const there = new Set(stdout.split('\n'));
    expect(written.filter((key) => !there.has(key))).toEqual([]);
    await stage.lab.etcdctl(node, ['del', '/load/', '--prefix']);
    // Its own API server serves it.
    expect(await stage.kubectl('--server', `https://${addressOf(node)}:6443`, 'get', '--raw', '/readyz')).toBe('ok');
  }

  const addressOf = (node: string) => stage.lab.nodes.find(({ name }) => name === node)?.address ?? '';
  const idOf = async (node: string) => (await members()).find((member) => member.node === node)?.id ?? '';

  test(
    'on the first node, its data directory wiped: it has made a cluster of its own, and is brought back into that of the others',
    async () => {
      const old = await idOf('cp1');
      await using load = new WriteLoad(stage, 'cp2');
      // As kubeadm init leaves it: only itself, and no state.
      // Not within the kubelet's folder, where an editor's own copy would run as a pod.
      const manifest = '/etc/kubernetes/manifests/etcd.yaml';
      const alone = `s#--initial-cluster=.*#--initial-cluster=cp1=https://${addressOf('cp1')}:2380#`;
      await stage.shell(
        'cp1',
        `sed -e '${alone}' -e '/initial-cluster-state/d' ${manifest} > /root/etcd.yaml && mv /root/etcd.yaml ${manifest}`,
      );
      await stage.shell('cp1', `sleep 3; rm -rf /var/lib/etcd/member; ${endEtcd}`);
      await stage.shell(
        'cp1',
        'for i in $(seq 300); do ls -d /var/lib/etcd/member/snap/db && exit 0; sleep 0.2; done; exit 1',
      );
      const ran = await past('member', 'rejoin', 'cp1', ...consent);
      done(ran);
      process.stderr.write(`    wiped cp1: ${ran.stdout}`);
      await expectBack('cp1', old, load);
    },
    caseMs,
  );

  test(
    'with flipped bytes in its database',
    async () => {
      const old = await idOf('cp3');
      await using load = new WriteLoad(stage, 'cp2');
      await stage.shell(
        'cp3',
        `for at in 0 1 2 3; do dd if=/dev/urandom of=/var/lib/etcd/member/snap/db bs=4096 count=1 seek=$at conv=notrunc 2>/dev/null; done; ${endEtcd}`,
      );
      await sleep(3_000);
      const ran = await past('member', 'rejoin', 'cp3', ...consent);
      done(ran);
      process.stderr.write(`    flipped bytes on cp3: ${ran.stdout}`);
      await expectBack('cp3', old, load);
    },
    caseMs,
  );

  testAll(
    'while another node is off: refused, and nothing is touched',
    async () => {
      await stage.lab.happens('power-cut', 'cp2');
      const before = await stage.shell('cp3', 'ls /etc/kubernetes/manifests; ls /var/lib');
      const ran = await past('member', 'rejoin', 'cp3', ...consent);
      expect(ran.code).toBe(5);
      expect(await stage.shell('cp3', 'ls /etc/kubernetes/manifests; ls /var/lib')).toBe(before);
      await stage.lab.happens('boot', 'cp2');
    },
    caseMs,
  );
});

/** Keys one after the other through the member of a node; those that were acknowledged. */
class WriteLoad implements AsyncDisposable {
  readonly #written: string[] = [];
  readonly #loop: Promise<void>;
  #isOver = false;

  constructor({ lab }: Stage, node: string) {
    this.#loop = this.#write(async (key) => (await lab.etcdctl(node, ['put', key, 'x'])).code === 0);
  }

  async end(): Promise<readonly string[]> {
    this.#isOver = true;
    await this.#loop;
    return this.#written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #write(put: (key: string) => Promise<boolean>): Promise<void> {
    for (let number = 1; !this.#isOver; number += 1) {
      const key = `/load/${number}`;
      if (await put(key)) this.#written.push(key);
    }
  }
}
