import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeadm120 } from '../agent/host/manifests.ts';
import { freePort, realEtcd, startEtcd } from '../agent/tools/real-etcd.ts';
import { exchange, park, parkRest, placesFor, takeBack, unpark } from './runbook-lines.ts';
import type { RunbookPlaces } from './runbook-lines.ts';

const initialCluster = 'cp1=https://10.0.0.11:2380,cp2=https://10.0.0.12:2380';
const member = { name: 'cp1', peerUrl: 'https://10.0.0.11:2380', initialCluster, token: 'bench-1' };

/** A node's folders with two manifests, a data directory and a snapshot of a real etcd. */
let root: string;
let places: RunbookPlaces;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'runbook-'));
  const { folder } = await realEtcd('3.5');
  places = {
    manifests: join(root, 'manifests'),
    parked: join(root, 'parked'),
    dataDirectory: join(root, 'etcd'),
    old: join(root, 'etcd.old'),
    snapshot: join(root, 'snapshot.db'),
    etcdutl: join(folder, 'etcdutl'),
  };
  mkdirSync(places.manifests);
  writeFileSync(join(places.manifests, 'etcd.yaml'), kubeadm120);
  writeFileSync(join(places.manifests, 'kube-apiserver.yaml'), 'kind: Pod\n');
  await using etcd = await startEtcd({
    argv: [join(folder, 'etcd')],
    ...{ folder, dataDirectory: places.dataDirectory, name: 'cp1', peerUrl: `http://127.0.0.1:${await freePort()}` },
  });
  etcd.ctl('put', 'a', 'one');
  etcd.ctl('snapshot', 'save', places.snapshot);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const shell = (line: string) => spawnSync('sh', ['-c', line], { encoding: 'utf8' });
const done = (line: string) => {
  const { status, stderr } = shell(line);
  if (status !== 0) throw new Error(stderr);
};
const manifest = () => readFileSync(join(places.manifests, 'etcd.yaml'), 'utf8');

test('the procedure: away, restored, and back, with all members in the manifest', () => {
  done(park(places));
  expect(readdirSync(places.manifests)).toEqual([]);
  done(exchange(places, member));
  expect(readdirSync(places.manifests)).toEqual(['etcd.yaml']);
  const before = '- --initial-cluster=cp1=https://10.0.0.11:2380\n';
  expect(manifest()).toBe(kubeadm120.replace(before, `- --initial-cluster=${initialCluster}\n`));
  const status = execFileSync(
    places.etcdutl,
    ['snapshot', 'status', join(places.dataDirectory, 'member/snap/db'), '-w', 'json'],
    { encoding: 'utf8' },
  );
  expect((JSON.parse(status) as { revision: number }).revision).toBeGreaterThanOrEqual(1_000_000_000);
  done(unpark(places));
  expect(readdirSync(places.manifests)).toEqual(['etcd.yaml', 'kube-apiserver.yaml']);
});

test('again, on the manifest that is there now', () => {
  done(`${park(places)} && ${exchange(places, member)} && ${unpark(places)} && rm -rf ${places.old}`);
  const first = manifest();
  done(`${park(places)} && ${exchange(places, member)}`);
  expect(manifest()).toBe(first);
});

test('a snapshot that cannot be restored stops it, and going back leaves what was there', () => {
  const data = readFileSync(join(places.dataDirectory, 'member/snap/db'));
  writeFileSync(places.snapshot, 'no snapshot');
  done(park(places));
  expect(shell(exchange(places, member)).status).not.toBe(0);
  done(parkRest(places));
  done(takeBack(places));
  done(unpark(places));
  expect(readFileSync(join(places.dataDirectory, 'member/snap/db')).equals(data)).toBe(true);
  expect(existsSync(places.old)).toBe(false);
  expect(manifest()).toBe(kubeadm120);
  expect(readdirSync(places.manifests)).toEqual(['etcd.yaml', 'kube-apiserver.yaml']);
});

test('going back on a node on which nothing has begun changes nothing', () => {
  done(`${parkRest(places)} && ${takeBack(places)}`);
  expect(readdirSync(places.manifests)).toEqual([]);
  done(unpark(places));
  expect(manifest()).toBe(kubeadm120);
  expect(existsSync(places.dataDirectory)).toBe(true);
});

test('a manifest without the flag is not taken for done', () => {
  writeFileSync(join(places.manifests, 'etcd.yaml'), kubeadm120.replace('--initial-cluster=', '--other='));
  done(park(places));
  const { status, stderr } = shell(exchange(places, member));
  expect(status).not.toBe(0);
  expect(stderr).toMatch(/its manifest has no --initial-cluster\n$/);
});

test('what is parked and moved aside lies outside of the manifest directory, on the file system of what it was', () => {
  expect(placesFor('x')).toMatchObject({ parked: '/root/parked.bench-x', old: '/var/lib/etcd.bench-x' });
});
