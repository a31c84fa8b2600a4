import { posix } from 'node:path';

/** In the folder of the file itself, so that a rename leads there; 0700, as keys lie in it. Paths of the host. */
function folderBeside(file: string, operation: string): string {
  return posix.join(posix.dirname(file), '.kubectl-etcd', operation);
}

/** Where new files wait to be used. */
export function freshFolder(file: string, operation: string): string {
  return posix.join(folderBeside(file, operation), 'new');
}

/** Where the old ones are kept. */
export function keptFolder(file: string, operation: string): string {
  return posix.join(folderBeside(file, operation), 'old');
}
