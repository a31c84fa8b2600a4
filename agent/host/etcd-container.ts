import { Failure } from '../../core/failure.ts';
import type { EtcdProcess } from '../../core/protocol/messages.ts';
import { ContainerRuntime } from '../runtime/cri.ts';
import type { ContainerStatus, RuntimeContainer } from '../runtime/cri-messages.ts';
import { findRuntimeSocket } from '../runtime/socket.ts';
import { lastErrorOf } from './last-error.ts';
import { lastLines } from './last-lines.ts';
import { containerLines } from './log-lines.ts';
import { noPreviousLog, podLogFiles } from './pod-logs.ts';
import type { NamedContainer } from './pod-logs.ts';
import type { HostRoot } from './root.ts';

/**
 * The containers of one static pod's etcd as the runtime knows them, the newest first. The kubelet labels every container that it makes.
 * @throws {Failure} `runtime-not-found`, `runtime-unavailable`.
 */
async function etcdContainers(
  runtime: ContainerRuntime,
  { namespace, podName, container }: NamedContainer,
): Promise<readonly RuntimeContainer[]> {
  return runtime.containers({
    'io.kubernetes.container.name': container,
    'io.kubernetes.pod.namespace': namespace,
    'io.kubernetes.pod.name': podName,
  });
}

/** What the runtime says of the newest container: `unknown`, with the reason, where it does not answer. */
export async function containerState(root: HostRoot, named: NamedContainer): Promise<EtcdProcess> {
  try {
    using runtime = new ContainerRuntime(await findRuntimeSocket(root));
    const [newest] = await etcdContainers(runtime, named);
    if (newest === undefined) return { state: 'absent' };
    const status = await runtime.containerStatus(newest.id);
    const lastError = status.state === 'running' ? undefined : await whyStopped(root, status);
    return {
      state: status.state,
      ...(status.pid === undefined ? {} : { pid: status.pid }),
      ...(status.startedAt === 0n ? {} : { startedAt: new Date(Number(status.startedAt / 1_000_000n)).toISOString() }),
      ...(status.state === 'exited' ? { exitCode: status.exitCode } : {}),
      restarts: newest.metadata.attempt,
      ...(lastError === undefined ? {} : { lastError }),
    };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { state: 'unknown', lastError: thrown.message };
  }
}

async function whyStopped(root: HostRoot, status: ContainerStatus): Promise<string | undefined> {
  // The log of a process killed by the kernel ends in the middle of something else.
  if (status.reason === 'OOMKilled') return 'killed: out of memory';
  const lines = await lastLines({ newest: async () => root.here(status.logPath), decoder: containerLines });
  const said = lastErrorOf(lines);
  if (said !== undefined) return said;
  // A container that could not be started has no log; the runtime knows why.
  const runtimeWords = status.message === '' ? status.reason : status.message;
  return ['', 'Completed', 'Error'].includes(runtimeWords) ? undefined : runtimeWords.slice(0, 200);
}

/**
 * The log of the newest container, or of the newest that is dead, as this process finds it; without the runtime what lies in the kubelet's
 * folder has to do, where the newest but one counts as dead.
 * @throws {Failure} `no-log`.
 */
export async function containerLogFile(root: HostRoot, named: NamedContainer, previous: boolean): Promise<string> {
  const told = await logPathFromRuntime(root, named, previous);
  if (told !== undefined) return root.here(told);
  const files = await podLogFiles(root, named);
  const file = files[previous ? 1 : 0];
  if (file !== undefined) return file;
  if (previous) throw noPreviousLog();
  throw new Failure({
    reason: 'no-log',
    what: "cannot find etcd's log",
    why: `there is no container of ${named.podName} and no file of it in /var/log/pods`,
    next: 'on the node: journalctl -u kubelet says why the kubelet does not start it',
  });
}

async function logPathFromRuntime(
  root: HostRoot,
  named: NamedContainer,
  previous: boolean,
): Promise<string | undefined> {
  try {
    using runtime = new ContainerRuntime(await findRuntimeSocket(root));
    const containers = await etcdContainers(runtime, named);
    const wanted = previous ? containers.find(({ state }) => state === 'exited') : containers[0];
    if (wanted === undefined) return undefined;
    const { logPath } = await runtime.containerStatus(wanted.id);
    return logPath === '' ? undefined : logPath;
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return undefined;
  }
}
