/** What plans of all kinds are put together from. Pure. */
import { posix } from 'node:path';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import type { Phase, PlacedStep } from '../../core/operation/plan.ts';
import type { DataPlaces, Step, Workload } from '../../core/operation/steps.ts';

/**
 * An API server and an etcd with open streams take all the time that they are given, and nothing is gained by it: what etcd has acknowledged is in
 * its write-ahead log.
 */
export const graceSeconds = 2;

export const touching = { touches: true };

export type Steps = readonly { readonly node: string; readonly does: Step }[];

/** Ids are `PHASE.NODE.KIND`: unique as long as the names of a plan's phases are. */
export function phaseOf(
  name: string,
  what: string,
  steps: Steps,
  more: Pick<Phase, 'touches' | 'servesNewData'> = {},
): Phase {
  const counted = new Map<string, number>();
  const place = ({ node, does }: Steps[number]): PlacedStep => {
    const known = counted.get(`${node} ${does.kind}`) ?? 0;
    counted.set(`${node} ${does.kind}`, known + 1);
    return { id: `${name}.${node}.${does.kind}${known === 0 ? '' : known + 1}`, node, does };
  };
  return { name, what, steps: steps.map(place), ...more };
}

export const isEtcd = ({ component }: Workload) => component === 'etcd';
export const isApiServer = ({ component }: Workload) => component === 'kube-apiserver';
export const isControlPlane = (workload: Workload) => !isEtcd(workload);

/** With the operation's own place for the manifest, or for the variables of a unit. */
export function placed(id: string, workload: Workload): Workload {
  const own = (aside: string) => posix.join(posix.dirname(aside), id, posix.basename(aside));
  if (workload.by === 'static-pod') return { ...workload, aside: own(workload.aside) };
  if (workload.by === 'process' || workload.environment === undefined) return workload;
  const { file, aside } = workload.environment;
  return { ...workload, environment: { file, aside: own(aside) } };
}

/** With the operation's own folders beside the data. */
export function placesFor(
  id: string,
  { dataDir, walDir, besideData, besideWal }: NonNullable<NodeSurvey['places']>,
): DataPlaces {
  return {
    dataDir,
    ...(walDir === undefined ? {} : { walDir }),
    besideData: posix.join(besideData, id),
    ...(besideWal === undefined ? {} : { besideWal: posix.join(besideWal, id) }),
  };
}
