/** hack/lab: the verbs of the lab. Results on standard output, what happens on standard error. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { Failure, exitCode, messageOf } from '../../core/failure.ts';
import { down } from './down.ts';
import { labShapeOf, usage } from './lab-shape.ts';
import { loadAgentImage } from './load-image.ts';
import { entering } from './machine.ts';
import { doToNodes, isNodeVerb, namedNode } from './node-verbs.ts';
import { printStatus } from './status.ts';
import { currentState } from './state.ts';
import { up } from './up.ts';
import { kubeconfigPath } from './where.ts';

const help = `hack/lab: a real Kubernetes cluster on this machine, of Debian's packages. Needs root.

  hack/lab up [COUNT] [--etcd 3.4|3.5|testing] [--probes health|livez]
                                 COUNT control-plane nodes (3); at once when they are up already
  hack/lab down                  end them, leave nothing but the cache
  hack/lab status                what runs and what is wrong; exit code 3 when something is
  hack/lab on NODE COMMAND...    run a command inside a node
  hack/lab image [TAR]           load the agent's image (of dist/, or of a docker-archive) into every node that is on
  hack/lab kubeconfig            print the path of the administrator's kubeconfig

  hack/lab power-cut NODE...     everything in it ends at once, nobody is told; the disk stays
  hack/lab boot NODE...          switch it on again; returns when containerd listens
  hack/lab wipe NODE...          a fresh machine of the same name and address, running, not in the cluster
  hack/lab unplug NODE...        lose all its packets, both ways; its own link stays up
  hack/lab plug NODE...          plug it in again

More in test/lab/README.md.
`;

async function main(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv;
  if (verb === undefined || verb === 'help' || verb === '--help' || verb === '-h') {
    process.stdout.write(help);
    return verb === undefined ? exitCode.usage : exitCode.done;
  }
  if (process.getuid?.() !== 0) {
    throw new Failure({
      reason: 'not-root',
      what: 'the lab makes mounts, namespaces and machines',
      next: `sudo hack/lab ${verb}`,
    });
  }
  if (isNodeVerb(verb)) {
    await doToNodes(verb, rest);
    return exitCode.done;
  }
  switch (verb) {
    case 'up':
      await up(labShapeOf(rest));
      return exitCode.done;
    case 'down':
      await down();
      return exitCode.done;
    case 'status':
      return await printStatus();
    case 'on':
      return await on(rest);
    case 'image':
      process.stdout.write(`${await loadAgentImage(rest[0])}\n`);
      return exitCode.done;
    case 'kubeconfig':
      await currentState();
      process.stdout.write(`${kubeconfigPath}\n`);
      return exitCode.done;
    default:
      throw usage(`there is no verb ${verb}`);
  }
}

/** Runs the command with this process's own standard streams; its exit code is ours, 128 + n after signal n. */
async function on(argv: readonly string[]): Promise<number> {
  const [name, ...command] = argv;
  if (name === undefined || command.length === 0) throw usage('on takes a node and a command');
  const [program = '', ...rest] = await entering(namedNode(name, await currentState()), command);
  const child = spawn(program, rest, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

// `hack/lab status | head -1` is no error.
process.stdout.on('error', () => undefined);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  process.stderr.write(`error: ${messageOf(thrown)}\n`);
  if (thrown instanceof Failure && thrown.next !== undefined) process.stderr.write(`  ${thrown.next}\n`);
  if (!(thrown instanceof Failure) && thrown instanceof Error) process.stderr.write(`${thrown.stack ?? ''}\n`);
  process.exitCode = thrown instanceof Failure ? thrown.exit : exitCode.failed;
}
