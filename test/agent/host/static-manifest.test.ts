import { expect, describe, test } from '@jest/globals';
import fc from 'fast-check';
import { etcdContainer, parseManifest } from '../../../agent/host/static-manifest.ts';
import type { EtcdContainer } from '../../../agent/host/static-manifest.ts';
import { readFlags } from '../../../agent/host/flags.ts';
import { Failure } from '../../../core/failure.ts';
import { kubeadm120, kubeadm131, podWith } from './manifests.ts';

const read = (text: string): EtcdContainer | undefined => {
  const pod = parseManifest(Buffer.from(text), '/m/etcd.yaml');
  return pod === undefined ? undefined : etcdContainer(pod, 'cp1');
};
const flagsOf = (container: EtcdContainer | undefined) =>
  container?.invocation.kind === 'etcd' ? Object.fromEntries(readFlags(container.invocation.words)) : undefined;

describe('recognises etcd', () => {
  test.each([
    ["kubeadm 1.20's", kubeadm120],
    ["kubeadm 1.31's", kubeadm131],
    ['with comments and Windows line ends', `# ours\n${kubeadm120}`.replaceAll('\n', '\r\n')],
    ['with a second document, which the kubelet ignores', `${kubeadm120}---\nkind: Pod\nmetadata: {name: x}\n`],
  ])('%s', (_, text) => {
    const found = read(text);
    expect(flagsOf(found)).toMatchObject({ name: 'cp1', 'data-dir': '/var/lib/etcd', 'client-cert-auth': 'true' });
    expect(found).toMatchObject({ podName: 'etcd', namespace: 'kube-system', name: 'etcd' });
  });

  test.each([
    ['flags in args', podWith({ command: ['etcd'], args: ['--name', 'a'] }), { name: 'a' }],
    ['no command, args alone', podWith({ args: ['--name=a'] }), { name: 'a' }],
    ['a path', podWith({ command: ['/usr/local/bin/etcd', '--name=a'] }), { name: 'a' }],
    ['a shell', podWith({ command: ['sh', '-c'], args: ['exec etcd --name=a'] }), { name: 'a' }],
    ['another image', podWith({ image: 'mirror:5000/x@sha256:aa', command: ['etcd', '--name=a'] }), { name: 'a' }],
    [
      'variables that the kubelet expands',
      podWith({
        command: ['etcd', '--name=$(NODE)', '--initial-cluster-token=$$(X)$(NOPE)'],
        env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
      }),
      { name: 'cp1', 'initial-cluster-token': '$(X)$(NOPE)' },
    ],
  ])('%s', (_, text, flags) => {
    expect(flagsOf(read(text))).toEqual(flags);
  });

  test.each([
    ['another kind', 'kind: ConfigMap\nmetadata: {name: etcd}'],
    ['an empty file', ''],
    ['comments alone', '# nothing'],
    ['a proxy', podWith({ command: ['etcd', 'grpc-proxy', 'start'] })],
    [
      'the API server behind a shell',
      podWith({ image: 'kube-apiserver', command: ['sh', '-c', 'kube-apiserver --etcd-servers=x >> log'] }, [], {
        tier: 'control-plane',
      }),
    ],
  ])('and not %s', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  test('names a script that it cannot read', () => {
    const script = 'etcd --name=$(hostname) | tee log';
    expect(read(podWith({ command: ['sh', '-c', script] }))?.invocation).toEqual({ kind: 'script', script });
  });

  test('environment', () => {
    expect(
      read(
        podWith({
          command: ['etcd'],
          env: [
            { name: 'ETCD_NAME', value: 'a' },
            { name: 'E', value: '$(ETCD_NAME)b' },
          ],
        }),
      )?.environment,
    ).toEqual({
      ETCD_NAME: 'a',
      E: 'ab',
    });
  });

  test('names variables that only the kubelet knows', () => {
    const env = [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }];
    expect(read(podWith({ command: ['etcd', '--name=$(IP)'], env }))?.unknownVariables).toEqual(['IP']);
  });
});

