import { Failure } from '../../core/failure.ts';
import type { JournalRecord, Outcome } from '../../core/operation/journal.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import type { Workload } from '../../core/operation/steps.ts';
import { filePath } from '../../core/operation/paths.ts';
import { allSteps } from '../../core/operation/plan.ts';
import type { Plan } from '../../core/operation/plan.ts';
import { stateOf } from '../../core/operation/state.ts';
import type { StepState } from '../../core/operation/state.ts';
import { givingBack } from '../../core/protocol/block-buffers.ts';
import type { Fences } from '../access/fences.ts';
import type { FromPeer, RecordCluster } from '../access/open-access.ts';
import type { Configuration } from '../configuration.ts';
import { controlOf } from '../host/control.ts';
import { readManifests } from '../host/manifest-directory.ts';
import { HostRoot } from '../host/root.ts';
import { hostCommand } from '../host/host-commands.ts';
import type { NodeEtcd } from '../serve/routes.ts';
import type { StepContext } from '../steps/step.ts';
import { FenceKeeper } from './fence-keeper.ts';
import { keepToolsAlways, lastVersion } from './keep-tools.ts';
import { StepRunner } from './runner.ts';
import { closedAlready, OperationStore } from './store.ts';
import { surveyNode } from './survey.ts';
import { setUpOn } from './workloads.ts';

export interface OperationParts {
  readonly configuration: Configuration;
  readonly etcd: NodeEtcd;
  readonly fromPeer: FromPeer;
  readonly fences: Fences;
  readonly recordCluster: RecordCluster;
  /** Into the agent's own log. */
  readonly say: (line: string) => void;
}

