import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deleteKept, listKept } from '../../../agent/operation/kept.ts';
import type { FenceKeeper } from '../../../agent/operation/fence-keeper.ts';
import type { Operations } from '../../../agent/operation/operations.ts';
import { OperationStore } from '../../../agent/operation/store.ts';
import { HostRoot } from '../../../agent/host/root.ts';
import { besidePaths } from '../../../agent/steps/step.ts';
import type { KeptReply } from '../../../core/operation/messages.ts';
import type { PlacedStep, Plan } from '../../../core/operation/plan.ts';
import type { Workload } from '../../../core/operation/steps.ts';
import { planOf } from '../../core/operation/plans.ts';

const aside = '/etc/kubernetes/kubectl-etcd';

function planNumber(id: string): Plan {
  const places = {
    dataDir: '/etcd',
    walDir: '/wal',
    besideData: `/etcd-kubectl-etcd/${id}`,
    besideWal: `/wal/.kubectl-etcd/${id}`,
  };
  const workload: Workload = {
    ...{
      by: 'static-pod',
      component: 'etcd',
      file: '/etc/kubernetes/manifests/etcd.yaml',
      aside: `${aside}/${id}/etcd.yaml`,
    },
    ...{ namespace: 'kube-system', pod: 'etcd-n1', container: 'etcd' },
  };
  const on = (node: string): PlacedStep[] => [
    { id: `save.${node}`, node, does: { kind: 'safeguard', file: 'before.db', places } },
    { id: `stop.${node}`, node, does: { kind: 'stop', workloads: [workload], graceSeconds: 2, startsAgain: true } },
    { id: `exchange.${node}`, node, does: { kind: 'exchange', places, hadMember: true } },
  ];
  return { ...planOf('all: n1 n2'), id, phases: [{ name: 'all', what: 'all', steps: [...on('n1'), ...on('n2')] }] };
}

const one = planNumber('r-1111');
const two = planNumber('r-2222');
let work = '';
let operations: Operations;
let fenced: KeptReply['kept'] = [];

beforeEach(async () => {
  work = mkdtempSync('/tmp/kept-');
  const store = new OperationStore({ stateDirectory: join(work, 'state'), node: 'n1' });
  const fenceKeeper = { movedAside: () => Promise.resolve(fenced) } as Partial<FenceKeeper> as FenceKeeper;
  fenced = [];
  operations = {
    store,
    root: new HostRoot(join(work, 'host')),
    node: 'n1',
    fenceKeeper,
  } as Partial<Operations> as Operations;
  for (const plan of [one, two]) {
    await store.takeUp(plan);
    if (plan === one) await store.append(plan.id, { event: 'closed', at: plan.createdAt, outcome: 'done', by: 'anna' });
  }
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

function put(path: string, bytes = 10): void {
  const here = join(work, 'host', path);
  mkdirSync(dirname(here), { recursive: true });
  writeFileSync(here, Buffer.alloc(bytes));
}

/** What an operation has left: `kept`, `undone`, ... */
function left(plan: Plan, ...whats: ('kept' | 'keptWal' | 'undone' | 'built' | 'manifest')[]): void {
  const exchange = plan.phases[0]?.steps[2]?.does;
  if (exchange?.kind !== 'exchange') throw new Error('no exchange');
  for (const what of whats)
    if (what === 'manifest') put(`${aside}/${plan.id}/etcd.yaml`);
    else put(`${besidePaths(exchange.places)[what] ?? ''}/member/snap/db`, 100);
}

describe('listed', () => {
  test('what there is of it on this node, with its size', async () => {
    expect(await listKept(operations)).toEqual([]);
    left(one, 'kept', 'keptWal', 'manifest');
    writeFileSync(join(operations.store.folderOf('r-1111'), 'before.db'), Buffer.alloc(7));
    const kept = await listKept(operations);
    expect(kept.map(({ operation, what, sizeBytes }) => `${operation} ${what} ${sizeBytes}`).sort()).toEqual([
      'r-1111 old data 100',
      'r-1111 old manifest of etcd 10',
      'r-1111 old write-ahead log 100',
      'r-1111 snapshot taken before 7',
    ]);
    expect(kept.map(({ path }) => path).sort()).toEqual(
      [
        join(operations.store.folderOf('r-1111'), 'before.db'),
        '/etc/kubernetes/kubectl-etcd/r-1111/etcd.yaml',
        '/etcd-kubectl-etcd/r-1111/old',
        '/wal/.kubectl-etcd/r-1111/old-wal',
      ].sort(),
    );
  });

  test('new data of one that was abandoned: it takes as much room as the old', async () => {
    left(one, 'built');
    expect(await listKept(operations)).toMatchObject([{ what: 'new data that was not used', sizeBytes: 100 }]);
  });
});

describe('deleted', () => {
  test('what the named one keeps, and the folders that it leaves empty; nothing else', async () => {
    left(one, 'kept', 'undone', 'built', 'manifest');
    left(two, 'kept');
    put('/etcd/member/snap/db');
    put('/wal/0.wal');
    put('/etc/kubernetes/manifests/etcd.yaml');
    const deleted = await deleteKept(operations, ['r-1111']);
    expect(deleted).toHaveLength(4);
    expect((await listKept(operations)).map(({ operation }) => operation)).toEqual(['r-2222']);
    expect(readdirSync(join(work, 'host/etcd-kubectl-etcd'))).toEqual(['r-2222']);
    expect(existsSync(join(work, 'host', aside))).toBe(false);
    for (const path of ['etcd/member/snap/db', 'wal/0.wal']) expect(existsSync(join(work, 'host', path))).toBe(true);
  });

  test('not of one that is open, and then of none at all', async () => {
    left(one, 'kept');
    left(two, 'kept');
    await expect(deleteKept(operations, ['r-1111', 'r-2222'])).rejects.toMatchObject({
      reason: 'operation-open',
      exit: 5,
    });
    expect(await listKept(operations)).toHaveLength(2);
  });

  test('of one that this node knows nothing of there is nothing to delete', async () => {
    left(one, 'kept');
    expect(await deleteKept(operations, ['r-3333'])).toEqual([]);
    expect(await listKept(operations)).toHaveLength(1);
  });

  test('what a fence has moved aside is listed and stays; an older one in whose place nothing is is not needed, then', async () => {
    left(one, 'manifest');
    const own = { operation: 'r-4444', path: `${aside}/r-4444/etcd.yaml`, what: 'manifest of etcd', sizeBytes: 10 };
    fenced = [{ ...own, since: one.createdAt, inPlaceOf: '/etc/kubernetes/manifests/etcd.yaml', held: true }];
    expect((await listKept(operations)).map(({ operation }) => operation)).toEqual(['r-1111', 'r-4444']);
    expect(await deleteKept(operations, ['r-1111', 'r-4444'])).toMatchObject([{ operation: 'r-1111' }]);
    expect(await listKept(operations)).toEqual(fenced);
  });

  test('not what is the only copy: nothing is in its place, as it was abandoned half-way', async () => {
    for (const what of ['kept', 'manifest'] as const) {
      left(one, what);
      await expect(deleteKept(operations, ['r-1111'])).rejects.toMatchObject({ reason: 'kept-still-needed', exit: 5 });
      expect(await listKept(operations)).toHaveLength(1);
      rmSync(join(work, 'host'), { recursive: true });
    }
  });
});
