import type { HostRoot } from './root.ts';

/** USER_HZ, the unit of process times in /proc: 100 on every architecture that Kubernetes runs on. */
const ticksPerSecond = 100;

export interface ProcessStart {
  /** Ticks from boot to the process's start: with the pid it names one process, also after the pid has been used again. */
  readonly startTime: number;
  readonly startedAt: string;
}

/** undefined where there is no such process or it is dead and merely not yet waited for. */
export async function processStart(root: HostRoot, pid: number): Promise<ProcessStart | undefined> {
  const status = await root.readTextIfThere(`/proc/${pid}/stat`).catch(() => undefined);
  // The second field is the program's name in parentheses and may hold anything: proc_pid_stat(5).
  const fields = status?.slice(status.lastIndexOf(')') + 2).split(' ');
  const startTime = Number(fields?.[19]);
  if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X' || !Number.isSafeInteger(startTime))
    return undefined;
  const bootedSeconds = Number(/^btime (\d+)$/m.exec(await root.readText('/proc/stat'))?.[1]);
  return { startTime, startedAt: new Date((bootedSeconds + startTime / ticksPerSecond) * 1000).toISOString() };
}
