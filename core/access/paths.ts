/**
 * The requests about access. All are answered on the node's socket; what is marked so, also on the agent's port.
 * Over the port the asker is whoever its certificate says: another agent, or a person with an access file.
 */
export const accessPath = {
  /** GET, port too: how the agent stands, and its register. */
  state: '/v1/access',
  /** GET and PUT, on the socket alone: the authority with its key, and the register to begin with. */
  authority: '/v1/access/authority',
  /** PUT, on the port for agents alone: merges a register into the agent's own; the reply is the result. */
  register: '/v1/access/register',
  /** POST, port too: issues a certificate for a public key. */
  certificates: '/v1/access/certificates',
  /** POST, on the socket alone: a certificate for whoever is root on the node, for the time of a command. */
  pass: '/v1/access/pass',
  /** POST, port too: withdraws certificates. */
  revocations: '/v1/access/revocations',
} as const;

/** Followed by a node's name and the path of a request: the agent passes it on to that node's. */
export const nodesPrefix = '/v1/nodes/';
/** Followed by the path of a GET that is answered in JSON: every node's agent is asked, and those that are silent are named. */
export const allPrefix = '/v1/all/';

/** `target` as a request to the agent of `node`, to be passed on by whichever agent is asked. */
export function passedOn(node: string, target: string): string {
  return `${nodesPrefix}${encodeURIComponent(node)}${target}`;
}
