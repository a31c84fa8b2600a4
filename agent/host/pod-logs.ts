import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { HostRoot } from './root.ts';

const logFolder = '/var/log/pods';

/** A container of a static pod on this node. */
export interface NamedContainer {
  readonly namespace: string;
  /** With the node's name that the kubelet appended. */
  readonly podName: string;
  readonly container: string;
}

/**
 * The log files that the kubelet keeps of a container, the newest first, as this process finds them: for when the runtime does not answer.
 * `/var/log/pods/<namespace>_<pod>_<uid>/<container>/<restart>.log` (k8s pkg/kubelet/kuberuntime/helpers.go); rotated files are left out. An
 * edited manifest makes a pod with another uid and restarts that begin at 0, so the time of the last write orders the pods.
 */
export async function podLogFiles(
  root: HostRoot,
  { namespace, podName, container }: NamedContainer,
): Promise<readonly string[]> {
  const folders = ((await root.namesIn(logFolder)) ?? []).filter((name) => name.startsWith(`${namespace}_${podName}_`));
  const found: { path: string; restart: number; folder: string; writtenMs: number }[] = [];
  for (const folder of folders) {
    const inside = posix.join(logFolder, folder, container);
    for (const name of (await root.namesIn(inside)) ?? []) {
      const restart = /^(\d+)\.log$/.exec(name)?.[1];
      if (restart === undefined) continue;
      const path = await root.here(posix.join(inside, name));
      const status = await stat(path).catch(() => undefined);
      if (status !== undefined) found.push({ path, restart: Number(restart), folder, writtenMs: status.mtimeMs });
    }
  }
  found.sort((one, other) =>
    one.folder === other.folder ? other.restart - one.restart : other.writtenMs - one.writtenMs,
  );
  return found.map(({ path }) => path);
}

export function noPreviousLog(): Failure {
  return new Failure({
    reason: 'no-log',
    what: 'there is no log of an etcd container that died',
    why: 'the kubelet and the container runtime keep one of each pod, and none is there',
    next: 'without --previous: the log of the newest container',
  });
}
