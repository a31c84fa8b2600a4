import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { readManifests } from '../host/manifest-directory.ts';
import { HostRoot } from '../host/root.ts';
import { hostCommand } from '../host/host-commands.ts';
import { environmentFile, staticPodFile, unitName, unitPath } from './places.ts';
import { staticPodText } from './static-pod.ts';
import { environmentText, unitText } from './unit.ts';

/** How the agent lives on the node, beyond any pod of the API server's. */
export interface Residence {
  readonly kind: 'unit' | 'static-pod';
  /** Writes what is needed, and has the agent started anew where that has changed or `anew` says so. Runs again after a crash of itself. */
  readonly settle: (anew: boolean) => Promise<void>;
  /** Takes it all away but the running agent, which ends by itself afterwards. */
  readonly clear: () => Promise<void>;
}

export interface ResidenceParts {
  /** Where this process sees the host's root. */
  readonly hostRoot: string;
  readonly stateDirectory: string;
  /** The image of the keeper, for a static pod. */
  readonly image: string | undefined;
  /** What the agent is told. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * systemd where the host was started by it, else the kubelet's static pods.
 * @throws {Failure} `no-residence` where the host has neither.
 */
export async function residenceOn(parts: ResidenceParts): Promise<Residence> {
  // What sd_booted(3) looks at.
  if (await isFolder(join(parts.hostRoot, '/run/systemd/system'))) return unitResidence(parts);
  const manifests = await readManifests(new HostRoot(parts.hostRoot));
  if (manifests !== undefined && parts.image !== undefined)
    return staticPodResidence(parts, manifests.folder, parts.image);
  throw new Failure({
    reason: 'no-residence',
    what: 'the agent cannot be made to outlive its pod',
    why: 'the host runs neither systemd nor static pods',
  });
}

function unitResidence({ hostRoot, stateDirectory, variables }: ResidenceParts): Residence {
  const run = hostCommand(hostRoot === '/');
  const unit = join(hostRoot, unitPath);
  return {
    kind: 'unit',
    settle: async (anew) => {
      const told = environmentText({ ...variables, KUBECTL_ETCD_RESIDENCE: 'unit' });
      const environmentChanged = await replaceIfOther(join(stateDirectory, environmentFile), told, 0o600);
      const unitChanged = await replaceIfOther(unit, unitText(stateDirectory), 0o644);
      if (unitChanged) await run(['systemctl', 'daemon-reload']);
      await run(['systemctl', 'enable', '--quiet', unitName]);
      await run(['systemctl', anew || environmentChanged || unitChanged ? 'restart' : 'start', unitName]);
    },
    clear: async () => {
      // Without a reload: systemd is to remember that the agent's own end is no reason to start it again.
      await run(['systemctl', 'disable', '--quiet', '--no-reload', unitName]);
      await rm(unit, { force: true });
    },
  };
}

function staticPodResidence(
  { hostRoot, stateDirectory, variables }: ResidenceParts,
  folder: string,
  image: string,
): Residence {
  const manifest = new HostRoot(hostRoot).here(join(folder, staticPodFile));
  return {
    kind: 'static-pod',
    settle: async (anew) => {
      // A pod is made anew when its manifest changes; the kubelet starts a container that has died by itself.
      const started = anew ? { KUBECTL_ETCD_STARTED: new Date().toISOString() } : {};
      const told = { ...variables, ...started, KUBECTL_ETCD_RESIDENCE: 'static-pod' };
      await replaceIfOther(await manifest, staticPodText({ image, stateDirectory, variables: told }), 0o600);
    },
    clear: async () => rm(await manifest, { force: true }),
  };
}

/**
 * Written beside it under a name that the kubelet passes over, made durable, and renamed.
 * @returns whether the file was another before.
 */
async function replaceIfOther(path: string, text: string, mode: number): Promise<boolean> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return false;
  await mkdir(dirname(path), { recursive: true });
  const part = join(dirname(path), `.kubectl-etcd-${process.pid}.part`);
  await rm(part, { force: true });
  const handle = await open(part, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, path);
  return true;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
