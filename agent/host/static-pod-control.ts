import { open, rename } from 'node:fs/promises';
import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.ts';
import type { Workload } from '../../core/operation/steps.ts';
import { isThere, renameDurably } from './durable.ts';
import { syncPath } from './sync-tree.ts';
import type { RuntimeContainer } from '../runtime/cri-messages.ts';
import { ContainerRuntime } from '../runtime/cri.ts';
import { findRuntimeSocket } from '../runtime/socket.ts';
import type { ControlOptions, ControlParts, WorkloadControl } from './control.ts';
import { containerState } from './etcd-container.ts';
import { yamlLimitBytes } from './bounded-yaml.ts';

type StaticPod = Extract<Workload, { by: 'static-pod' }>;

/** The kubelet hears of a manifest that goes within milliseconds; after that it does not start its containers again. */
const noticedAfterMs = 200;
const lookEveryMs = 100;
const goneWithinMs = 60_000;
/**
 * A kubelet that fails at its first try, because what it remembers of the pod before is a second old, tries again after 10 to 15 s. A manifest that goes
 * and comes is tried at once. Since 1.22 it may take 3 s of its own where all is well.
 */
const placedAgainAfterMs = 5_000;
const forgottenAfterMs = 1_200;
/** FACTS: a kubelet that was started while the API server was down may not start what is placed (k8s#105543). */
const kubeletSlowAfterMs = 30_000;
const runsWithinMs = 120_000;

/**
 * A static pod. Its manifest is moved out of the kubelet's folder, and its containers are stopped over CRI at once: the kubelet may take its time,
 * or may not notice at all (k8s#112814).
 */
export class StaticPodControl implements WorkloadControl {
  readonly #pod: StaticPod;
  readonly #parts: ControlParts;

  constructor(pod: StaticPod, parts: ControlParts) {
    this.#pod = pod;
    this.#parts = parts;
  }

  async isRunning(): Promise<boolean> {
    using runtime = await this.#runtime();
    return (await this.#living(runtime)).length > 0;
  }

  async stop(graceSeconds: number, options: ControlOptions): Promise<void> {
    const { file, aside } = await this.#here();
    await this.#putBack(file);
    const [placed, kept] = await Promise.all([isThere(file), isThere(aside)]);
    if (placed && kept) throw this.#cameBack();
    if (placed) await renameDurably(file, aside);
    await this.#untilGone(graceSeconds, options);
  }

  async takeBack(graceSeconds: number, options: ControlOptions): Promise<void> {
    const { file, aside } = await this.#here();
    await this.#putBack(file);
    if (await isThere(file)) await renameDurably(file, (await isThere(aside)) ? `${aside}.edited` : aside);
    await this.#untilGone(graceSeconds, options);
  }

  async start(options: ControlOptions & { readonly edit?: ((text: string) => string) | undefined }): Promise<void> {
    const { file, aside } = await this.#here();
    await this.#putBack(file);
    if (!(await isThere(file))) {
      if (!(await isThere(aside))) throw this.#nothingToPlace();
      if (options.edit === undefined) await renameDurably(aside, file);
      else
        await this.#place(options.edit(await this.#parts.root.readText(this.#pod.aside, yamlLimitBytes)), file, aside);
    }
    await this.#untilRunning(file, options);
  }

  /** Away, and back when the kubelet has noticed: to the kubelet that is another pod. A crash in between is made good by `#putBack`. */
  async #placeAgain(file: string, signal: AbortSignal): Promise<void> {
    await rename(file, passedOver(file, 'again'));
    await sleep(forgottenAfterMs, undefined, { signal });
    await this.#putBack(file);
  }

