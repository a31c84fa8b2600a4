/**
 * hack/local [--tls] DIRECTORY [MEMBERS]: the local mode in the foreground, until Ctrl-C, SIGTERM or the end of standard input's other side.
 * Prints the access file when everything answers; with --tls it is one as for the nodes of a cluster, else it names unix sockets.
 */
import { once } from 'node:events';
import { dirname } from 'node:path';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { startLocalCluster } from './local-cluster.ts';

const tls = process.argv.includes('--tls');
const [directory, members = '3'] = process.argv.slice(2).filter((word) => word !== '--tls');
if (directory === undefined) {
  process.stderr.write('usage: hack/local [--tls] DIRECTORY [MEMBERS]\n');
  process.exitCode = 2;
} else {
  const { binaries } = await etcdBinaries('3.5');
  await using cluster = await startLocalCluster({
    directory,
    members: Number(members),
    tls,
    etcdDirectory: dirname(binaries[0] ?? ''),
  });
  process.stdout.write(`${cluster.accessFile}\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}
