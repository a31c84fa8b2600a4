import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../core/failure.ts';
import { MemberClient } from '../etcd/member-client.ts';
import type { HostRoot } from '../host/root.ts';
import type { NodeEtcd } from '../serve/routes.ts';
import { keepTools } from '../tools/keep-tools.ts';

const answerWithinMs = 2_000;
const lookEveryMs = 60_000;
/** Until it has been seen once: an agent may be there before etcd is. */
const firstLookEveryMs = 3_000;
/** Within the state directory. */
export const versionFile = 'etcd-version';

interface ToolParts {
  readonly etcd: NodeEtcd;
  readonly stateDirectory: string;
  readonly root: HostRoot;
  /** Into the agent's own log. */
  readonly say: (line: string) => void;
}

/**
 * While etcd runs, copies its tools out of its container, and remembers its version: both are wanted when it does not run. Looks once a minute, more
 * often until it has seen one, and copies when the version has changed.
 */
export async function keepToolsAlways(parts: ToolParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await keepToolsNow(parts).catch((thrown: unknown) => {
      parts.say(messageOf(thrown));
    });
    const isKnown = (await lastVersion(parts.stateDirectory)) !== undefined;
    await sleep(isKnown ? lookEveryMs : firstLookEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function keepToolsNow({ etcd, stateDirectory, root }: ToolParts): Promise<void> {
  const found = await running(etcd);
  if (found === undefined) return;
  const { pid, version } = found;
  if (version === (await lastVersion(stateDirectory))) return;
  await keepTools({ pid, version, stateDirectory, root });
  await writeFile(join(stateDirectory, versionFile), `${version}\n`, { mode: 0o600 });
}

/** Undefined where etcd does not run or does not answer: there is nothing to copy, and no reason to complain. */
async function running(etcd: NodeEtcd): Promise<{ readonly pid: number; readonly version: string } | undefined> {
  try {
    const { pid, state } = await etcd.process();
    if (state !== 'running' || pid === undefined) return undefined;
    using client = new MemberClient(await etcd.endpoint());
    return { pid, version: (await client.status(answerWithinMs)).version };
  } catch {
    return undefined;
  }
}

/** Of the etcd that ran last on this node, where it was seen. */
export async function lastVersion(stateDirectory: string): Promise<string | undefined> {
  const text = await readFile(join(stateDirectory, versionFile), 'utf8').catch(() => '');
  return text.trim() || undefined;
}
