/**
 * A fenced node, on a disk of its own, with a stand-in for the kubelet and the container runtime: what has its manifest in place runs at the next
 * look, as it would. The agent is started anew by making another keeper.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FenceKeeper } from '../../../agent/operation/fence-keeper.ts';
import { setUpOn } from '../../../agent/operation/workloads.ts';
import type { WorkloadControl } from '../../../agent/host/control.ts';
import { readManifests } from '../../../agent/host/manifest-directory.ts';
import { HostRoot } from '../../../agent/host/root.ts';
import type { FenceRecord } from '../../../core/access/register.ts';
import { Failure } from '../../../core/failure.ts';
import type { Workload } from '../../../core/operation/steps.ts';

const folder = '/etc/kubernetes/manifests';
const aside = '/etc/kubernetes/kubectl-etcd/r-2345';
const fence: FenceRecord = { node: 'cp3', operation: 'r-2345', at: '2026-11-21T00:00:00.000Z', by: 'anna' };

let root = '';
let ended = new AbortController();
let fences: FenceRecord[] = [];
let enrolled = true;
let change: () => void = () => undefined;
/** Components that run. */
let running = new Set<string>();
/** What cannot be stopped just now. */
let stubborn = '';
/** Operations that are over for this node. */
let left: string[] = [];

