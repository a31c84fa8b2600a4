/** The port an agent listens on, on every address of its node. Next to etcd's own 2379 and 2380, and free in the registries that we know. */
export const defaultAgentPort = 2378;

/**
 * The name in an agent's certificate. It is the node's name and never its address: an address may change, or come to belong to another
 * node, and the handshake must fail then. The name is in no DNS; nobody looks it up.
 */
export function agentServerName(node: string): string {
  return `${node}.agents.kubectl-etcd`;
}
