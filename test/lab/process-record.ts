/**
 * Which process a node is. A process id alone names whoever got the number next; with the start time and the machine's boot id it names
 * one process for ever. The record is written by in-cgroup.sh, by the process itself, before it becomes systemd-nspawn: a verb that dies
 * in between leaves no process that nobody knows of.
 */
import { readFile } from 'node:fs/promises';

/** The recorded process's id, or undefined where it does not run any more (or never did). */
export async function recordedProcess(record: string): Promise<number | undefined> {
  const [pid, startTicks, boot] = (await read(record)).trim().split(' ');
  if (pid === undefined || startTicks === undefined || boot === undefined) return undefined;
  if (boot !== (await read('/proc/sys/kernel/random/boot_id')).trim()) return undefined;
  return (await startTimeTicks(Number(pid))) === startTicks ? Number(pid) : undefined;
}

/** The only child of systemd-nspawn is the node's init. */
export async function firstChild(pid: number): Promise<number | undefined> {
  const [child] = (await read(`/proc/${pid}/task/${pid}/children`)).trim().split(' ');
  return child === undefined || child === '' ? undefined : Number(child);
}

/** Field 22 of /proc/PID/stat; undefined for a process that is gone or a zombie. The name in field 2 may hold spaces and parentheses. */
async function startTimeTicks(pid: number): Promise<string | undefined> {
  const stat = await read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return ''; // the file of a process that has just gone, or no record yet
  }
}