/** Everything that this agent has to do with operations: what it keeps of them, and what runs. */
export class Operations {
  readonly node: string;
  readonly root: HostRoot;
  readonly store: OperationStore;
  readonly runner: StepRunner;
  readonly fenceKeeper: FenceKeeper;
  readonly #parts: OperationParts;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: OperationParts) {
    const { node, hostRoot, stateDirectory } = parts.configuration;
    this.#parts = parts;
    this.node = node;
    this.root = new HostRoot(hostRoot);
    this.store = new OperationStore({ stateDirectory, node });
    this.runner = new StepRunner({
      node,
      store: this.store,
      contextFor: (id, progress) => this.#context(id, progress),
    });
    this.fenceKeeper = new FenceKeeper({
      ...{ node, stateDirectory, root: this.root, fences: parts.fences, say: parts.say },
      workloads: () => this.#workloads(),
      control: (workload) => this.#control(workload),
      leave: (operation) => this.#leave(operation),
    });
  }

  readonly survey = async (): Promise<NodeSurvey> => {
    const { configuration, etcd, fences } = this.#parts;
    const { stateDirectory } = configuration;
    const [fence] = fences.own();
    const survey = await surveyNode({
      node: this.node,
      root: this.root,
      stateDirectory,
      find: () => etcd.find(),
      endpoint: () => etcd.endpoint(),
      openOperation: async () => (await this.store.open())?.plan.id,
      lastVersion: () => lastVersion(stateDirectory),
      stopped: () => this.fenceKeeper.stopped(),
    });
    const fencedBy = fence === undefined ? {} : { fencedBy: fence.operation };
    return { ...survey, enrolled: fences.isEnrolled(), ...fencedBy };
  };

  /** What goes on by itself until `signal`. Nothing here fails. */
  async keep(signal: AbortSignal): Promise<void> {
    const { configuration, etcd, say } = this.#parts;
    const { stateDirectory } = configuration;
    await Promise.all([
      this.fenceKeeper.keep(signal),
      keepToolsAlways({ etcd, stateDirectory, root: this.root, say }, signal),
    ]);
  }

  /** One after the other: two that want to take up an operation must not both find that there is none. */
  async exclusively<Value>(action: () => Promise<Value>): Promise<Value> {
    const mine = this.#turn.then(action);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** What it leaves on the disk stays, but for what can be had again: the snapshot that was sent here. */
  async close(plan: Plan, outcome: Outcome, by: string): Promise<void> {
    if (this.runner.isBusy)
      throw new Failure({
        reason: 'step-running',
        what: `a step of ${plan.id} is running`,
        node: this.node,
        next: `kubectl etcd operation show ${plan.id}; close it when the step has ended`,
        exit: 5,
      });
    // A step that is asked for from here on comes after this, and finds it closed.
    await this.runner.inTurn(async () => {
      const { closed, journal } = await this.store.read(plan.id);
      if (closed) throw closedAlready(plan.id, this.node);
      this.#assertMayEnd(plan, journal, outcome);
      await this.store.append(plan.id, { event: 'closed', at: new Date().toISOString(), outcome, by });
    });
    const own = allSteps(plan).filter(({ node }) => node === this.node);
    const files = own.flatMap(({ does }) => {
      if (does.kind === 'receive') return [does.file, `${does.file}.part`];
      // Where nothing was touched there was nothing to be saved from.
      if (does.kind === 'safeguard' && outcome === 'withdrawn')
        return [does.file, `${does.file}.part`, `${does.file}.copy`, `${does.file}.copy.part`];
      return [];
    });
    await this.store.dropFiles(plan.id, files);
  }

  /**
   * The others have gone on without this node: what it was to do is not wanted any more, and must not keep it from anything else. Also an earlier
   * one, which the others have closed, or they would not have begun the next.
   */
  async #leave(operation: string): Promise<void> {
    const open = (await this.store.open())?.plan;
    if (open === undefined) return;
    const fencedAt = this.#parts.fences.own().find((fence) => fence.operation === operation)?.at ?? '';
    const isEarlier = ['restore', 'recover'].includes(open.kind) && open.createdAt < fencedAt;
    if (open.id !== operation && !isEarlier) return;
    const by = `the fence of ${operation}`;
    await this.runner.inTurn(() =>
      this.store.append(open.id, { event: 'closed', at: new Date().toISOString(), outcome: 'abandoned', by }),
    );
  }

  /** An outcome that this node's own journal does not bear out would hide that it is stopped half-way. */
  #assertMayEnd(plan: Plan, journal: readonly JournalRecord[], outcome: Outcome): void {
    const { steps, touched } = stateOf(plan, new Map([[this.node, journal]]));
    const own = allSteps(plan).filter(({ node }) => node === this.node);
    const all = (...wanted: StepState[]) => own.every(({ id }) => wanted.includes(steps.get(id) ?? 'open'));
    const may = {
      done: all('done'),
      withdrawn: !touched,
      'rolled-back': all('open', 'undone'),
      abandoned: true,
    }[outcome];
    if (may) return;
    throw new Failure({
      reason: 'operation-half-way',
      what: `the operation ${plan.id} cannot be closed as ${outcome} here`,
      node: this.node,
      why: own.map(({ id }) => `${id} ${steps.get(id) ?? 'open'}`).join(', '),
      next: `kubectl etcd operation show ${plan.id}; then resume, rollback or abandon it`,
      exit: 5,
    });
  }

  #context(operation: string, progress: StepContext['progress']): StepContext {
    const { configuration, etcd, fromPeer, fences, recordCluster } = this.#parts;
    const { node, hostRoot, stateDirectory } = configuration;
    const run = hostCommand(hostRoot === '/');
    const signal = new AbortController().signal;
    return {
      ...{ node, operation, stateDirectory, run, progress, signal, fences, recordCluster },
      root: this.root,
      folder: this.store.folderOf(operation),
      etcd: () => etcd.endpoint(),
      etcdProcess: () => etcd.process(),
      control: (workload) => this.#control(workload),
      fetch: (from, file) => givingBack(fromPeer(from, filePath(operation, file), signal)),
    };
  }

  #control(workload: Workload) {
    const { node, hostRoot, processDirectory } = this.#parts.configuration;
    return controlOf(workload, { node, root: this.root, run: hostCommand(hostRoot === '/'), processDirectory });
  }

  /** In the local mode there is no Kubernetes to look at. */
  async #workloads(): Promise<Workload[]> {
    const { node, processDirectory } = this.#parts.configuration;
    if (processDirectory !== undefined) return [{ by: 'process', component: 'etcd' }];
    return setUpOn(await readManifests(this.root), { root: this.root, node });
  }
}
