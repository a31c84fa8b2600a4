import { link, mkdir, open, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asFailure, Failure } from '../../core/failure.ts';
import type { Workload } from '../../core/operation/steps.ts';
import { isThere, makeFolders, renameDurably } from './durable.ts';
import { syncPath } from './sync-tree.ts';
import type { ControlOptions, ControlParts, WorkloadControl } from './control.ts';

const held = `# Written by kubectl etcd while an operation keeps this stopped, and taken away when it is started again: kubectl etcd operation list
[Unit]
ConditionPathExists=/run/kubectl-etcd/an-operation-keeps-this-stopped
`;

type SystemdUnit = Extract<Workload, { by: 'systemd' }>;

/** A service of systemd: systemd itself waits until it has stopped, or has started. */
export class SystemdControl implements WorkloadControl {
  readonly #unit: string;
  readonly #environment: SystemdUnit['environment'];
  readonly #parts: ControlParts;

  constructor({ unit, environment }: SystemdUnit, parts: ControlParts) {
    this.#unit = unit;
    this.#environment = environment;
    this.#parts = parts;
  }

  async isRunning(): Promise<boolean> {
    // is-active ends with another exit code where it does not run.
    const state = await this.#parts.run(['systemctl', 'show', '--property=ActiveState', '--value', this.#unit]);
    return !['inactive', 'failed'].includes(state.trim());
  }

  async stop(_graceSeconds: number, { progress }: ControlOptions): Promise<void> {
    progress(`stopping ${this.#unit}`);
    await this.#hold();
    await this.#systemctl('stop');
    if (await this.isRunning())
      throw new Failure({
        reason: 'not-stopped',
        what: `${this.#unit} does not stop`,
        node: this.#parts.node,
        next: `on the node: systemctl status ${this.#unit}`,
      });
  }

  async takeBack(graceSeconds: number, options: ControlOptions): Promise<void> {
    await this.stop(graceSeconds, options);
    if (this.#environment === undefined) return;
    const { file, aside } = await this.#here(this.#environment);
    if (await isThere(aside)) await renameDurably(aside, file);
  }

  async start({ progress, edit }: Parameters<WorkloadControl['start']>[0]): Promise<void> {
    progress(`starting ${this.#unit}`);
    if (edit !== undefined && this.#environment !== undefined) await this.#edit(edit, this.#environment);
    await this.#release();
    // One that failed too often is not started again before this is forgotten.
    await this.#parts.run(['systemctl', 'reset-failed', this.#unit]).catch(() => undefined);
    await this.#systemctl('start', '--no-block');
  }

  /** The original stays aside as it is, by another name of the same file; the unit has at any time the one or the other. */
  async #edit(edit: (text: string) => string, environment: NonNullable<SystemdUnit['environment']>): Promise<void> {
    const { file, aside } = await this.#here(environment);
    if (!(await isThere(aside))) {
      await makeFolders(dirname(aside));
      await link(file, aside);
      await syncPath(dirname(aside));
    }
    const text = edit(await readFile(aside, 'utf8'));
    const { mode, uid, gid } = await stat(aside);
    const part = `${file}.kubectl-etcd-part`;
    {
      await using handle = await open(part, 'w', mode);
      await handle.chmod(mode);
      await handle.chown(uid, gid);
      await handle.writeFile(text);
      await handle.sync();
    }
    await renameDurably(part, file);
  }

  async #here({ file, aside }: NonNullable<SystemdUnit['environment']>) {
    const { root } = this.#parts;
    return { file: await root.here(file), aside: await root.here(aside) };
  }

  /** Stopped is not enough: a node that reboots now would start it, on data that is being exchanged. */
  async #hold(): Promise<void> {
    const path = await this.#parts.root.here(this.#dropIn);
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await writeFile(path, held);
    await syncPath(path);
    await syncPath(dirname(path));
    await this.#parts.run(['systemctl', 'daemon-reload']);
  }

  async #release(): Promise<void> {
    const path = await this.#parts.root.here(this.#dropIn);
    await rm(path, { force: true });
    // Ours, where nobody else has put anything into it.
    await rmdir(dirname(path)).catch(() => undefined);
    await this.#parts.run(['systemctl', 'daemon-reload']);
  }

  get #dropIn(): string {
    return `/etc/systemd/system/${this.#unit}.d/99-kubectl-etcd-stopped.conf`;
  }

  async #systemctl(...words: string[]): Promise<void> {
    try {
      await this.#parts.run(['systemctl', ...words, this.#unit]);
    } catch (thrown) {
      throw asFailure(thrown, {
        reason: 'host-command-failed',
        what: `cannot ${words[0] ?? ''} ${this.#unit}`,
        node: this.#parts.node,
      });
    }
  }
}
