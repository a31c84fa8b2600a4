import type { HostRoot } from '../host/root.ts';

/** Where file systems are mounted on the host, from the mountinfo of its first process (proc_pid_mountinfo(5)). */
export async function mountPoints(root: HostRoot): Promise<ReadonlySet<string>> {
  return parseMountPoints((await root.readTextIfThere('/proc/1/mountinfo')) ?? '');
}

/** The fifth field of each line, with its octal escapes read. */
export function parseMountPoints(mountinfo: string): ReadonlySet<string> {
  return new Set(
    mountinfo
      .split('\n')
      .map((line) => line.split(' ')[4])
      .filter((point) => point !== undefined)
      .map((point) => point.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8)))),
  );
}
