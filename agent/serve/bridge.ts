import { connect } from 'node:net';

/**
 * Joins standard input and output to the agent's socket: the far end of an exec stream. HTTP/2 runs through it, so the near side says in
 * band when it is done; the end of either side ends both, as v4 exec has no half-close.
 *
 * @returns the exit code: 0 when the stream ended, 1 when the agent could not be reached (with a sentence on standard error).
 */
export async function bridge(socketPath: string): Promise<number> {
  const socket = connect(socketPath);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
  } catch (thrown) {
    process.stderr.write(
      `the agent does not answer on ${socketPath}: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`,
    );
    return 1;
  }
  return new Promise((resolve) => {
    const end = () => {
      socket.destroy();
      resolve(0);
    };
    for (const side of [socket, process.stdin, process.stdout]) side.on('error', end).on('close', end);
    process.stdin.on('end', end);
    socket.on('end', end);
    process.stdin.pipe(socket, { end: false });
    socket.pipe(process.stdout, { end: false });
  });
}
