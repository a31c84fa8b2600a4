import { run } from './command.ts';
import type { ImageEntry } from './image-archive.ts';

/**
 * The shared libraries and the loader that a program of this machine needs, for an image at the paths where its loader looks for them.
 * A static program has none.
 */
export async function sharedLibraries(program: string): Promise<readonly ImageEntry[]> {
  const listed = await run(['ldd', program]);
  const paths = listed.split('\n').flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return [...new Set(paths)].sort().map((path) => ({ path, from: path }));
}
