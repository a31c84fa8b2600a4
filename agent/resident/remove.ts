import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Configuration } from '../configuration.ts';
import { versionFile } from '../operation/keep-tools.ts';
import { toolsFolder } from '../tools/keep-tools.ts';
import { markLeaving } from './keep.ts';
import { accessFolder, commandLink, environmentFile, programFolder } from './places.ts';
import { isOurLink } from './program.ts';
import { residenceOn } from './residence.ts';

/**
 * Takes the agent off its node: unit, program, keys. What else is in the state directory stays, as operations have kept it there.
 * @returns the names of what stays.
 */
export async function removeResident(configuration: Configuration): Promise<readonly string[]> {
  const { hostRoot, stateDirectory, socketPath } = configuration;
  await markLeaving(socketPath);
  if (configuration.residence !== undefined) await (await residenceOn(configuration)).clear();
  const link = join(hostRoot, commandLink);
  if (await isOurLink(link, stateDirectory)) await rm(link, { force: true });
  for (const name of [programFolder, accessFolder, environmentFile, toolsFolder, versionFile])
    await rm(join(stateDirectory, name), { recursive: true, force: true });
  // It stays where operations have kept something.
  await rmdir(join(stateDirectory, 'operations')).catch(() => undefined);
  const kept = await readdir(stateDirectory).catch(() => []);
  // A mount point of the agent's pod cannot be removed, and need not be.
  if (kept.length === 0) await rmdir(stateDirectory).catch(() => undefined);
  return kept;
}
