import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { Cluster } from '../cluster/cluster.ts';
import { loadKubeConfig } from '../cluster/connection.ts';
import type { ConnectionFlags } from '../cluster/connection.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { Progress } from '../report/progress.ts';
import { reachOf } from '../cluster/reach-through-api.ts';
import { installationObjects } from './objects.ts';
import { removeByHand, removeResidents } from './remove-residents.ts';
import { timeoutFlag } from './timeout-flag.ts';

const lookEveryMs = 500;

/**
 * Has the agents take themselves off their nodes, deletes what install has created, in the opposite order, and waits until it is gone. Done
 * where there is nothing. Exit code 3 where a node could not be cleaned.
 */
export async function runUninstall(options: {
  readonly flags: ConnectionFlags & { readonly timeout: string };
  readonly surroundings: Surroundings;
}): Promise<ExitCode> {
  const { flags, surroundings } = options;
  const { terminal, signal } = surroundings;
  const endMs = performance.now() + timeoutFlag(flags.timeout);
  const cluster = new Cluster(loadKubeConfig(flags, surroundings.environment), signal);
  using progress = new Progress(terminal, 'deleting the agents');

  const untilGone = async (what: string, isThere: () => Promise<boolean>) => {
    progress.wait(`waiting until ${what} gone`);
    while (await isThere()) {
      if (performance.now() > endMs)
        throw new Failure({
          reason: 'not-gone',
          what: `not everything is gone in time: waited until ${what} gone`,
          next: 'kubectl get namespace kubectl-etcd -o yaml says what it waits for',
        });
      await sleep(lookEveryMs, undefined, { signal });
    }
  };

  const { kept, failed } = await removeResidents(reachOf(cluster, await cluster.discover()), signal);
  const objects = installationObjects({ clusterName: '' }).reverse();
  const deleted = [];
  for (const object of objects) {
    if (!(await cluster.remove(object))) continue;
    deleted.push(object);
    // A namespace that is deleted with pods in it is looked at again only after half their grace period, and again after that.
    if (object.kind === 'DaemonSet')
      await untilGone('the agents are', async () => (await cluster.agentPods()).length > 0);
  }
  for (const object of deleted)
    await untilGone(`the ${object.kind ?? ''} ${object.metadata?.name ?? ''} is`, () => cluster.exists(object));
  progress.end();
  terminal.print(
    deleted.length === 0 ? 'nothing is installed\n' : 'the agents are gone; etcd and its snapshots were not touched\n',
  );
  for (const [node, names] of kept)
    terminal.note(`${node}: /var/lib/kubectl-etcd keeps ${names.join(', ')}: put there by operations, yours to delete`);
  for (const [node, { what, why }] of failed)
    terminal.note(
      `${node}: the agent is still on the node: ${[what, why].filter(Boolean).join(': ')}\n  there, as root: ${removeByHand}`,
    );
  return failed.size === 0 ? exitCode.done : exitCode.degraded;
}
