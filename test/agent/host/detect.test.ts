import { describe, expect, test } from '@jest/globals';
import { detectEtcd } from '../../../agent/host/detect.ts';
import { kubeadm120, podWith } from './manifests.ts';
import { scratchRoot } from './scratch-root.ts';

const manifest = '/etc/kubernetes/manifests/etcd.yaml';
const find = async (files: Readonly<Record<string, string>>, processDirectory?: string) => {
  await using scratch = await scratchRoot(files);
  return await (await detectEtcd({ root: scratch.root, node: 'cp1', processDirectory })).find();
};
const apiServer = (servers: string) =>
  JSON.stringify({
    kind: 'Pod',
    metadata: { name: 'kube-apiserver' },
    spec: { containers: [{ name: 'kube-apiserver', command: ['kube-apiserver', `--etcd-servers=${servers}`] }] },
  });

describe('static pod', () => {
  test.each([
    ["kubeadm's", { [manifest]: kubeadm120 }, manifest],
    [
      'any name',
      { '/etc/kubernetes/manifests/x.backup': kubeadm120, '/etc/kubernetes/manifests/.etcd.yaml': 'kind: Pod' },
      '/etc/kubernetes/manifests/x.backup',
    ],
    ['a link into another folder', { [manifest]: '-> /srv/etcd.yaml', '/srv/etcd.yaml': kubeadm120 }, manifest],
    [
      "the directory of the kubelet's configuration",
      { '/var/lib/kubelet/config.yaml': 'staticPodPath: /opt/pods', '/opt/pods/e': kubeadm120 },
      '/opt/pods/e',
    ],
    [
      "the directory of the kubelet's flag",
      {
        '/var/lib/kubelet/config.yaml': 'staticPodPath: /opt/pods',
        '/etc/default/kubelet': 'KUBELET_EXTRA_ARGS="--pod-manifest-path=/p"',
        '/p/e': kubeadm120,
      },
      '/p/e',
    ],
  ])('%s', async (_, files, source) => {
    const { etcd, warnings } = await find(files);
    expect(etcd).toMatchObject({
      host: 'static-pod',
      source,
      name: 'cp1',
      clientUrl: 'https://127.0.0.1:2379',
      dataDir: '/var/lib/etcd',
    });
    expect(warnings).toEqual([]);
  });

  test('a configuration file on a volume', async () => {
    const { etcd } = await find({
      [manifest]: podWith(
        {
          command: ['etcd', '--config-file=/config/e.yaml', '--name=ignored'],
          volumeMounts: [
            { name: 'c', mountPath: '/config' },
            { name: 'd', mountPath: '/data' },
          ],
        },
        [
          { name: 'c', hostPath: { path: '/srv' } },
          { name: 'd', hostPath: { path: '/mnt/d' } },
        ],
      ),
      '/srv/e.yaml': 'name: a\ndata-dir: /data/etcd',
    });
    expect(etcd).toMatchObject({ name: 'a', dataDir: '/mnt/d/etcd' });
  });

  test('a data directory on no volume is warned of', async () => {
    const { warnings } = await find({ [manifest]: podWith({ command: ['etcd', '--data-dir=/data'] }) });
    expect(warnings).toEqual([expect.stringContaining('--data-dir /data')]);
  });

  test('a copy that differs in nothing that matters is a warning, one that does a failure', async () => {
    const copy = `${manifest}.bak`;
    expect((await find({ [manifest]: kubeadm120, [copy]: `# old\n${kubeadm120}` })).warnings).toEqual([
      expect.stringContaining(copy),
    ]);
    await expect(
      find({ [manifest]: kubeadm120, [copy]: kubeadm120.replaceAll('/var/lib/etcd', '/var/lib/old') }),
    ).rejects.toMatchObject({ reason: 'two-etcd-manifests', why: expect.stringContaining(copy) });
  });

  test('a script is named', async () => {
    await expect(
      find({ [manifest]: podWith({ command: ['sh', '-c', 'etcd --name=$(hostname)'] }) }),
    ).rejects.toMatchObject({ reason: 'etcd-command-unreadable', why: expect.stringContaining('hostname') });
  });
});

test.each([
  ['an empty machine', {}, 'etcd-not-found', 'there is no static manifest directory'],
  ['a manifest that cannot be read', { [manifest]: 'kind: [' }, 'etcd-not-found', manifest],
  [
    'an external etcd',
    { '/etc/kubernetes/manifests/a.yaml': apiServer('https://10.1.1.1:2379,https://10.1.1.2:2379') },
    'etcd-external',
    'https://10.1.1.1:2379, https://10.1.1.2:2379',
  ],
  [
    "etcd's manifest moved away",
    { '/etc/kubernetes/manifests/a.yaml': apiServer('https://127.0.0.1:2379') },
    'etcd-not-found',
    'expects one at https://127.0.0.1:2379',
  ],
])('no etcd: %s', async (_, files: Readonly<Record<string, string>>, reason, why) => {
  await expect(find(files)).rejects.toMatchObject({ reason, exit: 1, why: expect.stringContaining(why) });
});

