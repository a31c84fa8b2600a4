/** A node as a running machine: booted, entered, and its power cut. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { killProcess, processesIn, removeCgroup } from './cgroups.ts';
import { attempt, run, until } from './command.ts';
import type { CommandOptions, CommandResult } from './command.ts';
import { containerdStateOf } from './disk.ts';
import { silence } from './network.ts';
import { firstChild, recordedProcess } from './process-record.ts';
import { mark } from './where.ts';
import type { Node } from './where.ts';

const usesCgroupV2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
const machineName = (node: Node): string => `${mark}-${node.name}`;
const record = (node: Node): string => join(node.directory, 'process');

/** The id of the node's init on this machine, or undefined while it is off. */
export async function initOf(node: Node): Promise<number | undefined> {
  const supervisor = await recordedProcess(record(node));
  return supervisor === undefined ? undefined : await firstChild(supervisor);
}

/**
 * Boots a node whose disk is mounted and whose network exists; returns when its processes can be entered. It outlives this process.
 * There is no machine manager on the bus here (`--register=no --keep-unit`), and the kubelet needs every capability, keyrings and bpf.
 */
export async function boot(node: Node): Promise<void> {
  await using console = await open(join(node.directory, 'console.log'), 'a');
  const child = spawn(
    join(import.meta.dirname, 'in-cgroup.sh'),
    [
      ...[record(node), node.cgroup],
      ...['systemd-nspawn', '--quiet', '--boot', `--directory=${node.root}`, `--machine=${machineName(node)}`],
      ...[`--hostname=${node.name}`, '--register=no', '--keep-unit', '--resolv-conf=off', '--timezone=off'],
      ...['--capability=all', '--system-call-filter=@keyring bpf @module @raw-io', '--console=passive'],
      ...[`--network-namespace-path=/run/netns/${node.networkNamespace}`],
      ...[`--bind=${containerdStateOf(node)}:/var/lib/containerd`, '--bind=/dev/kmsg'],
    ],
    {
      ...{ detached: true, cwd: '/', stdio: ['ignore', console.fd, console.fd] },
      // on a machine of cgroup v1 nspawn would still give its guest v2
      env: { ...process.env, ...(usesCgroupV2 ? {} : { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '0' }) },
    },
  );
  let ended = false;
  child.once('exit', () => (ended = true));
  await once(child, 'spawn');
  child.unref();
  await until(
    'the node to boot',
    async () => {
      if (ended) throw bootFailure(node);
      const { code } = await onNode(node, ['test', '-S', '/run/containerd/containerd.sock']).catch(() => ({ code: 1 }));
      return code === 0 ? true : 'containerd does not listen yet';
    },
    { timeoutMs: 60_000, node: node.name, next: `see ${node.directory}/console.log` },
  );
}

function bootFailure(node: Node): Failure {
  return new Failure({
    ...{ reason: 'boot-failed', what: 'the node ended while it booted', node: node.name },
    next: `see ${node.directory}/console.log`,
  });
}

/** The words that run a command inside a running node, for whoever spawns it. @throws {Failure} `node-off` */
export async function entering(node: Node, argv: readonly string[]): Promise<readonly string[]> {
  const init = await initOf(node);
  if (init === undefined) {
    throw new Failure({
      reason: 'node-off',
      what: 'the node is not running',
      node: node.name,
      next: `hack/lab boot ${node.name}`,
    });
  }
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return ['nsenter', '--target', String(init), '--all', 'env', '-i', path, 'HOME=/root', 'TERM=dumb', ...argv];
}

/** Runs a command inside a node to its end, as root. @throws {Failure} `node-off` */
export async function onNode(
  node: Node,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return await attempt(await entering(node, argv), { ...options, node: node.name });
}

/** The same where anything but exit code 0 is a failure; returns standard output. */
export async function runOnNode(node: Node, argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  return await run(await entering(node, argv), { ...options, node: node.name });
}

/** Cuts the node's power: everything in it ends at once, nothing is asked first. Its disk stays. Does nothing to a node that is off. */
export async function cutPower(node: Node): Promise<void> {
  // first of all, or the kernel would end the dying processes' connections in good order
  await silence(node);
  const init = await initOf(node);
  if (init !== undefined) killProcess(init); // with it the kernel ends its whole process namespace
  await until(
    'its processes to end',
    async () => {
      const supervisor = await recordedProcess(record(node));
      const left = [...(await processesIn(node.cgroup)), ...(supervisor === undefined ? [] : [supervisor])];
      left.forEach(killProcess);
      return left.length === 0 ? true : `${left.length} are left`;
    },
    { timeoutMs: 20_000, everyMs: 50, node: node.name },
  );
  await rm(record(node), { force: true });
  await removeCgroup(node.cgroup);
  // what nspawn leaves when it is killed; its lock is named after the device and inode of the root directory
  const root = await stat(node.root).catch(() => undefined);
  if (root !== undefined) await rm(`/run/systemd/nspawn/locks/inode-${root.dev}:${root.ino}`, { force: true });
  await rm(join('/run/systemd/nspawn/propagate', machineName(node)), { recursive: true, force: true });
}
