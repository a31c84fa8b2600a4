import { stat } from 'node:fs/promises';
import { systemCode } from '../../core/failure.ts';
import type { HostRoot } from '../host/root.ts';

/**
 * The process that holds a lock on a file, as /proc/locks has it: `1: FLOCK  ADVISORY  WRITE 4242 fd:00:131 0 EOF`, with the device in hexadecimal
 * (proc_locks(5)). Undefined where nobody does, or there is no such file. Only processes in this PID namespace and below it are seen.
 */
export async function holderOf(path: string, root: HostRoot): Promise<number | undefined> {
  const file = await stat(path, { bigint: true }).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT' || systemCode(thrown) === 'ENOTDIR') return undefined;
    throw thrown;
  });
  if (file === undefined) return undefined;
  const locks = await root.readText('/proc/locks');
  for (const line of locks.split('\n')) {
    const found = /^\d+: (?:FLOCK|POSIX|OFDLCK)\s+\S+\s+\S+\s+(-?\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) /.exec(line);
    if (found === null) continue;
    const [, pid, major, minor, inode] = found;
    const sameDevice = device(BigInt(`0x${major ?? '0'}`), BigInt(`0x${minor ?? '0'}`)) === file.dev;
    if (BigInt(inode ?? -1) === file.ino && (sameDevice || file.dev === 0n)) return Number(pid);
  }
  return undefined;
}

/** makedev(3) of glibc. */
function device(major: bigint, minor: bigint): bigint {
  return ((major & 0xfffff000n) << 32n) | ((major & 0xfffn) << 8n) | ((minor & 0xffffff00n) << 12n) | (minor & 0xffn);
}
