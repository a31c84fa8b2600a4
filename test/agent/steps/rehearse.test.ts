import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HostRoot } from '../../../agent/host/root.ts';
import { rehearseStep } from '../../../agent/steps/rehearse.ts';
import type { StepOf } from '../../../core/operation/steps.ts';
import type { StepContext } from '../../../agent/steps/step.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync('/tmp/rehearse-');
  put('/etcd/member/snap/db', 'db');
  put('/etc/kubernetes/manifests/etcd.yaml', 'apiVersion: v1\nkind: Pod\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const context = () =>
  ({ node: 'n1', operation: 'r-2345', root: new HostRoot(root) }) as Partial<StepContext> as StepContext;
const step = (besideData: string): StepOf<'rehearse'> => ({
  kind: 'rehearse',
  places: { dataDir: '/etcd', besideData },
  workloads: [
    {
      ...{ by: 'static-pod', component: 'kube-apiserver', file: '/etc/kubernetes/manifests/etcd.yaml' },
      ...{
        aside: '/etc/kubernetes/kubectl-etcd/r-2345/etcd.yaml',
        namespace: 'kube-system',
        pod: 'a-n1',
        container: 'a',
      },
    },
  ],
});

/** Everything but what lies on the other file system. */
const everything = () =>
  readdirSync(root, { recursive: true })
    .map(String)
    .filter((path) => !path.startsWith('other'))
    .sort();

test('what can be moved is tried, and nothing is left in the folders that others watch', async () => {
  const before = everything();
  await rehearseStep.apply(step('/etcd-kubectl-etcd/r-2345'), context());
  for (const watched of ['etcd', 'etc/kubernetes/manifests']) expect(readdirSync(join(root, watched))).toHaveLength(1);
  await rehearseStep.undo(step('/etcd-kubectl-etcd/r-2345'), context());
  expect(everything()).toEqual(before);
});

test('what a rehearsal that was killed has left goes with its undoing', async () => {
  const before = everything();
  put('/etc/kubernetes/manifests/.kubectl-etcd-r-2345.probe', '');
  put('/etcd-kubectl-etcd/r-2345/.kubectl-etcd-r-2345.probe', '');
  await rehearseStep.undo(step('/etcd-kubectl-etcd/r-2345'), context());
  expect(everything()).toEqual(before);
});

test('what is kept in its folder stays', async () => {
  put('/etcd-kubectl-etcd/r-2345/old/member/snap/db', 'old db');
  await rehearseStep.undo(step('/etcd-kubectl-etcd/r-2345'), context());
  expect(existsSync(join(root, 'etcd-kubectl-etcd/r-2345/old/member/snap/db'))).toBe(true);
});

test('another file system: said so while nothing has been stopped', async () => {
  if (!existsSync('/dev/shm')) throw new Error('this test wants a second file system');
  const other = mkdtempSync('/dev/shm/rehearse-');
  try {
    // As a mount would be: the same path, another file system.
    const onHost = new HostRoot('/');
    symlinkSync(other, join(root, 'beside'));
    const places = { dataDir: join(root, 'etcd'), besideData: join(root, 'beside/r-2345') };
    const apart = { ...step(''), places, workloads: [] };
    await expect(rehearseStep.apply(apart, { ...context(), root: onHost })).rejects.toMatchObject({
      reason: 'cannot-move',
      why: 'they are on two file systems, mounts or subvolumes',
    });
    expect(readdirSync(join(root, 'etcd'))).toEqual(['member']);
  } finally {
    rmSync(other, { recursive: true });
  }
});
