import { readManifest } from '../../core/snapshot/manifest.ts';
import type { SnapshotManifest } from '../../core/snapshot/manifest.ts';
import { openFile } from '../../core/snapshot/source.ts';
import type { RandomAccess } from '../../core/snapshot/source.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { Progress } from '../report/progress.ts';

export interface OpenedSnapshot {
  readonly source: RandomAccess;
  /** What lies beside it. */
  readonly manifest: SnapshotManifest | undefined;
  readonly progress: Progress;
}

/** Reads a whole snapshot, with its manifest, while a person sees how far it is. @param doing as `verifying`. */
export async function readSnapshotFile<Found>(
  file: string,
  doing: string,
  { terminal, signal }: Surroundings,
  read: (opened: OpenedSnapshot) => Promise<Found>,
): Promise<Found> {
  await using source = await openFile(file);
  const manifest = await readManifest(file);
  using progress = new Progress(terminal, `${doing} ${file}`);
  const found = await read({ source, manifest, progress });
  signal.throwIfAborted();
  return found;
}
