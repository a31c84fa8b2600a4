/** Data that makes a save take seconds, so that something can happen in its middle. Written and taken away again past the API server. */
import type { Stage } from './stage.ts';

const prefix = '/kubectl-etcd-e2e/ballast/';
const valueBytes = 1_300_000;
const etcdctl =
  'ETCDCTL_API=3 /opt/lab/etcdctl --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key';

/** Random bytes, which nothing on the way can shrink. */
export async function loadBallast({ shell }: Stage, sizeBytes: number): Promise<void> {
  const count = Math.ceil(sizeBytes / valueBytes);
  await shell(
    'cp1',
    `for i in $(seq ${count}); do head -c ${valueBytes} /dev/urandom | ${etcdctl} put ${prefix}$i > /dev/null || exit 1; done`,
  );
}

/** Deleted, compacted and defragmented, one member after the other, as etcd stands still while it defragments. */
export async function dropBallast({ shell, lab }: Stage): Promise<void> {
  await shell('cp1', `${etcdctl} del --prefix ${prefix}`);
  const status = await shell('cp1', `${etcdctl} endpoint status -w json`);
  const revision = /"revision":(\d+)/.exec(status)?.[1] ?? '0';
  await shell('cp1', `${etcdctl} compact --physical ${revision}`);
  for (const { name } of lab.nodes) await shell(name, `${etcdctl} defrag`);
}
