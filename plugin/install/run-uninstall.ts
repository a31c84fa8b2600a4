import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { Cluster } from '../cluster/cluster.ts';
import { loadKubeConfig } from '../cluster/connection.ts';
import type { ConnectionFlags } from '../cluster/connection.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { Progress } from '../report/progress.ts';
import { installationObjects } from './objects.ts';
import { timeoutFlag } from './timeout-flag.ts';

const lookEveryMs = 500;

/** Deletes what install has created, in the opposite order, and waits until it is gone. Done where there is nothing. */
export async function runUninstall(options: {
  readonly flags: ConnectionFlags & { readonly timeout: string };
  readonly surroundings: Surroundings;
}): Promise<ExitCode> {
  const { flags, surroundings } = options;
  const { terminal, signal } = surroundings;
  const endMs = performance.now() + timeoutFlag(flags.timeout);
  const cluster = new Cluster(loadKubeConfig(flags, surroundings.environment), signal);
  using progress = new Progress(terminal, 'deleting the agents');

  const objects = installationObjects({ clusterName: '' }).reverse();
  const deleted = [];
  for (const object of objects) if (await cluster.remove(object)) deleted.push(object);
  for (const object of deleted) {
    progress.wait(`waiting until the ${object.kind ?? ''} ${object.metadata?.name ?? ''} is gone`);
    while (await cluster.exists(object)) {
      if (performance.now() > endMs)
        throw new Failure({
          reason: 'not-gone',
          what: `the ${object.kind ?? ''} ${object.metadata?.name ?? ''} is being deleted, but is still there`,
          next: 'kubectl get namespace kubectl-etcd -o yaml says what it waits for',
        });
      await sleep(lookEveryMs, undefined, { signal });
    }
  }
  progress.end();
  terminal.print(
    deleted.length === 0 ? 'nothing is installed\n' : 'the agents are gone; etcd and its snapshots were not touched\n',
  );
  return exitCode.done;
}
