/** The lab's network: a bridge on the host, and for each node a network namespace with one cable to it. */
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { array, looseObject, optional, string } from 'valibot';
import { decodeJson } from '../../core/protocol/decode.ts';
import { Failure, exitCode } from '../../core/failure.ts';
import { attempt, run, until } from './command.ts';
import { bridge, labDirectory, mark } from './where.ts';
import type { Node } from './where.ts';

const ours = `${mark} ${labDirectory}`;
const unmarked = `${bridge.name}-new`;
const links = array(looseObject({ ifname: string(), ifalias: optional(string()) }));

/** Whose bridge is on this machine: the alias says which lab's, by its directory. */
export async function bridgeOwner(): Promise<'nobody' | 'us' | { readonly other: string }> {
  const { stdout, code } = await attempt(['ip', '-j', 'link', 'show', 'dev', bridge.name]);
  if (code !== 0) return 'nobody';
  const [link] = decodeJson(links, stdout, { what: 'the answer of ip link' });
  return link?.ifalias === ours ? 'us' : { other: link?.ifalias ?? 'a bridge of the same name, not of a lab' };
}

/** @throws {Failure} `another-lab` where the bridge is not ours: its addresses are the machine's, so there is one lab a machine. */
export async function refuseAnotherLab(): Promise<void> {
  const owner = await bridgeOwner();
  if (typeof owner === 'string') return;
  throw new Failure({
    reason: 'another-lab',
    what: `the bridge ${bridge.name} on this machine is not of the lab at ${labDirectory}`,
    why: `it belongs to ${owner.other}`,
    next: `take that one down first: KUBECTL_ETCD_LAB=<its directory> hack/lab down`,
    exit: exitCode.refused,
  });
}

/** Makes the bridge where it is missing. */
export async function raiseBridge(): Promise<void> {
  await refuseAnotherLab();
  if ((await bridgeOwner()) === 'nobody') {
    // made under a name of ours and renamed when marked: an `up` that dies in between must not leave a bridge that nobody may remove
    await attempt(['ip', 'link', 'delete', unmarked]);
    await run(['ip', 'link', 'add', unmarked, 'type', 'bridge']);
    await run(['ip', 'link', 'set', unmarked, 'alias', ours]);
    await run(['ip', 'link', 'set', unmarked, 'name', bridge.name]);
  }
  await run(['ip', 'addr', 'replace', `${bridge.address}/${bridge.prefixLength}`, 'dev', bridge.name]);
  await run(['ip', 'link', 'set', bridge.name, 'up']);
}

export async function lowerBridge(): Promise<void> {
  await attempt(['ip', 'link', 'delete', unmarked]);
  if ((await bridgeOwner()) === 'us') await run(['ip', 'link', 'delete', bridge.name]);
}

/** Makes the node's namespace and cable anew, unplugged if it was. */
export async function connectNode(node: Node): Promise<void> {
  await disconnectNode(node);
  const inside = ['ip', '-n', node.networkNamespace];
  await run(['ip', 'netns', 'add', node.networkNamespace]);
  await run([
    ...['ip', 'link', 'add', node.link, 'type', 'veth'],
    ...['peer', 'name', 'eth0', 'netns', node.networkNamespace],
  ]);
  await run(['ip', 'link', 'set', node.link, 'alias', ours, 'master', bridge.name, 'up']);
  await run([...inside, 'addr', 'add', `${node.address}/${bridge.prefixLength}`, 'dev', 'eth0']);
  await run([...inside, 'link', 'set', 'eth0', 'up']);
  await run([...inside, 'link', 'set', 'lo', 'up']);
  await run([...inside, 'route', 'add', 'default', 'via', bridge.address]);
  // where clouds answer for their metadata: an unanswered question holds the kubelet's start up for 6 s
  await run([...inside, 'route', 'add', 'unreachable', '169.254.0.0/16']);
  if (await isUnplugged(node)) await shutPort(node);
}

export async function disconnectNode(node: Node): Promise<void> {
  await attempt(['ip', 'link', 'delete', node.link]);
  if (existsSync(`/run/netns/${node.networkNamespace}`)) await run(['ip', 'netns', 'delete', node.networkNamespace]);
}

/** Whether the cable is pulled, by hand or by a power cut that died half-way. What was pulled by hand stays so through a boot. */
export async function isUnplugged(node: Node): Promise<boolean> {
  if (existsSync(pulledMark(node))) return true;
  const { stdout, code } = await attempt(['ip', '-j', '-d', 'link', 'show', 'dev', node.link]);
  if (code !== 0) return false;
  const [link] = decodeJson(ports, stdout, { what: 'the answer of ip link' });
  return link?.linkinfo?.info_slave_data?.state === 'listening';
}

const pulledMark = (node: Node): string => join(node.directory, 'unplugged');
const ports = array(
  looseObject({
    linkinfo: optional(looseObject({ info_slave_data: optional(looseObject({ state: optional(string()) })) })),
  }),
);

/** Loses every packet from and to the node from now on. Nobody is told: the node's own link stays up, no connection is reset. */
export async function unplug(node: Node): Promise<void> {
  await shutPort(node);
  await writeFile(pulledMark(node), '');
}

export async function plugIn(node: Node): Promise<void> {
  await rm(pulledMark(node), { force: true });
  if (await hasCable(node)) await run(['ip', 'link', 'set', 'dev', node.link, ...portState.forwarding]);
}

/**
 * A bridge port that listens forwards nothing, neither way, and its carrier stays. Not `disabled` and not `blocking`: without a spanning
 * tree the kernel opens such ports by itself when a carrier comes or another port does.
 */
const portState = {
  listening: ['type', 'bridge_slave', 'state', '1'],
  forwarding: ['type', 'bridge_slave', 'state', '3'],
} as const;

/** Loses the node's packets from now on where it has a working cable; says nothing where not: for who cuts its power next. */
export async function silence(node: Node): Promise<void> {
  await attempt(['ip', 'link', 'set', 'dev', node.link, ...portState.listening]);
}

/** Shuts the node's port of the bridge; does nothing where the node has no cable, being off. */
async function shutPort(node: Node): Promise<void> {
  if (!(await hasCable(node))) return;
  await until(
    'the port of the bridge to shut',
    async () => {
      // refused for the moment between the making of a cable and its carrier
      const { code, stderr } = await attempt(['ip', 'link', 'set', 'dev', node.link, ...portState.listening]);
      return code === 0 ? true : stderr.trim();
    },
    { timeoutMs: 5000, everyMs: 20, node: node.name },
  );
}

async function hasCable(node: Node): Promise<boolean> {
  return (await attempt(['ip', 'link', 'show', 'dev', node.link])).code === 0;
}
