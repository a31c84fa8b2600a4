import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Documentation addresses (RFC 5737, RFC 3849): nobody has them, so the way there is the default route. Nothing is sent. */
const anywhere = ['192.0.2.1', '2001:db8::1'];
const mostAddresses = 16;

/**
 * The addresses at which the others can reach this node: those from which it would itself speak to them, and to the world. The list of
 * interfaces would not do: a node has addresses of bridges, of Services and of tunnels there, by the hundred.
 * @param towards addresses of the other nodes.
 * @param known what is announced so far: stays, and stays first, as long as the node has it.
 */
export async function ownAddresses(towards: readonly string[], known: readonly string[]): Promise<string[]> {
  const found = await Promise.all([...towards, ...anywhere].map(sourceTowards));
  const present = new Set(
    Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address)),
  );
  const usable = found.filter((address) => address !== undefined && !isLocal(address)) as string[];
  return [...new Set([...known.filter((address) => present.has(address)), ...usable])].slice(0, mostAddresses);
}

/** The address that the kernel would speak from. Connecting a datagram socket asks the routing table and sends nothing. */
async function sourceTowards(address: string): Promise<string | undefined> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    socket.connect(9, address);
    await once(socket, 'connect');
    return socket.address().address;
  } catch {
    // No way there: an address family that this node does not have.
    return undefined;
  } finally {
    socket.close();
  }
}

function isLocal(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || /^fe[89ab]/i.test(address);
}
