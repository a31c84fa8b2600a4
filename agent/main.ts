/**
 * The agent's composition root: `keep` (the DaemonSet's pod: brings the agent to the node), `serve` (the agent itself: environment ->
 * configuration -> wiring -> listen) and `bridge` (the far end of an exec stream). Each loads only what it needs: a bridge is started for
 * every command of the plugin.
 */
import { readConfiguration } from './configuration.ts';

// node:http2 names a server by its address where it has no name, and then warns that TLS ignores that: as it should.
process.noDeprecation = true;

async function main(command: string): Promise<number> {
  const configuration = readConfiguration(process.env);
  switch (command) {
    case 'keep':
      return (await import('./resident/keep.ts')).keep(configuration, async (why) =>
        (await import('./serve/serve.ts')).serve(configuration, why),
      );
    case 'serve':
      return (await import('./serve/serve.ts')).serve(configuration);
    case 'bridge':
      return (await import('./serve/bridge.ts')).bridge(configuration.socketPath);
    default:
      process.stderr.write(`kubectl-etcd-agent: there is no command "${command}"; it has keep, serve and bridge\n`);
      return 2;
  }
}

void main(process.argv[2] ?? 'serve').then(
  (exit) => (process.exitCode = exit),
  (thrown: unknown) => {
    process.stderr.write(
      `kubectl-etcd-agent: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`,
    );
    process.exitCode = 1;
  },
);
