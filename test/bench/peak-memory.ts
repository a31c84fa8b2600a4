import { readFile, writeFile } from 'node:fs/promises';

/** The most memory that a process has had since it began or since it was reset: VmHWM of /proc/PID/status. Undefined when it is gone. */
export async function peakBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** Begins the count anew from what the process has now: 5 into clear_refs (proc(5)). */
export async function resetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

/** Processor time since the process began, its own and the system's for it: fields 14 and 15 of /proc/PID/stat, in ticks of 10 ms. */
export async function processorSeconds(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' ? undefined : (Number(fields[11]) + Number(fields[12])) / 100;
}

export interface Used {
  readonly peakBytes: number;
  readonly processorSeconds: number;
}

/** Watches a process that ends before anybody could ask it at leisure. `stop` gives what was last seen. */
export function watchProcess(pid: number): { readonly stop: () => Used } {
  let used: Used = { peakBytes: 0, processorSeconds: 0 };
  const look = async () => {
    const [peak, seconds] = await Promise.all([peakBytes(pid), processorSeconds(pid)]);
    used = {
      peakBytes: Math.max(used.peakBytes, peak ?? 0),
      processorSeconds: Math.max(used.processorSeconds, seconds ?? 0),
    };
  };
  const timer = setInterval(() => void look(), 25);
  return {
    stop: () => {
      clearInterval(timer);
      return used;
    },
  };
}