describe('systemd unit', () => {
  const unit =
    '[Service]\nEnvironmentFile=-/etc/etcd/etcd.conf\nExecStart=/usr/bin/etcd --data-dir=${DATA} \\\n  $MORE\n';
  test('with an environment file and a drop-in', async () => {
    const { etcd } = await find({
      '/usr/lib/systemd/system/etcd.service': unit,
      '/etc/systemd/system/etcd.service.d/10.conf':
        '[Service]\nEnvironment="DATA=/srv/etcd" ETCD_QUOTA_BACKEND_BYTES=1000\n',
      '/etc/etcd/etcd.conf':
        '# node\nETCD_NAME="etcd1"\nETCD_LISTEN_CLIENT_URLS=\'http://10.0.0.1:2379\'\nMORE=--wal-dir=/w --force-new-cluster\n',
    });
    expect(etcd).toMatchObject({
      host: 'systemd',
      source: '/usr/lib/systemd/system/etcd.service',
      name: 'etcd1',
      dataDir: '/srv/etcd',
      walDir: '/w',
      quotaBytes: 1000,
      clientUrl: 'http://10.0.0.1:2379',
    });
  });

  test.each<[string, string, Record<string, string>, string | undefined]>([
    [
      'in the last file that has it',
      '',
      { 'a.env': 'ETCD_INITIAL_CLUSTER=a=http://a:2380\n', 'b.env': 'ETCD_INITIAL_CLUSTER_STATE=new\n' },
      '/etc/b.env',
    ],
    ['in no file', '', { 'a.env': 'ETCD_NAME=a\n', 'b.env': '' }, undefined],
    [
      'in the command line, though a file has it, too',
      ' --initial-cluster-state=new',
      { 'a.env': 'ETCD_INITIAL_CLUSTER=a=http://a:2380\n', 'b.env': '' },
      undefined,
    ],
    [
      'in the command line, out of a variable',
      ' $MORE',
      { 'a.env': 'ETCD_INITIAL_CLUSTER=a=http://a:2380\nMORE=--initial-cluster=a=http://a:2380\n', 'b.env': '' },
      undefined,
    ],
  ])('names its initial cluster %s', async (_, flags, files, expected) => {
    const { etcd } = await find({
      '/etc/systemd/system/etcd.service': `[Service]\nEnvironmentFile=/etc/a.env\nEnvironmentFile=-/etc/b.env\nExecStart=/usr/bin/etcd${flags}\n`,
      ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`/etc/${name}`, text])),
    });
    expect(etcd.environmentFile).toBe(expected);
  });

  test.each([
    [
      'masked',
      { '/etc/systemd/system/etcd.service': '-> /dev/null', '/usr/lib/systemd/system/etcd.service': unit },
      'etcd-not-found',
    ],
    [
      'running Docker',
      { '/etc/systemd/system/etcd.service': '[Service]\nExecStart=/usr/bin/docker run etcd\n' },
      'etcd-command-unreadable',
    ],
  ])('%s', async (_, files: Readonly<Record<string, string>>, reason) => {
    await expect(find(files)).rejects.toMatchObject({ reason });
  });
});

describe('plain process', () => {
  test('paths are relative to where it was started', async () => {
    const description = {
      command: ['/opt/etcd', '--name=a', '--data-dir=data', '--listen-client-urls=http://127.0.0.1:1'],
      logFile: 'etcd.log',
    };
    const { etcd } = await find({ '/run/a/etcd.json': JSON.stringify(description) }, '/run/a');
    expect(etcd).toMatchObject({
      host: 'process',
      source: '/run/a/etcd.json',
      dataDir: '/run/a/data',
      clientUrl: 'http://127.0.0.1:1',
    });
  });

  test.each([
    ['no description', {}, 'etcd-not-found'],
    ['half a description', { '/run/a/etcd.json': '{"command":' }, 'process-description-unreadable'],
    [
      'another program',
      { '/run/a/etcd.json': '{"command":["sleep"],"logFile":"x"}' },
      'process-description-unreadable',
    ],
  ])('%s', async (_, files: Readonly<Record<string, string>>, reason) => {
    await expect(find(files, '/run/a')).rejects.toMatchObject({ reason });
  });
});
