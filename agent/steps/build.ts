import { rm, rmdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { initialCluster } from '../../core/operation/identity.ts';
import type { DataPlaces, StepOf } from '../../core/operation/steps.ts';
import { Failure } from '../../core/failure.ts';
import { isThere } from '../host/durable.ts';
import { buildData } from '../tools/build-data.ts';
import { findTool } from '../tools/find-tool.ts';
import { likeTheOld } from '../tools/like-the-old.ts';
import { besidePaths } from './step.ts';
import type { StepContext, StepDriver } from './step.ts';

/** etcd's own tool builds the new data beside the old: the trial restore, and what will be used. */
export const buildStep: StepDriver<'build'> = {
  apply: async (step, context) => {
    const { node, root, stateDirectory, folder, run, signal, progress } = context;
    const { built, builtWal } = besidePaths(step.places);
    const tool = await findTool({
      version: step.etcdVersion,
      stateDirectory,
      root,
      needsBump: step.bumpRevision !== undefined,
      etcdFolder: step.etcdFolder,
    });
    progress(`building with ${tool.program} ${tool.version}`);
    const own = step.identity.members.find(({ name }) => name === step.name);
    if (own === undefined) throw new Error(`${step.name} is not among the members`);
    const into = await root.here(built);
    const data = await buildData({
      tool,
      snapshot: join(folder, step.snapshot),
      into,
      ...(builtWal === undefined ? {} : { walInto: await root.here(builtWal) }),
      name: step.name,
      initialCluster: initialCluster(step.identity),
      token: step.token,
      peerUrls: own.peerUrls,
      ...(step.bumpRevision === undefined ? {} : { bumpRevision: step.bumpRevision }),
      skipHashCheck: step.withoutChecksum,
      signal,
    });
    holdToPlan(step, data.members, node);
    const { dataDir, walDir } = step.places;
    // Where the whole directory has gone there is nobody whose it was.
    if (await isThere(await root.here(dataDir)))
      await likeTheOld({ newDirectory: built, oldDirectory: dataDir, root, run });
    if (walDir !== undefined && builtWal !== undefined && (await isThere(await root.here(walDir))))
      await likeTheOld({ newDirectory: builtWal, oldDirectory: walDir, root, run });
    return { revision: data.revision, sizeBytes: data.sizeBytes, tool: `${tool.program} ${tool.version}` };
  },

  undo: async ({ places }, context) => dropBuilt(places, context),
};

/** Deletes what was built beside the data. As it was before: the operation's own folders go too, unless something is kept in them. */
export async function dropBuilt(places: DataPlaces, { root }: Pick<StepContext, 'root'>): Promise<void> {
  const { built, builtWal } = besidePaths(places);
  for (const path of [built, builtWal])
    if (path !== undefined) await rm(await root.here(path), { recursive: true, force: true });
  for (const folder of [places.besideData, places.besideWal])
    if (folder !== undefined)
      for (const each of [folder, posix.dirname(folder)]) await rmdir(await root.here(each)).catch(() => undefined);
}

/** Every node is held to the ids of the plan: so all of them are the same. */
function holdToPlan(
  { identity }: StepOf<'build'>,
  members: readonly { readonly id: string; readonly name: string }[],
  node: string,
): void {
  const facts = (list: readonly { readonly id: string; readonly name: string }[]) =>
    list
      .map(({ id, name }) => `${name} ${id}`)
      .sort()
      .join(', ');
  if (facts(members) === facts(identity.members)) return;
  throw new Failure({
    reason: 'members-differ',
    what: 'the members of the data that was built are not those of the plan',
    node,
    why: `${facts(members)}; the plan has ${facts(identity.members)}`,
  });
}