describe('maps paths of the container to the host', () => {
  const container = read(
    podWith(
      {
        command: ['etcd'],
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'wal', mountPath: '/data/wal/' },
          { name: 'certs', mountPath: '/certs', subPath: 'etcd' },
          { name: 'gone', mountPath: '/scratch' },
        ],
      },
      [
        { name: 'data', hostPath: { path: '/mnt/disk1/etcd/' } },
        { name: 'wal', hostPath: { path: '/mnt/ssd' } },
        { name: 'certs', hostPath: { path: '/etc/pki' } },
        { name: 'gone', emptyDir: {} },
      ],
    ),
  );
  test.each([
    ['/data', '/mnt/disk1/etcd'],
    ['/data/', '/mnt/disk1/etcd'],
    ['/data/member', '/mnt/disk1/etcd/member'],
    ['/data/wal/x', '/mnt/ssd/x'],
    ['/data/../certs/ca.crt', '/etc/pki/etcd/ca.crt'],
    ['/database', undefined],
    ['/scratch/x', undefined],
    ['default.etcd', undefined],
  ])('%s is %s', (inside, outside) => {
    expect(container?.hostPath(inside)).toBe(outside);
  });
});

describe('whatever the bytes are, nothing but a Failure is thrown, and soon', () => {
  const quiet = (bytes: Buffer) => {
    try {
      const pod = parseManifest(bytes, '/m/x');
      if (pod !== undefined) etcdContainer(pod, 'cp1')?.hostPath('/var/lib/etcd');
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(Failure);
      expect(thrown).toMatchObject({ reason: 'manifest-unreadable' });
    }
  };

  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => quiet(Buffer.from(bytes))),
      { numRuns: 500 },
    );
  });

  test('any YAML-like text', () => {
    const token = fc.constantFrom(
      ...[
        ' ',
        '\n',
        '- ',
        ': ',
        '{',
        '}',
        '[',
        ']',
        '&a ',
        '*a',
        '!!x ',
        '|',
        '>',
        '"',
        "'",
        '#',
        '<<',
        '---\n',
        '?',
        'a',
        '\t',
        '%',
      ],
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 200 }), (tokens) => quiet(Buffer.from(`kind: Pod\n${tokens.join('')}`))),
      { numRuns: 1000 },
    );
  });

  test('a manifest with some bytes changed, cut or doubled', () => {
    const at = fc.nat(kubeadm131.length);
    fc.assert(
      fc.property(at, at, fc.string({ maxLength: 20 }), (one, other, insert) =>
        quiet(Buffer.from(kubeadm131.slice(0, one) + insert + kubeadm131.slice(other))),
      ),
      { numRuns: 500 },
    );
  });

  test('a pod whose fields hold anything', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (metadata, containers, volumes) =>
        quiet(Buffer.from(JSON.stringify({ kind: 'Pod', metadata, spec: { containers, volumes } }))),
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    [
      'an alias bomb',
      `a: &a [${'x,'.repeat(9)}x]\n${'bcdefghij'
        .split('')
        .map((name, index) => `${name}: &${name} [${`*${'abcdefghi'[index] ?? 'a'},`.repeat(9)}]\n`)
        .join('')}`,
    ],
    ['nested brackets', `kind: Pod\nspec: ${'['.repeat(100_000)}`],
    ['nested maps', `kind: Pod\nspec: ${'{a: '.repeat(40_000)}`],
    ['nested lists', `kind: Pod\nspec:\n  ${'- '.repeat(50_000)}x`],
    ['more than a manifest', ' '.repeat(300_000)],
    ['many documents', '---\n'.repeat(60_000)],
    ['many quotes', `kind: Pod\na: ${'"\\'.repeat(60_000)}`],
    [
      'many anchors',
      `kind: Pod\n${Array.from({ length: 10_000 }, (_, index) => `k${index}: &a${index} *a${index - 1}`).join('\n')}`,
    ],
    ['a key many times', `kind: Pod\n${Array.from({ length: 20_000 }, (_, index) => `key${index}: 1`).join('\n')}`],
  ])('%s', (_, text) => {
    const begunMs = performance.now();
    quiet(Buffer.from(text));
    expect(performance.now() - begunMs).toBeLessThan(5_000);
  });
});
