import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { Failure, messageOf, systemCode } from '../../core/failure.ts';
import type { KeptReply } from '../../core/operation/messages.ts';
import { workload } from '../../core/operation/steps.ts';
import type { Workload } from '../../core/operation/steps.ts';
import { decodeJson } from '../../core/protocol/decode.ts';
import type { Fences } from '../access/fences.ts';
import type { WorkloadControl } from '../host/control.ts';
import type { HostRoot } from '../host/root.ts';
import { isThere } from '../host/durable.ts';
import { syncPath } from '../host/sync-tree.ts';

/** Somebody may start it again, or put a manifest back. */
const lookEveryMs = 3_000;
/** Where there is no fence all that can come is told at once; a lifted one is forgotten when etcd runs again. */
const idleLookEveryMs = 60_000;
/** As the stop step: what etcd has acknowledged is in its write-ahead log. */
const graceSeconds = 2;
const file = 'fence.json';

/** What a fence has stopped here, on the disk before it is. */
const keptFence = v.object({ operation: v.string(), workloads: v.array(workload) });
type KeptFence = v.InferOutput<typeof keptFence>;

export interface FenceParts {
  readonly node: string;
  readonly root: HostRoot;
  readonly stateDirectory: string;
  readonly fences: Pick<Fences, 'own' | 'isEnrolled' | 'onChange'>;
  /** etcd and the control plane as they are set up now; what was moved aside is not among them. */
  readonly workloads: () => Promise<readonly Workload[]>;
  readonly control: (workload: Workload) => WorkloadControl;
  /** The operation goes on without this node: it is over here. */
  readonly leave: (operation: string) => Promise<void>;
  /** Into the agent's own log. */
  readonly say: (line: string) => void;
}

/**
 * Keeps etcd and the control plane of a fenced node stopped, for as long as the fence holds, whoever starts them. Moves manifests aside, and nothing
 * else: the data stays where it is. A fence that is lifted starts nothing.
 */
export class FenceKeeper {
  readonly #parts: FenceParts;
  #woken = Promise.withResolvers<undefined>();
  #kept: KeptFence | undefined;
  /** Why not all of it could be stopped, at the last look. */
  #problem: string | undefined;
  /** Whether this process has stopped everything once: what it did before it was started anew may have been half of it. */
  #isSure = false;

