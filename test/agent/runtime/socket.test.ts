import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ContainerRuntime } from '../../../agent/runtime/cri.ts';
import { findRuntimeSocket } from '../../../agent/runtime/socket.ts';
import { scratchRoot } from '../host/scratch-root.ts';

const flags = '/var/lib/kubelet/kubeadm-flags.env';
const config = '/var/lib/kubelet/config.yaml';
const instance = '/var/lib/kubelet/instance-config.yaml';

test.each([
  ['/run/containerd/containerd.sock', {}],
  [
    '/run/a.sock',
    { [flags]: 'KUBELET_KUBEADM_ARGS="--container-runtime=remote --container-runtime-endpoint=/run/a.sock"' },
  ],
  ['/run/a.sock', { [flags]: 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/a.sock --x"' }],
  ['/run/a.sock', { [config]: 'containerRuntimeEndpoint: unix:///run/a.sock' }],
  [
    '/run/a.sock',
    { [instance]: 'containerRuntimeEndpoint: unix:///run/a.sock', [config]: 'containerRuntimeEndpoint: ""' },
  ],
  ['/run/crio/crio.sock', { [config]: 'containerRuntimeEndpoint: unix:///run/not-there.sock' }],
])('%s is found by %j', async (expected, files: Readonly<Record<string, string>>) => {
  await using scratch = await scratchRoot(files);
  const here = join(scratch.folder, expected);
  await mkdir(dirname(here), { recursive: true });
  const server = createServer().listen(here);
  await once(server, 'listening');
  expect(await findRuntimeSocket(scratch.root)).toBe(here);
  server.close();
});

test('no socket at all', async () => {
  await using scratch = await scratchRoot({ '/run/containerd/containerd.sock': 'a file' });
  await expect(findRuntimeSocket(scratch.root)).rejects.toMatchObject({ reason: 'runtime-not-found' });
});

test('a runtime that accepts and says nothing is given up on; one that is gone at once', async () => {
  await using scratch = await scratchRoot({});
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket.on('error', () => undefined).resume()));
  server.listen(join(scratch.folder, 's'));
  await once(server, 'listening');
  using silent = new ContainerRuntime(join(scratch.folder, 's'));
  const begunMs = performance.now();
  await expect(silent.version()).rejects.toMatchObject({ reason: 'runtime-unavailable' });
  expect(performance.now() - begunMs).toBeLessThan(4_000);
  server.close();
  for (const socket of accepted) socket.destroy();
  using gone = new ContainerRuntime(join(scratch.folder, 'gone'));
  await expect(gone.version()).rejects.toMatchObject({ reason: 'runtime-unavailable' });
}, 15_000);
