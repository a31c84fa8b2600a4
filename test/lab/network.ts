/** The lab's network: a bridge on the host, and for each node a network namespace with one cable to it. */
import { existsSync } from 'node:fs';
import { array, looseObject, optional, string } from 'valibot';
import { decodeJson } from '../../core/protocol/decode.ts';
import { Failure, exitCode } from '../../core/failure.ts';
import { attempt, run } from './command.ts';
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

/** Makes the node's namespace and cable anew, plugged in. */
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
}

export async function disconnectNode(node: Node): Promise<void> {
  await attempt(['ip', 'link', 'delete', node.link]);
  if (existsSync(`/run/netns/${node.networkNamespace}`)) await run(['ip', 'netns', 'delete', node.networkNamespace]);
}