  constructor(parts: FenceParts) {
    this.#parts = parts;
    parts.fences.onChange(() => this.#woken.resolve(undefined));
  }

  /** Until `signal`. Nothing here fails: what does not go is tried again. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#woken = Promise.withResolvers();
      try {
        await this.#look();
        this.#problem = undefined;
      } catch (thrown) {
        if (this.#problem !== messageOf(thrown)) this.#parts.say(`fence: ${messageOf(thrown)}`);
        this.#problem = messageOf(thrown);
      }
      const afterMs = this.fence === undefined ? idleLookEveryMs : lookEveryMs;
      const passed = new AbortController();
      const waiting = sleep(afterMs, undefined, { signal: AbortSignal.any([signal, passed.signal]), ref: false });
      await Promise.race([waiting, this.#woken.promise]).catch(() => undefined);
      passed.abort();
      await waiting.catch(() => undefined);
    }
  }

  /** The one that holds for this node. Without a register that can be read, the last that held: nothing says that it was lifted. */
  get fence(): { readonly operation: string } | undefined {
    const { fences } = this.#parts;
    return fences.own()[0] ?? (fences.isEnrolled() ? undefined : this.#kept);
  }

  /** Why etcd does not run here, where that is a fence's doing: one that holds, or one that was lifted, and has left it stopped. */
  keptStopped(): Failure | undefined {
    const { node } = this.#parts;
    if (this.fence !== undefined) return fenced(this.fence, node, this.#problem);
    return this.#kept && fenceLifted(this.#kept, node);
  }

  /** @throws {Failure} `node-fenced`. */
  assertNotFenced(): void {
    if (this.fence !== undefined) throw fenced(this.fence, this.#parts.node, this.#problem);
  }

  /** What the fence that holds has stopped here, as it ran; nothing where there is none. */
  async stopped(): Promise<readonly Workload[]> {
    if (this.fence === undefined) return [];
    const kept = this.#kept ?? (await this.#read());
    // What was put in place later went aside later: the first is what ran.
    return [...new Map((kept?.workloads ?? []).toReversed().map((each) => [nameOf(each), each])).values()].reverse();
  }

  /** The manifests that it has moved aside, also those of a fence that was lifted: nothing else says where they are. */
  async movedAside(): Promise<KeptReply['kept']> {
    const { root } = this.#parts;
    const kept = this.#kept ?? (await this.#read());
    const pods = (kept?.workloads ?? []).flatMap((each) => (each.by === 'static-pod' ? [each] : []));
    const found = await Promise.all(
      pods.map(async ({ aside, file, component }) => {
        const status = await stat(await root.here(aside)).catch(() => undefined);
        if (status === undefined || kept === undefined) return [];
        const { size: sizeBytes, ctime } = status;
        const what = `manifest of ${component}, stopped by the fence`;
        return [
          {
            operation: kept.operation,
            path: aside,
            what,
            sizeBytes,
            since: ctime.toISOString(),
            inPlaceOf: file,
            held: true,
          },
        ];
      }),
    );
    return found.flat();
  }

  async #look(): Promise<void> {
    this.#kept ??= await this.#read();
    const { fence } = this;
    if (fence !== undefined) {
      await this.#stopAll(fence.operation);
      await this.#parts.leave(fence.operation);
    } else {
      this.#isSure = false;
      await this.#forgetIfRunning();
    }
  }

  async #stopAll(operation: string): Promise<void> {
    const known = this.#kept?.workloads ?? [];
    const present = await this.#placed(operation);
    const added = present.filter((each) => !known.some((other) => isSame(each, other)));
    if (added.length > 0 || this.#kept?.operation !== operation)
      await this.#write({ operation, workloads: [...known, ...added] });
    if (added.length > 0) this.#parts.say(`fenced by ${operation}: stopping ${added.map(nameOf).join(', ')}`);
    // A manifest that is in its place first: only then is there room for saying that what was moved before it is gone.
    const placed = present.filter(({ by }) => by === 'static-pod');
    await this.#stopEach(placed);
    const others = [...known, ...added].filter((each) => !placed.some((other) => isSame(each, other)));
    const running = await Promise.all(
      others.map(async (each) => !this.#isSure || (await this.#parts.control(each).isRunning())),
    );
    await this.#stopEach(others.filter((_, at) => running[at]));
    this.#isSure = true;
  }

  /** All of them, also where one fails. @throws the first failure. */
  async #stopEach(workloads: readonly Workload[]): Promise<void> {
    const options = { signal: new AbortController().signal, progress: () => undefined };
    const stopping = workloads.map((each) => this.#parts.control(each).stop(graceSeconds, options));
    for (const outcome of await Promise.allSettled(stopping)) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** What would run, manifests with a place under the operation's id that is still free: none that was kept there is replaced. */
  async #placed(operation: string): Promise<Workload[]> {
    const present = await this.#parts.workloads();
    return Promise.all(
      present.map(async (each) => {
        if (each.by !== 'static-pod') return each;
        const first = posix.join(posix.dirname(each.aside), operation, posix.basename(each.aside));
        let aside = first;
        for (let number = 2; await isThere(await this.#parts.root.here(aside)); number += 1)
          aside = `${first}.${number}`;
        return { ...each, aside };
      }),
    );
  }

  /** A lifted fence is of no interest when somebody has started etcd again. */
  async #forgetIfRunning(): Promise<void> {
    const etcd = this.#kept?.workloads.filter(({ component }) => component === 'etcd') ?? [];
    if (this.#kept === undefined) return;
    const running = await Promise.all(etcd.map((each) => this.#parts.control(each).isRunning()));
    if (!running.includes(true)) return;
    await rm(this.#file, { force: true });
    this.#kept = undefined;
  }

  get #file(): string {
    return join(this.#parts.stateDirectory, file);
  }

  async #read(): Promise<KeptFence | undefined> {
    try {
      return decodeJson(keptFence, await readFile(this.#file, 'utf8'), { what: file });
    } catch (thrown) {
      // What is placed is stopped all the same, and written down anew.
      if (systemCode(thrown) !== 'ENOENT') this.#parts.say(`${this.#file}: ${messageOf(thrown)}`);
      return undefined;
    }
  }

  async #write(kept: KeptFence): Promise<void> {
    const part = `${this.#file}.part`;
    {
      await using handle = await open(part, 'w', 0o600);
      await handle.writeFile(`${JSON.stringify(kept, null, 1)}\n`);
      await handle.sync();
    }
    await rename(part, this.#file);
    await syncPath(this.#parts.stateDirectory);
    this.#kept = kept;
  }
}

function fenced({ operation }: { readonly operation: string }, node: string, problem: string | undefined): Failure {
  const stopped = problem === undefined ? 'are kept stopped' : `are to be stopped, which does not go yet (${problem})`;
  return new Failure({
    reason: 'node-fenced',
    what: `fenced by ${operation}, which has left this node out: etcd and API server ${stopped}, and the old data stays as it is`,
    node,
    next: `kubectl etcd operation show ${operation}; it comes back by kubectl etcd member rejoin ${node}`,
    exit: 5,
  });
}

function fenceLifted({ operation, workloads }: KeptFence, node: string): Failure {
  // What was put in place later went aside later: the first is what ran.
  const first = new Map(workloads.toReversed().map((each) => [nameOf(each), each]));
  return new Failure({
    reason: 'fence-lifted',
    what: `the fence of ${operation} was lifted, and that starts nothing: what it has stopped here is still stopped`,
    node,
    next: `on the node: ${[...first.values()].reverse().map(howToStart).join('; ')}`,
  });
}

function isSame(one: Workload, other: Workload): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function nameOf(each: Workload): string {
  return each.by === 'systemd' ? each.unit : each.component;
}

function howToStart(each: Workload): string {
  switch (each.by) {
    case 'static-pod':
      return `mv ${each.aside} ${each.file}`;
    case 'systemd':
      return `rm /etc/systemd/system/${each.unit}.d/99-kubectl-etcd-stopped.conf && systemctl daemon-reload && systemctl start ${each.unit}`;
    case 'process':
      return `start ${each.component}`;
  }
}
