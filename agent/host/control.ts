import type { Workload } from '../../core/operation/steps.ts';
import type { HostCommand } from './host-commands.ts';
import { ProcessControl } from './process-control.ts';
import type { HostRoot } from './root.ts';
import { StaticPodControl } from './static-pod-control.ts';
import { SystemdControl } from './systemd-control.ts';

export interface ControlOptions {
  readonly signal: AbortSignal;
  /** What is waited for, in a few words. */
  readonly progress: (text: string) => void;
}

/**
 * Stops and starts one thing that runs on this node: a driver for each way in which it may be run. All may be called again after a crash at any
 * point.
 */
export interface WorkloadControl {
  readonly isRunning: () => Promise<boolean>;
  /**
   * Sees to it that nothing starts it, stops it, and returns when it has surely gone.
   * @param graceSeconds it may take to end by itself.
   * @throws {Failure} `not-stopped`; `manifest-came-back`.
   */
  readonly stop: (graceSeconds: number, options: ControlOptions) => Promise<void>;
  /**
   * Lets it run, and returns when it does.
   * @param edit what the file that configures it (etcdConfigurationOf) is to say from now on; the one of before stays aside.
   * @throws {Failure} `not-started`, with the last words of what failed.
   */
  readonly start: (
    options: ControlOptions & { readonly edit?: ((text: string) => string) | undefined },
  ) => Promise<void>;
  /** `stop` for what `start` has begun, so that another `start` brings back what was there before the first `stop`. */
  readonly takeBack: (graceSeconds: number, options: ControlOptions) => Promise<void>;
}

export interface ControlParts {
  readonly node: string;
  readonly root: HostRoot;
  readonly run: HostCommand;
  /** The local mode's folder. */
  readonly processDirectory: string | undefined;
}

export function controlOf(workload: Workload, parts: ControlParts): WorkloadControl {
  switch (workload.by) {
    case 'static-pod':
      return new StaticPodControl(workload, parts);
    case 'systemd':
      return new SystemdControl(workload, parts);
    case 'process':
      if (parts.processDirectory === undefined) throw new Error('a plain process, and no folder that describes it');
      return new ProcessControl(parts.processDirectory, parts.node);
  }
}
