import { open, rename, rm, rmdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Failure, messageOf, systemCode } from '../../core/failure.ts';
import type { StepOf } from '../../core/operation/steps.ts';
import { yamlLimitBytes } from '../host/bounded-yaml.ts';
import { etcdConfigurationOf } from '../host/etcd-configuration.ts';
import { isThere, makeFolders } from '../host/durable.ts';
import type { StepContext, StepDriver } from './step.ts';

/**
 * What will be done when all is stopped, tried while all still runs: a rename from every place that will be moved to where it will go (a mount or
 * a subvolume in between shows only then), and the edit of etcd's manifest.
 */
export const rehearseStep: StepDriver<'rehearse'> = {
  apply: async (step, context) => {
    for (const [from, to] of moves(step)) await tryRename(from, to, context);
    if (step.etcdFlags === undefined) return;
    for (const each of step.workloads) {
      const configuration = etcdConfigurationOf(each);
      if (configuration?.file === undefined) continue;
      // A fence has put it aside already.
      const isAside = each.by === 'static-pod' && !(await isThere(await context.root.here(each.file)));
      const file = isAside ? each.aside : configuration.file;
      configuration.withFlags(await context.root.readText(file, yamlLimitBytes), step.etcdFlags);
    }
  },

  undo: async (step, context) => {
    for (const [from, to] of moves(step)) {
      const { here, there } = await probe(from, to, context);
      for (const path of [here, there]) await rm(path, { force: true });
      // As it was before, unless something is kept in them.
      for (const folder of [to, posix.dirname(to)]) await rmdir(await context.root.here(folder)).catch(() => undefined);
    }
  },
};

/** From which folder to which. */
function moves({ places, workloads }: StepOf<'rehearse'>): [from: string, to: string][] {
  const { dataDir, walDir, besideData, besideWal } = places;
  return [
    [dataDir, besideData],
    ...(walDir === undefined || besideWal === undefined ? [] : [[walDir, besideWal] satisfies [string, string]]),
    ...workloads.flatMap((each): [string, string][] => {
      const moved = each.by === 'static-pod' ? each : each.by === 'systemd' ? each.environment : undefined;
      return moved === undefined ? [] : [[posix.dirname(moved.file), posix.dirname(moved.aside)]];
    }),
  ];
}

/** The kubelet passes over what begins with a dot, and etcd over what it does not know. */
async function probe(from: string, to: string, { root, operation }: StepContext) {
  const name = `.kubectl-etcd-${operation}.probe`;
  return { here: join(await root.here(from), name), there: join(await root.here(to), name) };
}

async function tryRename(from: string, to: string, context: StepContext): Promise<void> {
  const { root, node } = context;
  const { here, there } = await probe(from, to, context);
  try {
    await makeFolders(await root.here(from));
    await makeFolders(await root.here(to));
    await (await open(here, 'w', 0o600)).close();
    await rename(here, there);
  } catch (thrown) {
    const apart = systemCode(thrown) === 'EXDEV';
    throw new Failure({
      reason: 'cannot-move',
      what: `what is in ${from} cannot be moved to ${to}`,
      node,
      why: apart ? 'they are on two file systems, mounts or subvolumes' : messageOf(thrown),
      next: `nothing was stopped; on the node: findmnt -T ${from}; findmnt -T ${to}`,
      cause: thrown,
    });
  } finally {
    await rm(here, { force: true });
    await rm(there, { force: true });
  }
}
