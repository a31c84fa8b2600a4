import type { DataPlaces, StepKind, StepOf, Workload } from '../../core/operation/steps.ts';
import type { EtcdProcess } from '../../core/protocol/messages.ts';
import type { Fences } from '../access/fences.ts';
import type { MemberEndpoint } from '../etcd/member-client.ts';
import type { WorkloadControl } from '../host/control.ts';
import type { HostRoot } from '../host/root.ts';
import type { HostCommand } from '../host/host-commands.ts';

/** What a step can count on while it runs on its node. */
export interface StepContext {
  readonly node: string;
  /** Of the operation, so that what it leaves on the disk can be told from what others leave. */
  readonly operation: string;
  /** The operation's own folder on this node: 0700. */
  readonly folder: string;
  readonly stateDirectory: string;
  readonly root: HostRoot;
  /** Commands of the host. */
  readonly run: HostCommand;
  /** How to talk to etcd of this node, as it is set up now. @throws {Failure} */
  readonly etcd: () => Promise<MemberEndpoint>;
  /** What runs it, and why it does not. */
  readonly etcdProcess: () => Promise<EtcdProcess>;
  readonly control: (workload: Workload) => WorkloadControl;
  /** The nodes that must not run etcd any more. */
  readonly fences: Pick<Fences, 'all' | 'put'>;
  /** Into the register that all agents share: the UID of the cluster's kube-system. */
  readonly recordCluster: (uid: string, signal: AbortSignal) => Promise<void>;
  /** A file of this operation as the agent of another node has it. */
  readonly fetch: (node: string, file: string) => AsyncIterable<Buffer>;
  /** How far it is; as cheap as an assignment. */
  readonly progress: (text: string, doneBytes?: number, totalBytes?: number) => void;
  readonly signal: AbortSignal;
}

/**
 * One kind of step. `apply` and `undo` may be called again after any crash, at any point: they look at the node, not at what they remember.
 */
export interface StepDriver<Kind extends StepKind> {
  /** Does what is left to do, which is nothing where it is done. @returns what the report and later steps want to know. */
  readonly apply: (step: StepOf<Kind>, context: StepContext) => Promise<unknown>;
  /** Brings back what was before `apply`, also where that stopped half-way. */
  readonly undo: (step: StepOf<Kind>, context: StepContext) => Promise<void>;
}

/** What an operation leaves beside the data: what it has built, and what it has moved aside. Paths of the host. */
export function besidePaths({ besideData, besideWal }: DataPlaces) {
  return {
    built: `${besideData}/kubectl-etcd-new`,
    builtWal: besideWal === undefined ? undefined : `${besideWal}/kubectl-etcd-new-wal`,
    kept: `${besideData}/old`,
    keptWal: besideWal === undefined ? undefined : `${besideWal}/old-wal`,
    /** The new data, when it was in use and has been taken out again. */
    undone: `${besideData}/undone`,
    undoneWal: besideWal === undefined ? undefined : `${besideWal}/undone-wal`,
  };
}