  async #putBack(file: string): Promise<void> {
    const again = passedOver(file, 'again');
    if ((await isThere(again)) && !(await isThere(file))) await renameDurably(again, file);
  }

  /** Beside it under a name that the kubelet passes over, made durable, and renamed. */
  async #place(text: string, file: string, like: string): Promise<void> {
    const part = passedOver(file, 'part');
    await using original = await open(like);
    const { mode, uid, gid } = await original.stat();
    {
      await using handle = await open(part, 'w', mode);
      await handle.chmod(mode);
      await handle.chown(uid, gid);
      await handle.writeFile(text);
      await handle.sync();
    }
    await rename(part, file);
    await syncPath(posix.dirname(file));
  }

  async #untilGone(graceSeconds: number, { signal, progress }: ControlOptions): Promise<void> {
    progress(`stopping ${this.#pod.component}`);
    using runtime = await this.#runtime();
    const endMs = performance.now() + goneWithinMs + graceSeconds * 1000;
    await sleep(noticedAfterMs, undefined, { signal });
    // Once could be the moment between a container that has ended and its successor.
    for (let emptyLooks = 0; emptyLooks < 2;) {
      const late = performance.now() > endMs;
      try {
        const [containers, sandboxes] = await Promise.all([this.#containers(runtime), this.#sandboxes(runtime)]);
        const living = containers.filter(isLiving);
        emptyLooks = living.length + sandboxes.length === 0 ? emptyLooks + 1 : 0;
        if (late && emptyLooks === 0) throw this.#notStopped(living.length, sandboxes.length);
        // One that goes by itself meanwhile is no failure, and one that stays is seen again.
        await Promise.allSettled(living.map(({ id }) => runtime.stopContainer(id, graceSeconds)));
        // To the kubelet it has crashed: where it finds it, the same manifest placed again waits 10 s, then 20, up to five minutes (CrashLoopBackOff).
        await Promise.allSettled(containers.map(({ id }) => runtime.removeContainer(id)));
        await Promise.allSettled(sandboxes.map(({ id }) => runtime.stopPodSandbox(id)));
      } catch (thrown) {
        // A runtime that is busy, or is being started anew.
        if (late || !(thrown instanceof Failure) || thrown.reason !== 'runtime-unavailable') throw thrown;
        progress(`stopping ${this.#pod.component}: ${thrown.what}`);
      }
      await sleep(lookEveryMs, undefined, { signal });
    }
  }

  async #untilRunning(file: string, { signal, progress }: ControlOptions): Promise<void> {
    progress(`starting ${this.#pod.component}`);
    using runtime = await this.#runtime();
    const begunMs = performance.now();
    let placedAgain = false;
    let restarted = false;
    for (;;) {
      const containers = await this.#containers(runtime).catch(() => undefined);
      if (containers?.some(isLiving) === true) return;
      const waitedMs = performance.now() - begunMs;
      if (waitedMs > runsWithinMs) throw await this.#notStarted();
      if (waitedMs > placedAgainAfterMs && !placedAgain && containers?.length === 0) {
        placedAgain = true;
        await this.#placeAgain(file, signal);
      } else if (waitedMs > kubeletSlowAfterMs && !restarted) {
        restarted = true;
        progress(`starting ${this.#pod.component}: the kubelet does not, and is started anew`);
        await this.#parts.run(['systemctl', 'restart', 'kubelet']);
      }
      await sleep(lookEveryMs, undefined, { signal });
    }
  }

  async #living(runtime: ContainerRuntime) {
    return (await this.#containers(runtime)).filter(isLiving);
  }

  async #containers(runtime: ContainerRuntime) {
    return runtime.containers({ ...this.#labels(), 'io.kubernetes.container.name': this.#pod.container });
  }

  async #sandboxes(runtime: ContainerRuntime) {
    return (await runtime.podSandboxes(this.#labels())).filter(({ state }) => state);
  }

  #labels() {
    return { 'io.kubernetes.pod.namespace': this.#pod.namespace, 'io.kubernetes.pod.name': this.#pod.pod };
  }

  async #runtime(): Promise<ContainerRuntime> {
    return new ContainerRuntime(await findRuntimeSocket(this.#parts.root));
  }

  /** As this process finds them. */
  async #here() {
    const { root } = this.#parts;
    return { file: await root.here(this.#pod.file), aside: await root.here(this.#pod.aside) };
  }

  #cameBack(): Failure {
    return new Failure({
      reason: 'manifest-came-back',
      what: `there is a manifest ${this.#pod.file} again`,
      node: this.#parts.node,
      why: `it was moved to ${this.#pod.aside}, which is still there: somebody has put another in its place`,
      next: `on the node, keep the one that is meant under ${this.#pod.aside}, and take the other away; then resume`,
    });
  }

  #nothingToPlace(): Failure {
    return new Failure({
      reason: 'manifest-lost',
      what: `there is no manifest to start ${this.#pod.component} with`,
      node: this.#parts.node,
      why: `neither ${this.#pod.file} nor ${this.#pod.aside} is there`,
      next: `on the node: put the manifest to ${this.#pod.aside}; then resume`,
    });
  }

  #notStopped(containers: number, sandboxes: number): Failure {
    return new Failure({
      reason: 'not-stopped',
      what: `${this.#pod.component} does not stop`,
      node: this.#parts.node,
      why: `${containers} containers and ${sandboxes} sandboxes of ${this.#pod.pod} are still there`,
      next: 'on the node: systemctl status containerd kubelet; then resume or rollback',
    });
  }

  async #notStarted(): Promise<Failure> {
    const { namespace, pod, container } = this.#pod;
    const state = await containerState(this.#parts.root, { namespace, podName: pod, container });
    return new Failure({
      reason: 'not-started',
      what: `${this.#pod.component} does not run ${runsWithinMs / 1000} s after its manifest was placed`,
      node: this.#parts.node,
      why: state.lastError ?? `the kubelet has not started it: its newest container is ${state.state}`,
      next: 'on the node: journalctl -u kubelet; then resume or rollback',
    });
  }
}

/** A name beside a manifest that the kubelet passes over. */
function passedOver(file: string, what: 'part' | 'again'): string {
  return posix.join(posix.dirname(file), `.${posix.basename(file)}.${what}`);
}

function isLiving({ state }: RuntimeContainer): boolean {
  return state === 'running';
}