beforeEach(() => {
  root = mkdtempSync('/tmp/fence-');
  for (const component of ['etcd', 'kube-apiserver', 'kube-scheduler']) place(component, component);
  put('/var/lib/etcd/member/snap/db', 'the old data');
  put('/var/lib/kubectl-etcd/.here', '');
  [ended, fences, enrolled, stubborn, left] = [new AbortController(), [], true, '', []];
  running = new Set(['etcd', 'kube-apiserver', 'kube-scheduler']);
});
afterEach(() => {
  ended.abort();
  rmSync(root, { recursive: true, force: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function place(component: string, text: string): void {
  const container = { name: component, image: 'x', command: [component, `--comment=${text}`] };
  const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: component, namespace: 'kube-system' } };
  put(`${folder}/${component}.yaml`, JSON.stringify({ ...manifest, spec: { containers: [container] } }));
  running.add(component);
}

/** Stops as StaticPodControl does: the manifest first, and it refuses one that came back where one is kept. */
function control(workload: Workload): WorkloadControl {
  if (workload.by !== 'static-pod') throw new Error('there are static pods alone');
  const [file, kept] = [join(root, workload.file), join(root, workload.aside)];
  const refused = () => Promise.reject(new Error('a fence starts nothing'));
  return {
    isRunning: () => Promise.resolve(running.has(workload.component)),
    stop: async () => {
      if (existsSync(file) && existsSync(kept)) throw new Failure({ reason: 'manifest-came-back', what: 'again' });
      mkdirSync(dirname(kept), { recursive: true });
      if (existsSync(file)) renameSync(file, kept);
      if (workload.component === stubborn) throw new Failure({ reason: 'not-stopped', what: 'it does not stop' });
      await sleep(1);
      running.delete(workload.component);
    },
    start: refused,
    takeBack: refused,
  };
}

function listen(listener: () => void): void {
  change = listener;
}

function startAgent(): FenceKeeper {
  ended.abort();
  ended = new AbortController();
  const host = new HostRoot(root);
  const keeper = new FenceKeeper({
    ...{ node: 'cp3', root: host, stateDirectory: join(root, 'var/lib/kubectl-etcd'), control },
    fences: { own: () => fences, isEnrolled: () => enrolled, onChange: listen },
    workloads: async () => setUpOn(await readManifests(host), { root: host, node: 'cp3' }),
    leave: (operation) => Promise.resolve(void left.push(operation)),
    say: () => undefined,
  });
  void keeper.keep(ended.signal);
  return keeper;
}

async function until(what: () => boolean): Promise<void> {
  const endMs = performance.now() + 8_000;
  while (!what()) {
    if (performance.now() > endMs) throw new Error('it does not come to that');
    await sleep(5);
  }
}

const allStopped = () => until(() => running.size === 0);
const inFolder = (path: string) => (existsSync(join(root, path)) ? readdirSync(join(root, path)).sort() : []);

describe('a fence', () => {
  test('that is not there: nothing is stopped', async () => {
    const keeper = startAgent();
    await sleep(100);
    expect(running.size).toBe(3);
    expect(keeper.keptStopped()).toBeUndefined();
    expect(() => keeper.assertNotFenced()).not.toThrow();
  });

  test('that was there before the agent started: manifests aside under its id, and the data as it was', async () => {
    fences = [fence];
    const keeper = startAgent();
    await allStopped();
    expect(inFolder(folder)).toEqual([]);
    expect(inFolder(aside)).toEqual(['etcd.yaml', 'kube-apiserver.yaml', 'kube-scheduler.yaml']);
    expect(inFolder('/var/lib')).toEqual(['etcd', 'kubectl-etcd']);
    expect(readFileSync(join(root, 'var/lib/etcd/member/snap/db'), 'utf8')).toBe('the old data');
    expect(keeper.keptStopped()).toMatchObject({ reason: 'node-fenced', node: 'cp3', exit: 5 });
    expect(() => keeper.assertNotFenced()).toThrow(/fenced by r-2345/);
    await until(() => left.includes('r-2345'));
    expect((await keeper.movedAside()).map(({ path, inPlaceOf, held }) => [path, inPlaceOf, held])).toEqual(
      ['etcd', 'kube-apiserver', 'kube-scheduler'].map((name) => [
        `${aside}/${name}.yaml`,
        `${folder}/${name}.yaml`,
        true,
      ]),
    );
  });

  test('that somebody tells: at once', async () => {
    startAgent();
    await sleep(50);
    fences = [fence];
    const begunMs = performance.now();
    change();
    await allStopped();
    expect(performance.now() - begunMs).toBeLessThan(1_000);
  });

  test('a manifest that is put back goes aside beside the first, and replaces none', async () => {
    fences = [fence];
    startAgent();
    await allStopped();
    const original = readFileSync(join(root, aside, 'etcd.yaml'), 'utf8');
    for (const number of [2, 3]) {
      place('etcd', `of kubeadm ${number}`);
      await allStopped();
      expect(readFileSync(join(root, aside, `etcd.yaml.${number}`), 'utf8')).toContain(`of kubeadm ${number}`);
    }
    expect(readFileSync(join(root, aside, 'etcd.yaml'), 'utf8')).toBe(original);
    expect(inFolder(folder)).toEqual([]);
  }, 20_000);

  test('an agent that died between the manifest and the container: the next one goes on, though there is no manifest to find', async () => {
    fences = [fence];
    stubborn = 'etcd';
    const keeper = startAgent();
    await until(() => !existsSync(join(root, folder, 'etcd.yaml')) && running.size === 1);
    await until(() => keeper.keptStopped()?.what.includes('it does not stop') === true);
    stubborn = '';
    startAgent();
    await allStopped();
  });

  test('what runs again without a manifest is stopped again', async () => {
    fences = [fence];
    startAgent();
    await allStopped();
    running.add('etcd');
    await allStopped();
  });

  test('a register that cannot be read any more lifts nothing', async () => {
    fences = [fence];
    startAgent();
    await allStopped();
    [fences, enrolled] = [[], false];
    running.add('etcd');
    const keeper = startAgent();
    await allStopped();
    expect(keeper.keptStopped()).toMatchObject({ reason: 'node-fenced' });
  });

  test('lifted: nothing starts, how to is said, the manifest that ran first; and no more when etcd runs', async () => {
    fences = [fence];
    startAgent();
    await allStopped();
    place('etcd', 'another');
    await allStopped();
    fences = [];
    const keeper = startAgent();
    await until(() => keeper.keptStopped() !== undefined);
    expect(keeper.keptStopped()).toMatchObject({ reason: 'fence-lifted', node: 'cp3' });
    expect(keeper.keptStopped()?.next).toContain(`mv ${aside}/etcd.yaml ${folder}/etcd.yaml`);
    expect(keeper.keptStopped()?.next).not.toContain('etcd.yaml.2');
    expect(inFolder(folder)).toEqual([]);
    expect(running.size).toBe(0);
    running.add('etcd');
    const later = startAgent();
    await until(() => !existsSync(join(root, 'var/lib/kubectl-etcd/fence.json')));
    await sleep(20);
    expect(later.keptStopped()).toBeUndefined();
  }, 20_000);
});
