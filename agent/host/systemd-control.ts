import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asFailure, Failure } from '../../core/failure.ts';
import type { Workload } from '../../core/operation/steps.ts';
import { syncPath } from './sync-tree.ts';
import type { ControlOptions, ControlParts, WorkloadControl } from './control.ts';

const held = `# Written by kubectl etcd while an operation keeps this stopped, and taken away when it is started again: kubectl etcd operation list
[Unit]
ConditionPathExists=/run/kubectl-etcd/an-operation-keeps-this-stopped
`;

/** A service of systemd: systemd itself waits until it has stopped, or has started. */
export class SystemdControl implements WorkloadControl {
  readonly #unit: string;
  readonly #parts: ControlParts;

  constructor({ unit }: Extract<Workload, { by: 'systemd' }>, parts: ControlParts) {
    this.#unit = unit;
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
  }

  async start({ progress }: ControlOptions): Promise<void> {
    progress(`starting ${this.#unit}`);
    await this.#release();
    // One that failed too often is not started again before this is forgotten.
    await this.#parts.run(['systemctl', 'reset-failed', this.#unit]).catch(() => undefined);
    await this.#systemctl('start', '--no-block');
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
