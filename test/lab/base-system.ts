/** The nodes' operating system: Debian with systemd, containerd and what a kubelet calls, the lowest layer of every node's disk. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, fingerprint } from './cache.ts';
import { run } from './command.ts';
import { mirrorOf } from './packages.ts';
import { nodeSuite } from './where.ts';

const packages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'iproute2', 'iptables', 'containerd', 'runc', 'procps'],
  ...['conntrack', 'socat', 'ethtool', 'ca-certificates', 'openssl'],
];

/** Chores of an installed machine that a node of ten minutes' life need not spend two cores' time on. */
const unwanted = ['multi-user.target.wants/e2scrub_reap.service', 'getty.target.wants', 'timers.target.wants'];

export async function baseSystem(): Promise<string> {
  return await cached({
    name: `base-${nodeSuite}-${await fingerprint([...packages, ...unwanted])}`,
    what: "the nodes' base system",
    async make({ directory, cgroup }) {
      const include = `--include=${packages.join(',')}`;
      const logFile = `${directory}.log`;
      await run(['debootstrap', '--variant=minbase', include, nodeSuite, directory, await mirrorOf(nodeSuite)], {
        logFile,
        cgroup,
      });
      for (const unit of unwanted)
        await rm(join(directory, 'etc/systemd/system', unit), { recursive: true, force: true });
      await rm(join(directory, 'var/cache/apt/archives'), { recursive: true, force: true });
      await rm(logFile);
    },
  });
}
