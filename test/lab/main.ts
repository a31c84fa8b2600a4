/** hack/lab: the verbs of the lab. Results on standard output, what happens on standard error. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { Failure, exitCode, messageOf } from '../../core/failure.ts';
import { down } from './down.ts';
import { loadAgentImage } from './load-image.ts';
import { entering } from './machine.ts';
import { printStatus } from './status.ts';
import { readState } from './state.ts';
import { up } from './up.ts';
import { etcdVersions, kubeconfigPath, nodesOf } from './where.ts';
import type { EtcdVersion, Node } from './where.ts';

const help = `hack/lab: a real Kubernetes cluster on this machine, of Debian's packages. Needs root.

  hack/lab up [COUNT] [--etcd 3.4|3.5]   COUNT control-plane nodes (3); at once when they are up already
  hack/lab down                          end them, leave nothing but the cache
  hack/lab status                        what runs and what is wrong; exit code 3 when something is
  hack/lab on NODE COMMAND...            run a command inside a node
  hack/lab image [TAR]                   load the agent's image (of dist/, or of a docker-archive) into every node
  hack/lab kubeconfig                    print the path of the administrator's kubeconfig

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
  switch (verb) {
    case 'up':
      await up(shapeOf(rest));
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
      await runningNodes();
      process.stdout.write(`${kubeconfigPath}\n`);
      return exitCode.done;
    default:
      throw usage(`there is no verb ${verb}`);
  }
}

/** `[COUNT] [--etcd VERSION]` in any order. */
function shapeOf(argv: readonly string[]): { readonly count: number; readonly etcd: EtcdVersion } {
  let count = 3;
  let etcd: EtcdVersion = '3.5';
  const words = argv.flatMap((word) =>
    word.startsWith('--etcd=') ? ['--etcd', word.slice('--etcd='.length)] : [word],
  );
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--etcd') {
      const version = etcdVersions.find((known) => known === words[index + 1]);
      if (version === undefined) throw usage(`--etcd takes ${etcdVersions.join(' or ')}`);
      etcd = version;
      index++;
    } else if (/^[1-9]$/.test(word)) {
      count = Number(word);
    } else {
      throw usage(`up does not know ${word}: it takes a number of nodes from 1 to 9`);
    }
  }
  return { count, etcd };
}

/** Runs the command with this process's own standard streams; its exit code is ours, 128 + n after signal n. */
async function on(argv: readonly string[]): Promise<number> {
  const [name, ...command] = argv;
  if (name === undefined || command.length === 0) throw usage('on takes a node and a command');
  const node = (await runningNodes()).find((candidate) => candidate.name === name);
  if (node === undefined) throw usage(`there is no node ${name} in this lab`);
  const [program = '', ...rest] = await entering(node, command);
  const child = spawn(program, rest, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

async function runningNodes(): Promise<readonly Node[]> {
  const state = await readState();
  if (state === undefined)
    throw new Failure({ reason: 'no-lab', what: 'there is no lab on this machine', next: 'hack/lab up' });
  return nodesOf(state.count);
}

function usage(what: string): Failure {
  return new Failure({ reason: 'usage', what, next: 'hack/lab help', exit: exitCode.usage });
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
