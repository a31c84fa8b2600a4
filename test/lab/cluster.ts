/** The lab for end-to-end tests: `const lab = await useLab()`, then `lab.kubectl([...])`, `lab.on('cp1', [...])`. */
import { Failure } from '../../core/failure.ts';
import { attempt } from './command.ts';
import type { CommandOptions, CommandResult } from './command.ts';
import { ailments, etcdctlOnNode, untilHealthy } from './health.ts';
import { kubernetesBinaries } from './kubernetes-build.ts';
import { onNode } from './machine.ts';
import { doToNodes } from './node-verbs.ts';
import type { NodeVerbName } from './node-verbs.ts';
import { readState } from './state.ts';
import { kubeconfigPath, nodesOf } from './where.ts';
import type { EtcdVersion, Node } from './where.ts';

export interface Lab {
  readonly nodes: readonly Node[];
  /** The administrator's, at the address of cp1. */
  readonly kubeconfig: string;
  readonly etcd: EtcdVersion;
  /** Path of the kubectl of the lab's Kubernetes. */
  readonly kubectlPath: string;
  /** Runs kubectl on this machine as the administrator; the exit code is the caller's to judge. */
  readonly kubectl: (argv: readonly string[], options?: CommandOptions) => Promise<CommandResult>;
  /** Runs a command inside a node as root. @throws {Failure} `node-off`, `no-such-node` */
  readonly on: (node: string, argv: readonly string[], options?: CommandOptions) => Promise<CommandResult>;
  /** Runs etcdctl inside a node, against its own member unless an `--endpoints` says otherwise: the second opinion of tests. */
  readonly etcdctl: (node: string, argv: readonly string[], options?: CommandOptions) => Promise<CommandResult>;
  /** What happens on a bad day, to these nodes at once. @throws {Failure} `usage` for a name that is no node's */
  readonly happens: (what: NodeVerbName, ...nodes: readonly string[]) => Promise<void>;
  /** Waits until all API servers and all members are healthy again. @throws {Failure} `timed-out` saying what is not. */
  readonly untilHealthy: (options: { readonly timeoutMs: number }) => Promise<void>;
}

/** The lab that is up. @throws {Failure} `no-lab` or `lab-not-healthy`: a test must not begin on what another one left behind. */
export async function useLab(): Promise<Lab> {
  const state = await readState();
  if (state?.phase !== 'ready')
    throw new Failure({ reason: 'no-lab', what: 'there is no lab on this machine', next: 'hack/lab up' });
  const nodes = nodesOf(state.count);
  const wrong = await ailments(nodes);
  if (wrong.length > 0) {
    throw new Failure({
      reason: 'lab-not-healthy',
      what: 'the lab is not healthy',
      why: wrong.join('; '),
      next: 'hack/lab up repairs it or starts anew',
    });
  }
  const kubectlPath = (await kubernetesBinaries()).kubectl;
  const on: Lab['on'] = async (name, argv, options) => {
    const node = nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new Failure({ reason: 'no-such-node', what: `there is no node ${name} in this lab` });
    return await onNode(node, argv, options);
  };
  return {
    ...{ nodes, kubeconfig: kubeconfigPath, etcd: state.etcd, kubectlPath, on },
    kubectl: (argv, options) => attempt([kubectlPath, `--kubeconfig=${kubeconfigPath}`, ...argv], options),
    etcdctl: (node, argv, options) => on(node, [...etcdctlOnNode, ...argv], options),
    happens: (what, ...names) => doToNodes(what, names),
    untilHealthy: (options) => untilHealthy(nodes, options),
  };
}
