/** A snapshot of the lab with something in it that the lab has not: served by an etcd of its own on this machine, changed, and saved again. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { etcdBinaries } from '../lab/etcd-packages.ts';

const clientUrl = 'http://127.0.0.1:42379';
const peerUrl = 'http://127.0.0.1:42380';

/** @param change is given etcdctl, with what it says. */
export async function changedSnapshot(options: {
  readonly from: string;
  readonly into: string;
  readonly etcdFlags?: readonly string[];
  readonly change: (etcdctl: (...argv: string[]) => string) => void;
}): Promise<void> {
  const { from, into, etcdFlags = [], change } = options;
  const program = new Map((await etcdBinaries('3.5')).binaries.map((path) => [path.split('/').at(-1), path]));
  const env = { ...process.env, ETCDCTL_API: '3' };
  const run = (name: string, ...argv: string[]) =>
    execFileSync(program.get(name) ?? name, argv, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
  const etcdctl = (...argv: string[]) => run('etcdctl', `--endpoints=${clientUrl}`, ...argv);
  const folder = await mkdtemp('/tmp/kubectl-etcd-changed-');
  const own = ['--name=one', `--initial-cluster=one=${peerUrl}`, `--initial-advertise-peer-urls=${peerUrl}`];
  const dataDir = `--data-dir=${join(folder, 'data')}`;
  run(program.has('etcdutl') ? 'etcdutl' : 'etcdctl', 'snapshot', 'restore', from, dataDir, ...own);
  const urls = [
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
  ];
  const etcd = spawn(program.get('etcd') ?? '', [dataDir, ...own, ...urls, ...etcdFlags], { stdio: 'ignore' });
  try {
    for (let attempt = 1; ; attempt += 1)
      try {
        etcdctl('endpoint', 'health');
        break;
      } catch (thrown) {
        if (attempt === 60) throw thrown;
        await sleep(250);
      }
    change(etcdctl);
    etcdctl('snapshot', 'save', into);
  } finally {
    etcd.kill('SIGKILL');
    if (etcd.exitCode === null && etcd.signalCode === null) await once(etcd, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}
