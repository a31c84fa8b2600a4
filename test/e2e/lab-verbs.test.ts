/** The lab's bad days are what they say they are: what every test of a recovery stands on. */
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { useLab } from '../lab/cluster.ts';
import type { Lab } from '../lab/cluster.ts';
import { apiServerPort } from '../lab/where.ts';
import { poweredOff, unplugged } from './injuries.ts';
import { caseTimeoutMs, testAll } from './stage.ts';

describe('the verbs of the lab', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await useLab();
  });
  const opened: Socket[] = [];
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.destroy();
  });

  /** A connection to a node's API server, and everything that is heard on it, from the other side or from the kernel. */
  const connection = async (node: string) => {
    const socket = connect(apiServerPort, lab.nodes.find(({ name }) => name === node)?.address ?? '');
    opened.push(socket);
    const heard: string[] = [];
    for (const event of ['end', 'error', 'close'] as const) socket.on(event, () => heard.push(event));
    socket.on('data', (data) => heard.push(data.toString()));
    await once(socket, 'connect');
    return { socket, heard };
  };

  test(
    'unplugged: every packet is lost, both ways, and nobody is told; plugged in, the same connection goes on',
    async () => {
      const { socket, heard } = await connection('cp2');
      await using injury = await unplugged({ lab }, 'cp2');
      socket.write('GET / HTTP/1.0\r\n\r\n');
      const outward = `timeout 2 bash -c '</dev/tcp/10.99.0.11/${apiServerPort}'; echo $?`;
      expect((await lab.on('cp2', ['sh', '-c', outward])).stdout).toBe('124\n');
      expect((await lab.on('cp2', ['ip', '-brief', 'link', 'show', 'eth0'])).stdout).toContain(',LOWER_UP>');
      expect(heard).toEqual([]);

      await injury.undo();
      await once(socket, 'data'); // the kernel says it again, and the server hears the question: this is no TLS
      expect(heard[0]).toMatch(/^HTTP\/1.0 400/);
      await lab.untilHealthy({ timeoutMs: 60_000 });
    },
    caseTimeoutMs,
  );

  test(
    'two of three lose their power at once: nobody is told, nothing of them runs, the quorum is lost, and they come back',
    async () => {
      const connections = await Promise.all(['cp2', 'cp3'].map(connection));
      {
        await using _off = await poweredOff({ lab }, 'cp2', 'cp3');
        await sleep(1000);
        expect(connections.map(({ heard }) => heard)).toEqual([[], []]);
        await expect(lab.on('cp3', ['true'])).rejects.toMatchObject({ reason: 'node-off', node: 'cp3' });
        const put = await lab.etcdctl('cp1', ['--command-timeout=2s', 'put', 'lab-verbs', 'lost']);
        expect(put.code).not.toBe(0);
        await lab.happens('power-cut', 'cp2'); // once more: there is nothing to do
      }
      await lab.untilHealthy({ timeoutMs: 120_000 });
    },
    caseTimeoutMs,
  );

  test('a name that is no node: nothing is done, to the others neither', async () => {
    await expect(lab.happens('power-cut', 'cp1', 'cp10')).rejects.toMatchObject({ reason: 'usage', exit: 2 });
    expect((await lab.on('cp1', ['true'])).code).toBe(0);
  });

  testAll(
    'wiped: a machine of the same name and address with nothing of the cluster, which kubeadm join takes in again',
    async () => {
      await lab.happens('wipe', 'cp3');
      const left = ['/etc/kubernetes', '/var/lib/etcd', '/var/lib/kubectl-etcd'].map((path) => `ls -A ${path}`);
      expect((await lab.on('cp3', ['sh', '-c', left.join('; ')])).stdout).toBe('');
      const words = async (node: string, line: string) => {
        const { stdout, stderr, code } = await lab.on(node, ['sh', '-c', line], { timeoutMs: 120_000 });
        if (code !== 0) throw new Error(`${line}: ${stderr}`);
        return stdout.trim();
      };

      const member = /^(\w+), \w+, cp3,/m.exec((await lab.etcdctl('cp1', ['member', 'list'])).stdout)?.[1] ?? '';
      expect((await lab.etcdctl('cp1', ['member', 'remove', member])).code).toBe(0);
      const key = (await words('cp1', 'kubeadm init phase upload-certs --upload-certs')).split('\n').at(-1) ?? '';
      const join = (await words('cp1', 'kubeadm token create --print-join-command')).split('\n').at(-1) ?? '';
      const address = lab.nodes.find(({ name }) => name === 'cp3')?.address ?? '';
      await words(
        'cp3',
        `${join} --control-plane --certificate-key ${key} --apiserver-advertise-address ${address} --node-name cp3 \
         --ignore-preflight-errors=all --skip-phases=preflight --cri-socket /run/containerd/containerd.sock`,
      );
      await lab.untilHealthy({ timeoutMs: 120_000 });
    },
    caseTimeoutMs,
  );
});
